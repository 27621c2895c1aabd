package arrowconv

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Page is a page of the report. It has one reference to its memory, which [Page.Release]
// drops. A page must be used by one goroutine at a time. Other goroutines may use and
// release its record batch and its slices at the same time.
type Page struct {
	schema     *arrow.Schema
	mem        memory.Allocator
	slab       *slab             // nil after Release
	from, to   int               // its rows among those of the slab
	batch      arrow.RecordBatch // nil before the first call of Record
	ids        []int64
	total      int64
	totalKnown bool
	headers    []byte
}

// Record returns the record batch of the columns. It is valid until the page is released;
// retain it to keep it longer. Record returns nil after Release.
func (p *Page) Record() arrow.RecordBatch {
	// Created on demand, because exported pages need no record batch.
	if p.batch == nil && p.slab != nil {
		arrays := make([]arrow.Array, p.schema.NumFields())
		nodes := p.slab.nodes
		for i, f := range p.schema.Fields() {
			var whole arrow.ArrayData
			whole, nodes = p.slab.data(f.Type, nodes)
			rows := sliceData(p.mem, whole, p.from, p.to)
			arrays[i] = array.MakeFromData(rows)
			whole.Release()
			rows.Release()
		}
		p.batch = array.NewRecordBatch(p.schema, arrays, int64(len(p.ids)))
		for _, a := range arrays {
			a.Release()
		}
	}
	return p.batch
}

// data returns the first node and its fields as an array of arrow-go, which the caller must
// release, and the nodes that follow.
func (s *slab) data(t arrow.DataType, nodes []node) (arrow.ArrayData, []node) {
	n, rest := nodes[0], nodes[1:]
	buffers := make([]*memory.Buffer, n.count)
	for i, r := range n.buffers[:n.count] {
		if i > 0 || n.nulls > 0 {
			buffers[i] = memory.SliceBuffer(s.whole, r.from, r.size)
		}
	}
	parts := make([]arrow.ArrayData, n.parts)
	for i := range parts {
		parts[i], rest = s.data(t.(arrow.NestedType).Fields()[i].Type, rest)
	}
	return newData(t, n.rows, n.nulls, parts, buffers...), rest
}

// newData takes over the references to buffers and children.
func newData(t arrow.DataType, n, nulls int, children []arrow.ArrayData, buffers ...*memory.Buffer) arrow.ArrayData {
	data := array.NewData(t, n, buffers, children, nulls, 0)
	for _, b := range buffers {
		if b != nil {
			b.Release()
		}
	}
	for _, c := range children {
		c.Release()
	}
	return data
}

// Total returns the number of rows of the complete report according to the response, 0 or
// more. known is false if it is null or absent.
func (p *Page) Total() (total int64, known bool) { return p.total, p.totalKnown }

// IDs returns the ids of the customers, one for each row. The slice stays valid after
// Release and must not be changed.
func (p *Page) IDs() []int64 { return p.ids }

// Slice returns the rows [from, to) as a page with its own reference, without a copy. The
// receiver stays valid. Slice panics after Release, or unless 0 <= from <= to <= the
// number of rows.
func (p *Page) Slice(from, to int) *Page {
	if from < 0 || from > to || to > len(p.ids) || p.slab == nil {
		panic(fmt.Sprintf("arrowconv: slice [%d, %d) of a page of %d rows (released: %t)", from, to, len(p.ids), p.slab == nil))
	}
	s := *p
	s.slab.whole.Retain()
	s.ids, s.batch = p.ids[from:to:to], nil
	s.from, s.to = p.from+from, p.from+to
	return &s
}

// Release drops the page's reference to its memory. Further calls do nothing.
func (p *Page) Release() {
	if p.slab == nil {
		return
	}
	p.slab.whole.Release()
	if p.batch != nil {
		p.batch.Release()
	}
	p.slab, p.batch = nil, nil
}

// sliceData is array.NewSliceData, except that a struct keeps offset 0 and only its fields
// are sliced. arrow-go exports the slice of a struct to C with an offset in both the struct
// and its fields, and readers add them. So no struct of a page has an offset.
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
