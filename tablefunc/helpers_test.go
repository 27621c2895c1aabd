package tablefunc_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/url"
	"os"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// serveEnv makes the test program a report server: it prints its address and
// serves until its standard input ends.
const serveEnv = "TEAMUPSQL_TEST_SERVE"

// TestMain also checks that the tests leave no goroutine and no Arrow memory behind.
func TestMain(m *testing.M) {
	if os.Getenv(serveEnv) != "" {
		server := teamuptest.NewServer()
		fmt.Println(server.URL())
		_, _ = io.Copy(io.Discard, os.Stdin)
		server.Close()
		return
	}
	status := m.Run()
	if held := arrowconv.AllocatedBytes(); held != 0 {
		fmt.Printf("%d bytes of Arrow memory are left\n", held)
		status = 1
	}
	if err := goleak.Find(); err != nil {
		fmt.Println(err)
		status = 1
	}
	os.Exit(status)
}

const token = "t0ken-that-must-not-show"

// today is the present of the test servers, and so of what is planned for them.
func today() time.Time { return time.Date(2026, time.March, 15, 12, 0, 0, 0, time.UTC) }

// open starts a report server and a database that asks it.
func open(t testing.TB, options ...teamuptest.Option) (*sql.DB, *teamuptest.Server) {
	t.Helper()
	server := teamuptest.NewServer(options...)
	t.Cleanup(server.Close)
	return openAt(t, server.URL()), server
}

// openAt opens a database that asks the server at this address.
func openAt(t testing.TB, address string, options ...tablefunc.Option) *sql.DB {
	t.Helper()
	client, err := httpsource.New(httpsource.Config{BaseURL: address, Token: httpsource.NewToken(token),
		Retry: httpsource.Retry{Tries: 3, Wait: time.Millisecond, MaxWait: 5 * time.Millisecond}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	db, err := tablefunc.Open("", append([]tablefunc.Option{tablefunc.WithClient(client), tablefunc.WithClock(today), tablefunc.WithStatementObserver(tellContext)}, options...)...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

type summaryKey struct{}

// withSummary returns a context whose statements tell f what they cost, in a database that
// openAt opened.
func withSummary(ctx context.Context, f func(requests.Summary)) context.Context {
	return context.WithValue(ctx, summaryKey{}, f)
}

// tellContext is the observer of such databases.
func tellContext(ctx context.Context, s requests.Summary) {
	if f, ok := ctx.Value(summaryKey{}).(func(requests.Summary)); ok {
		f(s)
	}
}

// querier is a *sql.DB, a *sql.Conn or a *sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// texts runs a query and returns its rows as texts, each column after its name.
func texts(q querier, query string, args ...any) ([]string, error) {
	rows, err := q.QueryContext(context.Background(), query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all []string
	for rows.Next() {
		values := make([]any, len(columns))
		targets := make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		all = append(all, fmt.Sprintf("%v", values))
	}
	return all, rows.Err()
}

func mustTexts(t testing.TB, q querier, query string, args ...any) []string {
	t.Helper()
	rows, err := texts(q, query, args...)
	require.NoError(t, err, query)
	return rows
}

func sorted(rows []string) []string {
	sort.Strings(rows)
	return rows
}

func mustExec(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		_, err := db.Exec(s)
		require.NoError(t, err, s)
	}
}

// asked lists what the server was asked since the last time, paging left out, each
// query once.
func asked(server *teamuptest.Server) []string {
	seen := map[string]bool{}
	var all []string
	for _, r := range server.Requests() {
		q := url.Values{}
		for name, values := range r.Query {
			switch name {
			case "limit", "offset", "sort", "format":
			case "columns":
				list := strings.Split(values[0], ",")
				sort.Strings(list)
				q.Set(name, strings.Join(list, ","))
			default:
				q[name] = values
			}
		}
		text, _ := url.QueryUnescape(q.Encode())
		if !seen[text] {
			seen[text] = true
			all = append(all, text)
		}
	}
	server.ResetLog()
	sort.Strings(all)
	return all
}

// filters is asked without the columns.
func filters(server *teamuptest.Server) []string {
	var all []string
	for _, text := range asked(server) {
		v, _ := url.ParseQuery(text)
		v.Del("columns")
		text, _ = url.QueryUnescape(v.Encode())
		all = append(all, text)
	}
	return all
}

// replaceAll replaces each first of a pair by its second.
func replaceAll(s string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(s) }
