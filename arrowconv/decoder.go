package arrowconv

import (
	"math"
	"slices"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/teamupsql/teamupsql/report"
)

// DefaultMaxRows is the default of Options.MaxRows. The report documents at most 100 rows;
// a server that ignores the limit sends more.
const DefaultMaxRows = 10_000

// Options configure a [Decoder]. The zero value is ready to use.
type Options struct {
	// Allocator allocates the memory of the pages. If it is nil, the memory is from C's
	// malloc, so that pages can be passed to C.
	Allocator memory.Allocator
	// MaxRows is the most rows of a page. 0 is DefaultMaxRows, a negative number is no
	// limit.
	MaxRows int
	// Requested contains the keys that were requested, as in the query's columns, and those
	// of custom fields. A response with rows must contain each of these keys that belongs
	// to a column of the decoder; otherwise Decode returns a [*MissingColumnsError]. A
	// column that was not requested is NULL if it is absent. If Requested is nil, all
	// columns were requested.
	Requested []string
}

// Decoder decodes pages of the report into record batches of one projection. It is safe
// for concurrent use. Concurrent calls use separate working memory, which is reused.
type Decoder struct {
	schema  *arrow.Schema
	mem     memory.Allocator
	maxRows int
	readers sync.Pool // of *reader
}

// NewDecoder returns a decoder for columns of a report, in the order of the batch. A column
// can be a documented column, a struct with only some of its fields, or an undocumented
// column such as a custom field. An undocumented column is read from the members with its
// Name and Keys; a name with dots can be a member or a path to one. Without columns, the
// batch has only a number of rows.
//
// NewDecoder returns an error if two columns have the same name, if a type is incomplete,
// or if the key is not BIGINT.
func NewDecoder(of *report.Report, columns []report.Field, opts Options) (*Decoder, error) {
	root, id, err := newRoot(of, columns)
	if err != nil {
		return nil, err
	}
	columns = slices.Clone(columns)
	d := &Decoder{schema: Schema(columns), mem: opts.Allocator, maxRows: opts.MaxRows}
	if d.mem == nil {
		d.mem = &cMemory
	}
	switch {
	case d.maxRows == 0:
		d.maxRows = DefaultMaxRows
	case d.maxRows < 0:
		d.maxRows = math.MaxInt
	}
	keys := slices.Clone(opts.Requested)
	read := func(root *record, id *fixed[int64]) *reader {
		return &reader{root: root, id: id, key: of.Key, rowName: of.Row, request: newContract(root, of.Key, columns, keys), maxRows: d.maxRows}
	}
	d.readers.New = func() any {
		root, id, _ := newRoot(of, columns)
		return read(root, id)
	}
	d.readers.Put(read(root, id))
	return d, nil
}

// Schema returns the schema of every page's record batch, see the function [Schema].
func (d *Decoder) Schema() *arrow.Schema { return d.schema }

// Decode decodes a response of the report. The caller must release the page. Decode does
// not keep the body. The error is a [*FormatError], a [*ValueError] or a
// [*MissingColumnsError].
//
// Every row must have a valid key, whether or not that is among the columns.
func (d *Decoder) Decode(body []byte) (*Page, error) {
	r := d.readers.Get().(*reader)
	defer d.readers.Put(r)
	defer r.reset()
	page, err := r.read(body)
	if err != nil {
		return nil, err
	}
	page.schema, page.mem, page.slab = d.schema, d.mem, d.gather(r)
	page.to = len(page.ids)
	return page, nil
}

// gather copies the values of the reader to memory of the page.
func (d *Decoder) gather(r *reader) *slab {
	columns := r.root.parts[:d.schema.NumFields()]
	size := 0
	for _, c := range columns {
		size += c.size()
	}
	s := newSlab(d.mem, size, r.nodes)
	for _, c := range columns {
		c.put(s)
	}
	r.nodes = len(s.nodes)
	return s
}
