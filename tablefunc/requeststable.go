package tablefunc

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory/mallocator"
	"github.com/duckdb/duckdb-go/v2/mapping"
)

// RequestsFunctionName is the name in SQL of the table function that lists the latest
// 2,000 requests in the order in which they ended. A connection sees the requests of all
// connections of its connector; one that duckdb-go opened sees those of all connections
// that a call of [Register] serves.
const RequestsFunctionName = "teamup_requests"

// requestColumn is a column of that table.
type requestColumn struct {
	name    string
	logical mapping.Type
	arrow   arrow.DataType
	put     func(b array.Builder, r *pastRequest)
}

var requestColumns = []requestColumn{
	{"time", mapping.TypeTimestampTZ, arrow.FixedWidthTypes.Timestamp_us, func(b array.Builder, r *pastRequest) {
		b.(*array.TimestampBuilder).Append(arrow.Timestamp(r.event.Time.UnixMicro()))
	}},
	bigint("statement", func(r *pastRequest) int64 { return r.statement }),
	integer("scan", func(r *pastRequest) int { return r.scan }).orNull(func(r *pastRequest) bool { return r.scan == 0 }),
	varchar("method", func(r *pastRequest) string { return r.event.Method }),
	varchar("path", func(r *pastRequest) string { return r.event.Path }),
	{"parameters", mapping.TypeMap, arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String), putParameters},
	bigint("provider_id", func(r *pastRequest) int64 { return r.event.ProviderID }).orNull(func(r *pastRequest) bool { return r.event.ProviderID == 0 }),
	integer("status", func(r *pastRequest) int { return r.event.Status }).orNull(func(r *pastRequest) bool { return r.event.Status == 0 }),
	bigint("rows", func(r *pastRequest) int64 { return int64(r.event.Rows) }),
	bigint("bytes", func(r *pastRequest) int64 { return r.event.Bytes }),
	interval("duration", func(r *pastRequest) time.Duration { return r.event.Duration }),
	integer("try", func(r *pastRequest) int { return r.event.Try }),
	interval("waited", func(r *pastRequest) time.Duration { return r.event.Waited }),
	varchar("reason", func(r *pastRequest) string { return string(r.event.Reason) }),
	{"error", mapping.TypeVarchar, arrow.BinaryTypes.String, func(b array.Builder, r *pastRequest) {
		if r.err == "" {
			b.AppendNull()
			return
		}
		b.(*array.StringBuilder).Append(r.err)
	}},
}

func bigint(name string, of func(*pastRequest) int64) requestColumn {
	return requestColumn{name, mapping.TypeBigInt, arrow.PrimitiveTypes.Int64,
		func(b array.Builder, r *pastRequest) { b.(*array.Int64Builder).Append(of(r)) }}
}

func integer(name string, of func(*pastRequest) int) requestColumn {
	return requestColumn{name, mapping.TypeInteger, arrow.PrimitiveTypes.Int32,
		func(b array.Builder, r *pastRequest) { b.(*array.Int32Builder).Append(int32(of(r))) }}
}

func varchar(name string, of func(*pastRequest) string) requestColumn {
	return requestColumn{name, mapping.TypeVarchar, arrow.BinaryTypes.String,
		func(b array.Builder, r *pastRequest) { b.(*array.StringBuilder).Append(of(r)) }}
}

func interval(name string, of func(*pastRequest) time.Duration) requestColumn {
	return requestColumn{name, mapping.TypeInterval, arrow.FixedWidthTypes.Duration_us,
		func(b array.Builder, r *pastRequest) {
			b.(*array.DurationBuilder).Append(arrow.Duration(of(r).Microseconds()))
		}}
}

// orNull is the column with NULL where a request has no value for it.
func (c requestColumn) orNull(absent func(*pastRequest) bool) requestColumn {
	put := c.put
	c.put = func(b array.Builder, r *pastRequest) {
		if absent(r) {
			b.AppendNull()
			return
		}
		put(b, r)
	}
	return c
}

func putParameters(b array.Builder, r *pastRequest) {
	m := b.(*array.MapBuilder)
	m.Append(true)
	parameters, _ := url.ParseQuery(r.parameters) // of our own making
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		m.KeyBuilder().(*array.StringBuilder).Append(name)
		m.ItemBuilder().(*array.StringBuilder).Append(strings.Join(parameters[name], ","))
	}
}

// logicalType makes the column's DuckDB type. The caller destroys it.
func (c requestColumn) logicalType() mapping.LogicalType {
	if c.logical != mapping.TypeMap {
		return mapping.CreateLogicalType(c.logical)
	}
	text := mapping.CreateLogicalType(mapping.TypeVarchar)
	defer mapping.DestroyLogicalType(&text)
	return mapping.CreateMapType(text, text)
}

// requestsTable is the table function.
type requestsTable struct{ *instance }

func (t requestsTable) bind(info mapping.BindInfo) (tableBinding, error) {
	s, err := t.session(connectionID(info))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", RequestsFunctionName, err)
	}
	for _, c := range requestColumns {
		logical := c.logicalType()
		mapping.BindAddResultColumn(info, c.name, logical)
		mapping.DestroyLogicalType(&logical)
	}
	return boundRequests{&s.settings.history}, nil
}

// boundRequests is a call of the function.
type boundRequests struct{ *requestHistory }

// deleted has nothing to do: the database belongs to the report's function.

func (boundRequests) deleted() {}

func (b boundRequests) begin(info mapping.InitInfo) (tableScan, error) {
	s := &requestsScan{left: b.list()}
	var fields []arrow.Field
	for i := range mapping.InitGetColumnCount(info) {
		if at := mapping.InitGetColumnIndex(info, i); at < mapping.IdxT(len(requestColumns)) {
			c := requestColumns[at]
			s.columns = append(s.columns, c)
			fields = append(fields, arrow.Field{Name: c.name, Type: c.arrow, Nullable: true})
		}
	}
	s.schema = arrow.NewSchema(fields, nil)
	var err error
	if s.converter, err = newConverter(s.schema); err != nil {
		return nil, err
	}
	return s, nil
}

// requestsScan reads what the history held when it began.
type requestsScan struct {
	left      []pastRequest
	columns   []requestColumn
	schema    *arrow.Schema
	converter *converter
}

func (s *requestsScan) fill(out mapping.DataChunk) error {
	n := min(len(s.left), vectorSize)
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
	return s.converter.HandOver(batch, out)
}

func (s *requestsScan) fail(err error) error { return fmt.Errorf("%s: %w", RequestsFunctionName, err) }

func (s *requestsScan) deleted() {
	s.converter.Close()
}
