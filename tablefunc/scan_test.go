package tablefunc_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/report"
)

// columnList is every column with its type, as read_json wants it.
func columnList(of *report.Report) string {
	var parts []string
	for _, c := range of.Columns {
		parts = append(parts, fmt.Sprintf("%s: %s", sqltext.QuoteText(c.Name), sqltext.QuoteText(c.Type.SQL())))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// TestEveryValueIsTheServersOwn reads each report, and the rows that its server wrote, by
// DuckDB alone.
func TestEveryValueIsTheServersOwn(t *testing.T) {
	// The server in the other process is made from the same seed.
	servers := map[string]string{"another process": otherProcess(t)}
	server := teamuptest.NewServer()
	t.Cleanup(server.Close)
	servers["this process"] = server.URL()
	for name, address := range servers {
		for _, of := range report.All() {
			if of != report.Customers && name != "this process" {
				continue
			}
			t.Run(of.Name+" of "+name, func(t *testing.T) {
				file := filepath.Join(t.TempDir(), "rows.json")
				f, err := os.Create(file)
				require.NoError(t, err)
				require.NoError(t, server.Store().WriteRows(f, of.Query()))
				require.NoError(t, f.Close())
				db := openAt(t, address)
				mustExec(t, db, "CREATE TABLE expected AS SELECT * FROM read_json("+sqltext.QuoteText(file)+", format := 'newline_delimited', columns := "+columnList(of)+")",
					"CREATE TABLE got AS SELECT * FROM "+of.Function+"()")
				require.Equal(t, mustTexts(t, db, "DESCRIBE expected"), mustTexts(t, db, "DESCRIBE got"))
				require.Empty(t, mustTexts(t, db, "FROM expected EXCEPT ALL FROM got"))
				require.Empty(t, mustTexts(t, db, "FROM got EXCEPT ALL FROM expected"))
				require.Greater(t, len(mustTexts(t, db, "SELECT id FROM got")), 4000)
			})
		}
	}
}

// otherProcess starts a report server in a process of its own.
func otherProcess(t *testing.T) (address string) {
	program, err := os.Executable()
	require.NoError(t, err)
	command := exec.Command(program)
	command.Env = append(os.Environ(), serveEnv+"=1")
	stop, err := command.StdinPipe()
	require.NoError(t, err)
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		require.NoError(t, stop.Close())
		require.NoError(t, command.Wait())
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(line)
}

func TestTypesAreTheDocumentedOnes(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(1))
	for _, of := range report.All() {
		var want []string
		for _, c := range of.Columns {
			want = append(want, fmt.Sprint([]string{c.Name, c.Type.SQL()}))
		}
		require.Equal(t, want, mustTexts(t, db, "SELECT column_name, column_type FROM (DESCRIBE FROM "+of.Function+"())"))
	}
}

func TestOnlyTheProjectionIsAskedFor(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(150))
	for query, want := range map[string]string{
		"SELECT count(*) FROM teamup_customers()":                                     "columns=id",
		"SELECT 1 FROM teamup_customers()":                                            "columns=id",
		"SELECT id FROM teamup_customers()":                                           "columns=id",
		"SELECT email FROM teamup_customers()":                                        "columns=email,id",
		"SELECT email, email AS e, upper(email) FROM teamup_customers()":              "columns=email,id",
		"SELECT age FROM teamup_customers() WHERE gender = 'x'":                       "columns=age,gender,id",
		"SELECT sum(account_credit_balance.decimal) FROM teamup_customers()":          "columns=account_credit_balance,id",
		"SELECT family.name FROM teamup_customers()":                                  "columns=family.name,id",
		"SELECT c.venue.id FROM teamup_customers() c WHERE c.venue.name = 'Old Town'": "columns=id,venue.id,venue.name",
		"SELECT venue, venue.name FROM teamup_customers()":                            "columns=id,venue",
		"SELECT venue.name FROM teamup_customers() WHERE venue IS NOT NULL":           "columns=id,venue",
		"SELECT address.city FROM teamup_customers()":                                 "columns=address,id",
		"SELECT len(family.managers) FROM teamup_customers()":                         "columns=family.managers,id",
	} {
		mustTexts(t, db, query)
		require.Equal(t, []string{want}, asked(server), query)
	}
	mustTexts(t, db, "SELECT * FROM teamup_customers()")
	for _, r := range server.Requests() {
		require.Equal(t, "json", r.Query.Get("format"))
		require.Len(t, strings.Split(r.Query.Get("columns"), ","), 41)
	}
}

func TestRowCounts(t *testing.T) {
	for _, n := range []int{0, 1, 99, 100, 101, 2047, 2048, 2049} {
		db, server := open(t, teamuptest.WithCustomers(n))
		ids, err := server.Store().IDs(report.Customers.Query())
		require.NoError(t, err)
		require.Equal(t, []string{fmt.Sprintf("[%d]", len(ids))}, mustTexts(t, db, "SELECT count(*) FROM teamup_customers()"))
		require.Len(t, mustTexts(t, db, "SELECT * FROM teamup_customers() WHERE id IS NOT NULL"), len(ids))
		require.Equal(t, []string{fmt.Sprintf("[%d]", len(ids)*len(ids))},
			mustTexts(t, db, "SELECT count(*) FROM (SELECT id FROM teamup_customers()) a, (SELECT id FROM teamup_customers()) b"))
	}
}

func TestPagesAreFetchedSideBySide(t *testing.T) {
	const latency = 50 * time.Millisecond
	db, server := open(t, teamuptest.WithCustomers(10_000), teamuptest.WithLatency(latency))
	mustTexts(t, db, "SELECT count(id) FROM teamup_customers()")
	require.Equal(t, 8, server.MaxInFlight())
	require.LessOrEqual(t, len(server.Requests()), 103)
}

func TestALimitStopsTheScanEarly(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(10_000))
	require.Len(t, mustTexts(t, db, "SELECT id FROM teamup_customers() LIMIT 10"), 10)
	require.LessOrEqual(t, len(server.Requests()), 3)
}

func TestManyGoroutinesQueryWhileOthersCancel(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(1500), teamuptest.WithLatency(2*time.Millisecond))
	want := mustTexts(t, db, "SELECT count(*), sum(id) FROM teamup_customers()")
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			if i%3 == 0 {
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i)*time.Millisecond)
				defer cancel()
				rows, err := db.QueryContext(ctx, "SELECT count(*) FROM teamup_customers() a JOIN teamup_customers() b USING (id)")
				if err == nil {
					_ = rows.Close()
				}
				return
			}
			got, err := texts(db, "SELECT count(*), sum(id) FROM teamup_customers()")
			if err != nil {
				t.Error(err)
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%v, not %v", got, want)
			}
		})
	}
	wg.Wait()
}

func TestACancelledQueryEndsItsRequests(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(5000), teamuptest.WithLatency(time.Hour))
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for server.InFlight() == 0 {
			<-time.After(time.Millisecond)
		}
		cancel()
	}()
	start := time.Now()
	_, err := db.QueryContext(ctx, "SELECT count(*) FROM teamup_customers()")
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, time.Since(start), 30*time.Second)
	require.Eventually(t, func() bool { return server.InFlight() == 0 }, 5*time.Second, time.Millisecond)
}

func TestAScanErrorIsAGoError(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(10), teamuptest.WithTokens("another"))
	t.Cleanup(server.Close)
	db := openAt(t, server.URL())
	for _, run := range []func() error{
		func() error { _, err := texts(db, "SELECT * FROM teamup_customers()"); return err },
		func() error { _, err := db.Exec("CREATE TABLE t AS SELECT * FROM teamup_customers()"); return err },
		func() error { _, err := texts(db, "SELECT 1; SELECT * FROM teamup_customers(); SELECT 2"); return err },
	} {
		err := run()
		var api *httpsource.APIError
		require.ErrorAs(t, err, &api)
		require.Equal(t, 401, api.Status)
		require.Contains(t, err.Error(), "teamup_customers")
		require.NotContains(t, err.Error(), token)
	}
	require.Empty(t, mustTexts(t, db, "SELECT * FROM duckdb_tables()"), "no half table is left")
}
