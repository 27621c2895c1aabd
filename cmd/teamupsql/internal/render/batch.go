package render

import (
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// cell is one value as text; null reports whether it is NULL.
type cell struct {
	text string
	null bool
}

// batch is some rows of a result as text, column by column.
type batch struct {
	cells [][]cell
	rows  int
}

func newBatch(columns int) *batch { return &batch{cells: make([][]cell, columns)} }

func (b *batch) append(other *batch) {
	for i := range b.cells {
		b.cells[i] = append(b.cells[i], other.cells[i]...)
	}
	b.rows += other.rows
}

// slice is the rows from one number to before another.
func (b *batch) slice(from, to int) *batch {
	part := newBatch(len(b.cells))
	for i := range b.cells {
		part.cells[i] = b.cells[i][from:to]
	}
	part.rows = to - from
	return part
}

// readAll reads a result whose columns are all VARCHAR.
func readAll(result *mapping.Result) (*batch, error) {
	b := newBatch(int(mapping.ColumnCount(result)))
	for {
		chunk := mapping.FetchChunk(*result)
		if chunk.Ptr == nil {
			return b, nil
		}
		rows := int(mapping.DataChunkGetSize(chunk))
		for i := range b.cells {
			b.cells[i] = appendCells(b.cells[i], mapping.DataChunkGetVector(chunk, mapping.IdxT(i)), rows)
		}
		b.rows += rows
		mapping.DestroyDataChunk(&chunk)
	}
}

// appendCells copies a VARCHAR vector out of DuckDB's memory, into one string that
// the cells share.
func appendCells(cells []cell, vector mapping.Vector, rows int) []cell {
	if rows == 0 {
		return cells
	}
	valid := func(int) bool { return true }
	if mask := mapping.VectorGetValidity(vector); mask != nil {
		words := unsafe.Slice((*uint64)(mask), (rows+63)/64)
		valid = func(row int) bool { return words[row/64]>>(row%64)&1 == 1 }
	}
	data := unsafe.Slice((*duckString)(mapping.VectorGetData(vector)), rows)
	size := 0
	for row := range data {
		if valid(row) {
			size += int(data[row].length)
		}
	}
	buffer := make([]byte, 0, size)
	for row := range data {
		if valid(row) {
			buffer = append(buffer, data[row].bytes()...)
		}
	}
	shared, at := unsafe.String(unsafe.SliceData(buffer), len(buffer)), 0
	for row := range data {
		if !valid(row) {
			cells = append(cells, cell{null: true})
			continue
		}
		end := at + int(data[row].length)
		cells = append(cells, cell{text: shared[at:end]})
		at = end
	}
	return cells
}

// duckString is DuckDB's string_t: the length and, for up to 12 bytes, the text; otherwise
// its first four bytes and its address.
type duckString struct {
	length uint32
	prefix [4]byte
	rest   [8]byte
}

func (s *duckString) bytes() []byte {
	if s.length <= 12 {
		return unsafe.Slice(&s.prefix[0], s.length)
	}
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&s.rest)), s.length)
}
