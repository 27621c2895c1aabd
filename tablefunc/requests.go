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
	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/internal/duckc"
	"github.com/teamupsql/teamupsql/internal/requestlog"
)

// RequestsFunctionName is the name in SQL of the table function that lists the latest
// 2,000 requests in the order in which they ended. A connection sees the requests of all
// connections of its connector; one that duckdb-go opened sees those of all connections
// that a call of [Register] serves.
const RequestsFunctionName = "teamup_requests"

var requestColumns = []listColumn[requestlog.Request]{
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

func putParameters(b array.Builder, r *requestlog.Request) {
	m := b.(*array.MapBuilder)
	m.Append(true)
	parameters, _ := url.ParseQuery(r.Parameters) // of our own making
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		m.KeyBuilder().(*array.StringBuilder).Append(name)
		m.ItemBuilder().(*array.StringBuilder).Append(strings.Join(parameters[name], ","))
	}
}

// requestsTable is the table function.
type requestsTable struct{ *instance }

func (t requestsTable) Bind(info mapping.BindInfo) (duckc.Binding, error) {
	s, err := t.session(duckc.BindingConnectionID(info))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", RequestsFunctionName, err)
	}
	return bindList(info, RequestsFunctionName, requestColumns, s.settings.History.List), nil
}
