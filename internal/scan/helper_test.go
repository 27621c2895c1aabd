package scan_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/internal/scan"
	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// TestMain also checks that the tests leave no goroutine and no Arrow memory.
func TestMain(m *testing.M) {
	status := m.Run()
	if n := arrowconv.AllocatedBytes(); n != 0 {
		fmt.Println("bytes of Arrow memory left:", n)
		status = 1
	}
	if err := goleak.Find(); err != nil {
		fmt.Println(err)
		status = 1
	}
	os.Exit(status)
}

func noon() time.Time { return time.Date(2026, time.March, 15, 12, 0, 0, 0, time.UTC) }

// serve starts a report server and an environment whose client sends requests to it.
func serve(t *testing.T, options ...teamuptest.Option) (*scan.Env, *teamuptest.Server) {
	server := teamuptest.NewServer(append([]teamuptest.Option{teamuptest.WithCustomers(500)}, options...)...)
	t.Cleanup(server.Close)
	client, err := httpsource.New(httpsource.Config{BaseURL: server.URL(), Token: httpsource.NewToken("secret"), RatePerMinute: -1,
		Retry: httpsource.Retry{Tries: 3, Wait: time.Millisecond, MaxWait: time.Millisecond}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return &scan.Env{ClientOf: func(context.Context, int64) (*httpsource.Client, error) { return client, nil }, Now: noon, Log: slog.New(slog.DiscardHandler)}, server
}

// at returns the positions of columns of the report.
func at(names ...string) []int {
	list := make([]int, len(names))
	for i, name := range names {
		list[i] = slices.IndexFunc(report.Customers.Columns, func(f report.Field) bool { return f.Name == name })
	}
	return list
}

// columns are what every scan of these tests reads.
var columns = at("id", "is_active", "created_at")

// planned returns the scan of SELECT columns FROM teamup_customers() with this use. If
// active is set, the statement has WHERE is_active.
func planned(t *testing.T, active bool, use pushdown.Use) pushdown.Scan {
	get := `{"type":"LOGICAL_GET","name":"teamup_customers","table_index":1,"column_indexes":[`
	for i, c := range columns {
		get += strings.Repeat(",", min(i, 1)) + fmt.Sprintf(`{"has_index":true,"index":%d}`, c)
	}
	get += "]}"
	if active {
		get = `{"type":"LOGICAL_FILTER","expressions":[{"expression_class":"BOUND_REF","index":1}],"children":[` + get + `]}`
	}
	plan, err := pushdown.ReadPlan([]byte(`{"plans":[`+get+`]}`), report.Customers)
	require.NoError(t, err)
	require.Len(t, plan.Scans, 1)
	plan.Scans[0].Use = use
	return plan.Scans[0]
}

// bind binds one call for each scan of a plan, all with the same named parameters.
func bind(t *testing.T, env *scan.Env, run *scan.Run, plan *scan.Plan, parameters map[string]any) []*scan.Call {
	args, err := scan.ReadArguments(report.Customers, func(name string, _ report.Type) any { return parameters[name] })
	require.NoError(t, err)
	pass := run.Binding()
	var calls []*scan.Call
	for range plan.Scans {
		c := &scan.Call{Report: report.Customers, Env: env, Arguments: args}
		pass.Add(c)
		calls = append(calls, c)
	}
	plan.Session = pushdown.Session{Now: noon(), Calendar: "gregorian"}
	if plan.Keys == nil {
		plan.Keys = make([]scan.Keys, len(plan.Scans))
	}
	pass.SetPlan(plan, nil)
	return calls
}

// row is a row of the columns.
type row struct {
	id       int64
	active   bool
	provider int64 // 0 if the rows do not have it
}

// read reads the rows of a call.
func read(t *testing.T, run *scan.Run, c *scan.Call) (list []row) {
	projection := columns
	if c.Arguments.Several {
		projection = append(slices.Clone(columns), len(c.Columns())-1)
	}
	rows := c.Open(t.Context(), run, projection, 2048)
	defer rows.Close()
	rows.Start()
	for {
		page, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		require.NoError(t, err)
		batch := rows.WithBusiness(page)
		for i, id := range page.IDs() {
			active := page.Record().Column(1).(*array.Boolean)
			r := row{id: id, active: active.IsValid(i) && active.Value(i)}
			if batch != nil {
				r.provider = batch.Column(3).(*array.Int64).Value(i)
			}
			list = append(list, r)
		}
		if batch != nil {
			batch.Release()
		}
		page.Release()
	}
}

// all reads every customer, without a plan.
func all(t *testing.T, env *scan.Env) []row {
	return read(t, nil, &scan.Call{Report: report.Customers, Env: env, Arguments: scan.Arguments{Query: report.Customers.Query(), Providers: []int64{0}}})
}

func idsOf(list []row) (ids []int64) {
	for _, r := range list {
		ids = append(ids, r.id)
	}
	return ids
}

func must(c *httpsource.Client, err error) *httpsource.Client {
	if err != nil {
		panic(err)
	}
	return c
}

func numbers(n int) (list []int64) {
	for i := range n {
		list = append(list, int64(i+1))
	}
	return list
}
