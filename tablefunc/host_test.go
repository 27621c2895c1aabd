package tablefunc_test

import (
	"math"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2/mapping"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// host is a program that uses DuckDB's C API and no driver for Go.
type host struct {
	t      *testing.T
	conn   mapping.Connection
	server *teamuptest.Server
}

func newHost(t *testing.T, options ...teamuptest.Option) *host {
	server := teamuptest.NewServer(options...)
	t.Cleanup(server.Close)
	settings := clientOptions(t, server.URL(), nil)
	db, conn, closeC := openC(t, filepath.Join(t.TempDir(), "host.duckdb"))
	t.Cleanup(closeC)
	require.NoError(t, tablefunc.RegisterDatabase(db, conn, settings...))
	return &host{t, conn, server}
}

// run runs the statements of a text, all but the last in the last one's session, and
// returns the error.
func (h *host) run(text string) string {
	var result mapping.Result
	defer mapping.DestroyResult(&result)
	if mapping.Query(h.conn, text, &result) == mapping.StateError {
		return mapping.ResultError(&result)
	}
	return ""
}

// prepare prepares a statement and returns a function that runs it.
func (h *host) prepare(text string) (execute func() []string) {
	var statement mapping.PreparedStatement
	require.Equal(h.t, mapping.StateSuccess, mapping.Prepare(h.conn, text, &statement), mapping.PrepareError(statement))
	h.t.Cleanup(func() { mapping.DestroyPrepare(&statement) })
	return func() []string {
		h.server.ResetLog()
		var result mapping.Result
		defer mapping.DestroyResult(&result)
		require.Equal(h.t, mapping.StateSuccess, mapping.ExecutePrepared(statement, &result), mapping.ResultError(&result))
		return sent(h.server)
	}
}

func TestAHostsStatementsArePlanned(t *testing.T) {
	h := newHost(t, teamuptest.WithCustomers(300))
	require.Empty(t, h.run("CREATE VIEW v AS SELECT email, is_new FROM teamup_customers() WHERE is_active"))
	active := one("is_active=true")
	for _, e := range []effect{
		{"SELECT email FROM teamup_customers() WHERE is_active;", active},
		{"SELECT 1; SELECT email FROM teamup_customers() WHERE is_active; SELECT 2", active}, // DuckDB tells them apart
		{"SELECT email FROM v WHERE is_new", one("is_active=true&is_new=true")},
		{"BEGIN; SELECT email FROM teamup_customers() WHERE is_active; COMMIT", active},
		{"CREATE OR REPLACE TABLE t AS SELECT email FROM teamup_customers() WHERE is_active", active},
		{"SELECT a.email FROM teamup_customers() a JOIN teamup_customers() b USING (email) WHERE a.is_active AND b.is_new", []string{"is_active=true", "is_new=true"}},
		{"PIVOT (SELECT id, is_new, gender FROM teamup_customers() WHERE is_active) ON gender USING count(*)", active},
		{"CREATE TEMP MACRO current_query() AS 'SELECT email FROM teamup_customers() WHERE is_new'; SELECT email FROM teamup_customers() WHERE is_active", active},
		// DuckDB shows only the text EXECUTE x, which has no plan.
		{"PREPARE x AS SELECT email FROM teamup_customers() WHERE is_active", nil}, {"EXECUTE x", one("")},
		{"PREPARE y AS SELECT email FROM teamup_customers() WHERE is_active AND id > $1", nil}, {"EXECUTE y(5)", one("")},
	} {
		h.server.ResetLog()
		require.Empty(t, h.run(e.sql), e.sql)
		assert.Equal(t, e.want, sent(h.server), e.sql)
	}
}

// A statement that is prepared apart is planned only if nothing can have changed what its
// text means.
func TestAHostsPreparedStatements(t *testing.T) {
	h := newHost(t, teamuptest.WithCustomers(300))
	require.Empty(t, h.run("CREATE VIEW v AS SELECT email FROM teamup_customers() WHERE is_active; CREATE SCHEMA s; CREATE VIEW s.v AS FROM main.v"))
	const query = "SELECT email FROM teamup_customers() WHERE is_active"
	active, unplanned := one("is_active=true"), one("")
	for _, text := range []string{query, query + " ;", "SELECT email FROM v", "SELECT count(email), (SELECT count(*) FROM range(3)) FROM teamup_customers() WHERE is_active"} {
		execute := h.prepare(text)
		require.Equal(t, active, execute(), text)
		require.Equal(t, unplanned, execute(), text+": DuckDB does not bind it again")
	}
	require.Equal(t, unplanned, h.prepare("SELECT email FROM s.v")(), "which could be a view in a database s")
	for _, between := range []string{"SELECT 1", "SET TimeZone = 'Asia/Kathmandu'", "CREATE OR REPLACE VIEW v AS SELECT email FROM teamup_customers() WHERE is_new", "SET VARIABLE x = 1"} {
		execute := h.prepare(query)
		_ = h.run(between)
		require.Equal(t, unplanned, execute(), between)
	}
	execute := h.prepare("SELECT email FROM teamup_customers() WHERE is_active AND now() > TIMESTAMPTZ '2020-01-01'")
	require.Empty(t, h.run("SELECT 1"))
	require.Equal(t, active, execute(), "DuckDB binds it again")
	require.Equal(t, active, execute())
	require.Empty(t, h.run("BEGIN"))
	require.Equal(t, unplanned, h.prepare(query)(), "the transaction shows nothing")
	require.Empty(t, h.run("COMMIT"))
}

// What another connection does between the two is noticed.
func TestAHostsPreparedStatementsWithOtherConnections(t *testing.T) {
	h := newHost(t, teamuptest.WithCustomers(300))
	var database mapping.Database
	require.Equal(t, mapping.StateSuccess, mapping.Open(filepath.Join(t.TempDir(), "other.duckdb"), &database))
	defer mapping.Close(&database)
	var conn, other mapping.Connection
	for _, c := range []*mapping.Connection{&conn, &other} {
		require.Equal(t, mapping.StateSuccess, mapping.Connect(database, c))
		defer mapping.Disconnect(c)
	}
	require.NoError(t, tablefunc.RegisterDatabase(database, conn, clientOptions(t, h.server.URL(), nil)...))
	here, there := &host{t, conn, h.server}, &host{t, other, h.server}
	require.Empty(t, here.run("CREATE VIEW v AS SELECT email FROM teamup_customers() WHERE is_active"))
	for before, between := range map[string]string{
		"BEGIN; CREATE OR REPLACE VIEW v AS SELECT email FROM teamup_customers() WHERE is_new": "COMMIT",
		"BEGIN; SELECT 1":                          "SET GLOBAL default_null_order = 'nulls_first'",
		"BEGIN; SELECT 2; SELECT count(*) FROM v;": "COMMIT",
		"SELECT 3": "SELECT 4",
	} {
		require.Empty(t, there.run(before))
		execute := here.prepare("SELECT email FROM v")
		require.Empty(t, there.run(between))
		require.Equal(t, one(""), execute(), before+between)
		_ = there.run("ROLLBACK")
	}
}

// Where a second database is attached, its commits cannot be seen.
func TestAHostsPreparedStatementsWithTwoDatabases(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(300))
	t.Cleanup(server.Close)
	db, conn, closeC := openC(t, ":memory:")
	defer closeC()
	h := &host{t, conn, server}
	require.Empty(t, h.run("ATTACH ':memory:' AS second"))
	require.NoError(t, tablefunc.RegisterDatabase(db, conn, clientOptions(t, server.URL(), nil)...))
	require.Equal(t, one(""), h.prepare("SELECT email FROM teamup_customers() WHERE is_active")())
	server.ResetLog()
	require.Empty(t, h.run("SELECT email FROM teamup_customers() WHERE is_active"))
	require.Equal(t, one("is_active=true"), sent(server))
}

func TestAHostIsPlannedByTheOptimizerOnly(t *testing.T) {
	h := newHost(t, teamuptest.WithCustomers(300))
	for range 2 {
		for pragma, want := range map[string][]string{"PRAGMA disable_optimizer": one(""), "PRAGMA enable_optimizer": one("is_active=true")} {
			require.Empty(t, h.run(pragma))
			for _, what := range []string{"*", "email", "count(*)"} {
				h.server.ResetLog()
				require.Empty(t, h.run("SELECT "+what+" FROM teamup_customers() WHERE is_active"))
				require.Equal(t, want, sent(h.server), pragma)
			}
		}
	}
}

// The scans of a statement are one statement: they share their rows and have one number.
func TestAHostsScansAreOneStatement(t *testing.T) {
	h := newHost(t, teamuptest.WithCustomers(900))
	const query = "SELECT count(*) FROM teamup_customers() a JOIN teamup_customers() b ON a.email = b.email"
	for _, execute := range []func(){func() { require.Empty(t, h.run(query)) }, func() { h.prepare(query)() }} {
		h.server.ResetLog()
		execute()
		offsets := map[string]int{}
		for _, r := range h.server.Requests() {
			offsets[r.Query.Get("offset")+r.Query.Get("id_gt")]++
		}
		for offset, n := range offsets {
			require.Equal(t, 1, n, offset)
		}
	}
	require.Empty(t, h.run("CREATE TABLE log AS SELECT DISTINCT statement FROM teamup_requests()"))
	require.Contains(t, h.run("SELECT error(count(*)::VARCHAR || ' statements') FROM log"), "2 statements")
}

// DuckDB reports an interrupt only to those who ask.
func TestAHostInterruptsAScan(t *testing.T) {
	h := newHost(t, teamuptest.WithCustomers(300))
	arrived := make(chan struct{}, 100)
	h.server.Inject(teamuptest.Answer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-r.Context().Done()
	})), teamuptest.Always)
	for _, query := range []string{"SELECT email FROM teamup_customers()", "SELECT count(*) FROM teamup_customers() a JOIN teamup_customers() b USING (email)", "SELECT email FROM teamup_customers(extra_customer_fields := [1])"} {
		done := make(chan string)
		go func() { done <- h.run(query) }()
		<-arrived
		mapping.Interrupt(h.conn)
		require.Contains(t, strings.ToLower(<-done), "interrupt", query)
		for len(arrived) > 0 {
			<-arrived
		}
	}
	h.server.ClearFaults()
	require.Empty(t, h.run("SELECT count(email) FROM teamup_customers()"))
}

// Nothing is kept of a statement that has ended.
func TestAHostsStatementsLeaveNothingBehind(t *testing.T) {
	h := newHost(t, teamuptest.WithCustomers(20))
	used := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapObjects
	}
	work := func(n int) {
		for range n {
			require.Empty(t, h.run("SELECT email FROM teamup_customers() a JOIN teamup_customers() b USING (email) WHERE a.is_active"))
			require.Empty(t, h.run("EXPLAIN SELECT email FROM teamup_customers() WHERE is_active"))
			h.server.ResetLog()
		}
	}
	work(100)
	// A leak grows in each round. What other tests left behind may grow in one of them.
	grown := int64(math.MaxInt64)
	for range 5 {
		before := used()
		work(300)
		if grown = min(grown, int64(used())-int64(before)); grown < 300*10 {
			return
		}
	}
	require.Less(t, grown, int64(300*10), "a statement has more objects than that")
}
