package arrowconv

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Page is a page of the report. It holds one reference to its memory, which
// [Page.Release] drops. A page is used by one goroutine at a time; its record
// batch and its slices may be used and released by others meanwhile.
type Page struct {
	schema     *arrow.Schema
	mem        memory.Allocator
	columns    []arrow.ArrayData
	batch      arrow.RecordBatch // nil until asked for
	released   bool
	ids        []int64
	total      int64
	totalKnown bool
	headers    []byte
}

// Record is the batch of the projected columns, valid until the page is released
// unless the caller retains it. It is nil after Release.
func (p *Page) Record() arrow.RecordBatch {
	// Not before it is asked for: most pages of a scan are only sliced.
	if p.batch == nil && !p.released {
		arrays := make([]arrow.Array, len(p.columns))
		for i, data := range p.columns {
			arrays[i] = array.MakeFromData(data)
		}
		p.batch = array.NewRecordBatch(p.schema, arrays, int64(len(p.ids)))
		for _, a := range arrays {
			a.Release()
		}
	}
	return p.batch
}

// Total is the number of rows of the whole report as the answer tells it, 0 or
// more; not known when it told null or nothing.
func (p *Page) Total() (total int64, known bool) { return p.total, p.totalKnown }

// IDs are the ids of the customers in the order of the rows, one for each. They
// remain valid after Release and must not be changed.
func (p *Page) IDs() []int64 { return p.ids }

// Slice is rows [from, to) as a page with a reference of its own; nothing but
// some validity bits is copied, and the receiver stays valid. It panics unless
// 0 <= from <= to <= the number of rows, or after Release.
func (p *Page) Slice(from, to int) *Page {
	if from < 0 || from > to || to > len(p.ids) || p.released {
		panic(fmt.Sprintf("arrowconv: slice [%d, %d) of a page of %d rows (released: %t)", from, to, len(p.ids), p.released))
	}
	s := *p
	s.ids, s.batch = p.ids[from:to:to], nil
	s.columns = make([]arrow.ArrayData, len(p.columns))
	for i, data := range p.columns {
		s.columns[i] = sliceData(p.mem, data, from, to)
	}
	return &s
}

// Release drops the page's reference to its memory. Further calls do nothing.
func (p *Page) Release() {
	if p.released {
		return
	}
	p.released = true
	for _, data := range p.columns {
		data.Release()
	}
	if p.batch != nil {
		p.batch.Release()
	}
	p.columns, p.batch = nil, nil
}

// sliceData is array.NewSliceData, save that a struct starts at offset 0 and its
// parts alone are sliced. Exported to C, arrow-go's own slice of a struct applies
// its offset twice: the parts carry it already, and readers add the struct's. So
// no struct of a page has an offset.
func sliceData(mem memory.Allocator, whole arrow.ArrayData, from, to int) arrow.ArrayData {
	if whole.DataType().ID() != arrow.STRUCT {
		return array.NewSliceData(whole, int64(from), int64(to))
	}
	parts := make([]arrow.ArrayData, len(whole.Children()))
	for i, part := range whole.Children() {
		parts[i] = sliceData(mem, part, from, to)
	}
	n, nulls := to-from, 0
	var valid *memory.Buffer
	if all := whole.Buffers()[0]; all != nil && n > 0 {
		valid = memory.NewResizableBuffer(mem)
		valid.Resize(int(bitutil.BytesForBits(int64(n))))
		bitutil.CopyBitmap(all.Bytes(), from, n, valid.Bytes(), 0)
		nulls = n - bitutil.CountSetBits(valid.Bytes(), 0, n)
	}
	return newData(whole.DataType(), n, nulls, parts, valid)
}
