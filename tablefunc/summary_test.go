package tablefunc_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// summarized is a context that collects summaries, and the list.
func summarized() (context.Context, *[]requests.Summary) {
	var list []requests.Summary
	return withSummary(context.Background(), func(s requests.Summary) { list = append(list, s) }), &list
}

// readAll runs a query to its end.
func readAll(ctx context.Context, db *sql.DB, query string) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

// recorded is the table of requests of one statement, as the server's log has them.
func recorded(t *testing.T, db *sql.DB, statement int64) []string {
	t.Helper()
	return sorted(mustTexts(t, db, `SELECT method, path, list_sort(list_transform(map_entries(parameters), lambda e: e.key || '=' || e.value)),
		coalesce(status, 0), rows, bytes FROM teamup_requests() WHERE statement = ?`, statement))
}

// logged is what the server's log says, in the same form; rows are those that
// arrived.
func logged(server *teamuptest.Server) []string {
	var all []string
	for _, r := range server.Requests() {
		var parameters []any
		for _, name := range sortedKeys(r.Query) {
			parameters = append(parameters, name+"="+strings.Join(r.Query[name], ","))
		}
		rows := r.Rows
		if r.Status != 200 {
			rows = 0
		}
		all = append(all, fmt.Sprintf("%v", []any{r.Method, r.Path, parameters, r.Status, rows, r.Bytes}))
	}
	return sorted(all)
}

func sortedKeys(m map[string][]string) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	return sorted(names)
}

// TestRequestsAreListed holds the table of requests, and the summary, against the
// server's own log.
func TestRequestsAreListed(t *testing.T) {
	unavailable, ok := teamuptest.FaultByName("503")
	require.True(t, ok)
	for name, c := range map[string]struct {
		fault   bool
		query   string
		reasons string
		fails   bool
		retries int
		rule    requests.Rule
	}{
		"scan":  {query: "SELECT max(email) FROM teamup_customers() WHERE is_active OR is_new", reasons: "[[first page page]]"},
		"count": {query: "SELECT count(*) FROM teamup_customers() WHERE is_active", reasons: "[[count]]", rule: requests.RuleCount},
		"top":   {query: "SELECT id FROM teamup_customers() ORDER BY id DESC LIMIT 7", reasons: "[[top]]", rule: requests.RuleTop},
		"keys":  {query: "SELECT c.email FROM teamup_customers() c JOIN '../testdata/vip.csv' v ON c.id = v.customer_id", reasons: "[[keys]]", rule: requests.RuleKeys},
		"retry": {fault: true, query: "SELECT max(email) FROM teamup_customers()", reasons: "[[first page page]]", retries: 1},
		"error": {query: "SELECT error(max(email)) FROM teamup_customers()", reasons: "[[first page page]]", fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			options := []teamuptest.Option{teamuptest.WithCustomers(300)}
			if c.fault {
				options = append(options, teamuptest.WithFault(unavailable, teamuptest.Once(teamuptest.MiddlePage)))
			}
			db, server := open(t, options...)
			ctx, summaries := summarized()
			err := readAll(ctx, db, c.query)
			require.Equal(t, c.fails, err != nil, err)
			require.Len(t, *summaries, 1, "a statement is summed up once")
			s := (*summaries)[0]
			want := logged(server)
			require.Equal(t, want, recorded(t, db, s.Statement))
			require.Equal(t, []string{fmt.Sprintf("[%d %d %d %d]", s.Requests, s.Retries, s.Rows, s.Bytes)},
				mustTexts(t, db, `SELECT count(*), count(*) FILTER (try > 1), sum(rows)::BIGINT, sum(bytes)::BIGINT FROM teamup_requests() WHERE statement = ?`, s.Statement))
			require.Len(t, want, s.Requests)
			require.Equal(t, c.retries, s.Retries)
			require.Len(t, s.Scans, 1)
			require.Equal(t, []any{1, c.rule, s.Requests, s.Rows}, []any{s.Scans[0].Reference, s.Scans[0].Rule, s.Scans[0].Requests, s.Scans[0].Rows})
			require.Equal(t, []string{c.reasons}, mustTexts(t, db, "SELECT list_sort(list(DISTINCT reason)) FROM teamup_requests() WHERE statement = ?", s.Statement))
			require.Equal(t, []string{"[true true true]"}, mustTexts(t, db, `SELECT bool_and(scan = 1 AND provider_id IS NULL), bool_and((error IS NULL) = (status = 200)),
				bool_and(time > now() - INTERVAL 1 HOUR AND duration >= INTERVAL 0 SECOND AND waited = INTERVAL 0 SECOND) FROM teamup_requests() WHERE statement = ?`, s.Statement))
			require.NotContains(t, fmt.Sprint(mustTexts(t, db, "FROM teamup_requests()")), token)
		})
	}
}

// Requests that wait side by side do not add up.
func TestWaitsAreSummedUp(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(250), teamuptest.WithRate(20, 2))
	ctx, summaries := summarized()
	began := time.Now()
	require.NoError(t, readAll(ctx, db, "SELECT max(email) FROM teamup_customers()"))
	took := time.Since(began)
	s := (*summaries)[0]
	require.Len(t, server.Requests(), s.Requests)
	require.Positive(t, s.Retries)
	require.Positive(t, s.Waited)
	require.LessOrEqual(t, s.Waited, took)
	require.Equal(t, []string{"[true true]"}, mustTexts(t, db, `SELECT max(waited) > INTERVAL 0 SECOND, bool_or(status = 429)
		FROM teamup_requests() WHERE statement = ?`, s.Statement))
}

func TestAFailedStatementIsSummedUp(t *testing.T) {
	refused, ok := teamuptest.FaultByName("403")
	require.True(t, ok)
	db, server := open(t, teamuptest.WithCustomers(300), teamuptest.WithFault(refused, teamuptest.Always))
	ctx, summaries := summarized()
	_, err := db.ExecContext(ctx, "CREATE TABLE kept AS SELECT * FROM teamup_customers(provider_id := 42)")
	require.Error(t, err)
	require.Len(t, *summaries, 1)
	s := (*summaries)[0]
	require.Equal(t, len(server.Requests()), s.Requests)
	require.EqualValues(t, 42, s.Scans[0].ProviderID)
	require.Equal(t, []string{"[42 403 true]"}, mustTexts(t, db,
		"SELECT provider_id, status, error LIKE '%403%' FROM teamup_requests() WHERE statement = ?", s.Statement))
}

// Each statement of a text and each execution of a prepared one has its number;
// what asks for no customers has none.
func TestEachExecutionIsSummedUp(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(300))
	ctx, summaries := summarized()
	_, err := db.ExecContext(ctx, `SELECT 1; CREATE TABLE a AS SELECT id FROM teamup_customers() WHERE is_active;
		CREATE TABLE b AS SELECT id FROM teamup_customers() WHERE 1 = 0; FROM teamup_requests();
		CREATE TABLE c AS SELECT * FROM teamup_customers(ids := [])`)
	require.NoError(t, err)
	require.NoError(t, readAll(ctx, db, `SELECT x.id FROM teamup_customers() x JOIN teamup_customers() y ON x.email = y.first_name
		UNION ALL SELECT id FROM teamup_customers() WHERE id IN (100001, 100011)`))
	stmt, err := db.Prepare("SELECT email FROM teamup_customers() WHERE id > $1")
	require.NoError(t, err)
	defer stmt.Close()
	for range 2 {
		rows, err := stmt.QueryContext(ctx, 100_200)
		require.NoError(t, err)
		require.NoError(t, rows.Close())
	}
	list := *summaries
	var total int
	for i, s := range list {
		total += s.Requests
		require.Equal(t, list[0].Statement+int64(i), s.Statement)
	}
	require.Equal(t, len(server.Requests()), total)
	require.Equal(t, list[len(list)-1].Requests, list[len(list)-2].Requests)
	require.Equal(t, "is_active", list[0].Scans[0].Predicates[0].Predicate)
	union := list[len(list)-3]
	byReference := map[int]int{}
	rules := map[int]requests.Rule{}
	for _, s := range union.Scans {
		byReference[s.Reference], rules[s.Reference] = s.Requests, s.Rule
	}
	require.Len(t, byReference, 3)
	require.Equal(t, 1, byReference[3])
	require.Equal(t, requests.RuleShare, rules[1])
	require.Equal(t, union.Requests, byReference[1]+byReference[2]+byReference[3])
}

func TestChunksAreSummedUpAtTheirEnd(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(3000))
	ctx, summaries := summarized()
	conn, err := db.Conn(ctx)
	require.NoError(t, err)
	defer conn.Close()
	for _, toTheEnd := range []bool{true, false} {
		server.ResetLog()
		*summaries = nil
		require.NoError(t, conn.Raw(func(c any) error {
			chunks, err := c.(*tablefunc.Conn).QueryChunks(ctx, "SELECT email FROM teamup_customers() WHERE email > ''", nil)
			require.NoError(t, err)
			for {
				if _, err := chunks.Next(ctx); err != nil || !toTheEnd {
					break
				}
			}
			require.Empty(t, *summaries)
			require.NoError(t, chunks.Close())
			return chunks.Close()
		}))
		require.Len(t, *summaries, 1)
		rows := recorded(t, db, (*summaries)[0].Statement)
		require.Len(t, rows, (*summaries)[0].Requests)
		if toTheEnd { // else some are cut short
			require.Equal(t, logged(server), rows)
		}
	}
}
