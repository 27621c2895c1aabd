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

	"github.com/teamupsql/teamupsql/internal/duckc"
	"github.com/teamupsql/teamupsql/internal/guard"
	"github.com/teamupsql/teamupsql/internal/requestlog"
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
	put     func(b array.Builder, r *requestlog.Request)
}

var requestColumns = []requestColumn{
	{"time", mapping.TypeTimestampTZ, arrow.FixedWidthTypes.Timestamp_us, func(b array.Builder, r *requestlog.Request) {
		b.(*array.TimestampBuilder).Append(arrow.Timestamp(r.Event.Time.UnixMicro()))
	}},
	bigint("statement", func(r *requestlog.Request) int64 { return r.Statement }),
	integer("scan", func(r *requestlog.Request) int { return r.Scan }).orNull(func(r *requestlog.Request) bool { return r.Scan == 0 }),
	varchar("method", func(r *requestlog.Request) string { return r.Event.Method }),
	varchar("path", func(r *requestlog.Request) string { return r.Event.Path }),
	{"parameters", mapping.TypeMap, arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String), putParameters},
	bigint("provider_id", func(r *requestlog.Request) int64 { return r.Event.ProviderID }).orNull(func(r *requestlog.Request) bool { return r.Event.ProviderID == 0 }),
	integer("status", func(r *requestlog.Request) int { return r.Event.Status }).orNull(func(r *requestlog.Request) bool { return r.Event.Status == 0 }),
	bigint("rows", func(r *requestlog.Request) int64 { return int64(r.Event.Rows) }),
	bigint("bytes", func(r *requestlog.Request) int64 { return r.Event.Bytes }),
	interval("duration", func(r *requestlog.Request) time.Duration { return r.Event.Duration }),
	integer("try", func(r *requestlog.Request) int { return r.Event.Try }),
	interval("waited", func(r *requestlog.Request) time.Duration { return r.Event.Waited }),
	varchar("reason", func(r *requestlog.Request) string { return string(r.Event.Reason) }),
	{"error", mapping.TypeVarchar, arrow.BinaryTypes.String, func(b array.Builder, r *requestlog.Request) {
		if r.Err == "" {
			b.AppendNull()
			return
		}
		b.(*array.StringBuilder).Append(r.Err)
	}},
}

func bigint(name string, of func(*requestlog.Request) int64) requestColumn {
	return requestColumn{name, mapping.TypeBigInt, arrow.PrimitiveTypes.Int64,
		func(b array.Builder, r *requestlog.Request) { b.(*array.Int64Builder).Append(of(r)) }}
}

func integer(name string, of func(*requestlog.Request) int) requestColumn {
	return requestColumn{name, mapping.TypeInteger, arrow.PrimitiveTypes.Int32,
		func(b array.Builder, r *requestlog.Request) { b.(*array.Int32Builder).Append(int32(of(r))) }}
}

func varchar(name string, of func(*requestlog.Request) string) requestColumn {
	return requestColumn{name, mapping.TypeVarchar, arrow.BinaryTypes.String,
		func(b array.Builder, r *requestlog.Request) { b.(*array.StringBuilder).Append(of(r)) }}
}

func interval(name string, of func(*requestlog.Request) time.Duration) requestColumn {
	return requestColumn{name, mapping.TypeInterval, arrow.FixedWidthTypes.Duration_us,
		func(b array.Builder, r *requestlog.Request) {
			b.(*array.DurationBuilder).Append(arrow.Duration(of(r).Microseconds()))
		}}
}

// orNull is the column with NULL where a request has no value for it.
func (c requestColumn) orNull(absent func(*requestlog.Request) bool) requestColumn {
	put := c.put
	c.put = func(b array.Builder, r *requestlog.Request) {
		if absent(r) {
			b.AppendNull()
			return
		}
		put(b, r)
	}
	return c
}

func putParameters(b array.Builder, r *requestlog.Request) {
	m := b.(*array.MapBuilder)
	m.Append(true)
	parameters, _ := url.ParseQuery(r.Parameters) // of our own making
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

func (t requestsTable) Bind(info mapping.BindInfo) (duckc.Binding, error) {
	s, err := t.session(duckc.BindingConnectionID(info))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", RequestsFunctionName, err)
	}
	for _, c := range requestColumns {
		logical := c.logicalType()
		mapping.BindAddResultColumn(info, c.name, logical)
		mapping.DestroyLogicalType(&logical)
	}
	return boundRequests{&s.settings.History}, nil
}

// boundRequests is a call of the function.
type boundRequests struct{ *requestlog.History }

func (boundRequests) Destroy() {}

func (b boundRequests) Begin(info mapping.InitInfo) (duckc.Scan, error) {
	s := &requestsScan{left: b.List()}
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
	if s.importer, err = duckc.NewImporter(s.schema); err != nil {
		return nil, err
	}
	return s, nil
}

// requestsScan reads what the history held when it began.
type requestsScan struct {
	left     []requestlog.Request
	columns  []requestColumn
	schema   *arrow.Schema
	importer *duckc.Importer
}

// Fill puts the next requests into out.
func (s *requestsScan) Fill(out mapping.DataChunk) error {
	if err := guard.Run("", func() error { return s.fill(out) }); err != nil {
		return fmt.Errorf("%s: %w", RequestsFunctionName, err)
	}
	return nil
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
	return s.importer.HandOver(batch, out)
}

func (s *requestsScan) Destroy() {
	s.importer.Close()
}
