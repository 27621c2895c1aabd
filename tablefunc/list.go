package tablefunc

import (
	"fmt"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory/mallocator"
	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/internal/duckc"
	"github.com/teamupsql/teamupsql/internal/guard"
)

// This file has table functions over a list of Go values.

// listColumn is a column of such a table, whose rows are values of type R.
type listColumn[R any] struct {
	name    string
	logical mapping.Type
	arrow   arrow.DataType
	put     func(b array.Builder, r *R)
}

func bigint[R any](name string, of func(*R) int64) listColumn[R] {
	return listColumn[R]{name, mapping.TypeBigInt, arrow.PrimitiveTypes.Int64,
		func(b array.Builder, r *R) { b.(*array.Int64Builder).Append(of(r)) }}
}

func integer[R any](name string, of func(*R) int) listColumn[R] {
	return listColumn[R]{name, mapping.TypeInteger, arrow.PrimitiveTypes.Int32,
		func(b array.Builder, r *R) { b.(*array.Int32Builder).Append(int32(of(r))) }}
}

func varchar[R any](name string, of func(*R) string) listColumn[R] {
	return listColumn[R]{name, mapping.TypeVarchar, arrow.BinaryTypes.String,
		func(b array.Builder, r *R) { b.(*array.StringBuilder).Append(of(r)) }}
}

func interval[R any](name string, of func(*R) time.Duration) listColumn[R] {
	return listColumn[R]{name, mapping.TypeInterval, arrow.FixedWidthTypes.Duration_us,
		func(b array.Builder, r *R) {
			b.(*array.DurationBuilder).Append(arrow.Duration(of(r).Microseconds()))
		}}
}

// orNull is the column with NULL if a row has no value for it.
func (c listColumn[R]) orNull(absent func(*R) bool) listColumn[R] {
	put := c.put
	c.put = func(b array.Builder, r *R) {
		if absent(r) {
			b.AppendNull()
			return
		}
		put(b, r)
	}
	return c
}

// logicalType makes the column's DuckDB type. The caller destroys it.
func (c listColumn[R]) logicalType() mapping.LogicalType {
	if c.logical != mapping.TypeMap {
		return mapping.CreateLogicalType(c.logical)
	}
	text := mapping.CreateLogicalType(mapping.TypeVarchar)
	defer mapping.DestroyLogicalType(&text)
	return mapping.CreateMapType(text, text)
}

// boundList is a call of such a function. rows returns the rows of an execution.
type boundList[R any] struct {
	function string
	columns  []listColumn[R]
	rows     func() []R
}

// bindList declares the columns to DuckDB.
func bindList[R any](info mapping.BindInfo, function string, columns []listColumn[R], rows func() []R) boundList[R] {
	for _, c := range columns {
		logical := c.logicalType()
		mapping.BindAddResultColumn(info, c.name, logical)
		mapping.DestroyLogicalType(&logical)
	}
	return boundList[R]{function, columns, rows}
}

func (boundList[R]) Destroy() {}

// Begin begins a scan of the columns that the plan reads.
func (l boundList[R]) Begin(info mapping.InitInfo) (duckc.Scan, error) {
	s := &listScan[R]{function: l.function, left: l.rows()}
	var fields []arrow.Field
	for i := range mapping.InitGetColumnCount(info) {
		if at := mapping.InitGetColumnIndex(info, i); at < mapping.IdxT(len(l.columns)) {
			c := l.columns[at]
			s.columns = append(s.columns, c)
			fields = append(fields, arrow.Field{Name: c.name, Type: c.arrow, Nullable: true})
		}
	}
	s.schema = arrow.NewSchema(fields, nil)
	var err error
	if s.importer, err = duckc.NewImporter(s.schema); err != nil {
		return nil, err
	}
	return s, nil
}

// listScan reads the rows that there were when it began.
type listScan[R any] struct {
	function string
	left     []R
	columns  []listColumn[R]
	schema   *arrow.Schema
	importer *duckc.Importer
}

// Fill puts the next rows into out.
func (s *listScan[R]) Fill(out mapping.DataChunk) error {
	if err := guard.Run("", func() error { return s.fill(out) }); err != nil {
		return fmt.Errorf("%s: %w", s.function, err)
	}
	return nil
}

func (s *listScan[R]) fill(out mapping.DataChunk) error {
	n := min(len(s.left), vectorSize())
	now := s.left[:n]
	s.left = s.left[n:]
	if n == 0 || len(s.columns) == 0 {
		mapping.DataChunkSetSize(out, mapping.IdxT(n))
		return nil
	}
	b := array.NewRecordBuilder(mallocator.NewMallocator(), s.schema)
	defer b.Release()
	for i, c := range s.columns {
		for j := range now {
			c.put(b.Field(i), &now[j])
		}
	}
	batch := b.NewRecordBatch()
	defer batch.Release()
	return s.importer.HandOver(batch, out)
}

func (s *listScan[R]) Destroy() {
	s.importer.Close()
}
