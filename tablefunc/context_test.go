package tablefunc_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

type traceKey struct{}

// tracing is a log handler that adds the trace id of the context.
type tracing struct{ slog.Handler }

func (h tracing) Handle(ctx context.Context, r slog.Record) error {
	trace, _ := ctx.Value(traceKey{}).(string)
	r.AddAttrs(slog.String("trace", trace))
	return h.Handler.Handle(ctx, r)
}

// syncBuffer is a buffer for several goroutines.
type syncBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

// seen is what the functions of a program got to see.
type seen struct {
	mu   sync.Mutex
	list map[string]map[[2]any]bool // by function: trace ids and statements
}

func (s *seen) note(function string, ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.list == nil {
		s.list = map[string]map[[2]any]bool{}
	}
	if s.list[function] == nil {
		s.list[function] = map[[2]any]bool{}
	}
	s.list[function][[2]any{ctx.Value(traceKey{}), httpsource.StatementOf(ctx)}] = true
}

// openSeen opens a database all of whose functions note their contexts.
func openSeen(t *testing.T, log *syncBuffer, options ...teamuptest.Option) (*sql.DB, *seen) {
	s := &seen{}
	logger := slog.New(tracing{slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})})
	server := teamuptest.New(options...)
	inner := server.Transport()
	client, err := httpsource.New(httpsource.Config{
		TokenSource: func(ctx context.Context) (httpsource.Token, error) {
			s.note("TokenSource", ctx)
			return httpsource.NewToken(token), nil
		},
		HTTPClient: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			s.note("Transport", r.Context())
			return inner.RoundTrip(r)
		})},
		Logger:   logger,
		Observer: func(ctx context.Context, _ httpsource.RequestEvent) { s.note("Observer", ctx) },
		Watch: func(ctx context.Context, _ func() httpsource.Stats) func() {
			s.note("Watch", ctx)
			return nil
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	db, err := tablefunc.Open("", tablefunc.WithLogger(logger), tablefunc.WithClock(today),
		tablefunc.WithClientFunc(func(ctx context.Context, _ int64) (*httpsource.Client, error) {
			if httpsource.StatementOf(ctx) > 0 { // else it is preparing
				s.note("ClientFunc", ctx)
			}
			return client, nil
		}),
		tablefunc.WithStatementObserver(func(ctx context.Context, _ requests.Summary) { s.note("StatementObserver", ctx) }))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db, s
}

// Each function of the program, and each record of the logs, gets the context and the number
// of the statement, so that requests can be joined with their statement.
func TestFunctionsAndLogsKnowTheStatement(t *testing.T) {
	unavailable, _ := teamuptest.FaultByName("503")
	var log syncBuffer
	db, s := openSeen(t, &log, teamuptest.WithCustomers(450), teamuptest.WithProviders(7, 8), teamuptest.WithFault(unavailable, teamuptest.Once(teamuptest.MiddlePage)))
	traced := func(id string) context.Context { return context.WithValue(context.Background(), traceKey{}, id) }
	require.NoError(t, readAll(traced("one"), db, "SELECT max(email) FROM teamup_customers(provider_ids := [7, 8], extra_customer_fields := [2])"))
	require.NoError(t, readAll(traced("two"), db, "SELECT count(*) FROM teamup_customers(provider_id := 7) a JOIN teamup_customers(provider_id := 7) b ON a.email = b.email"))

	both := map[[2]any]bool{{"one", int64(1)}: true, {"two", int64(2)}: true}
	for _, function := range []string{"Transport", "Observer", "Watch", "ClientFunc", "StatementObserver"} {
		require.Equal(t, both, s.list[function], function)
	}
	require.Equal(t, map[[2]any]bool{{"one", int64(1)}: true}, s.list["TokenSource"])

	messages := map[string]map[[2]any]bool{}
	for line := range bytes.Lines(log.Bytes()) {
		var record struct {
			Msg, Trace string
			Statement  int64
		}
		require.NoError(t, json.Unmarshal(line, &record))
		if messages[record.Msg] == nil {
			messages[record.Msg] = map[[2]any]bool{}
		}
		messages[record.Msg][[2]any{record.Trace, record.Statement}] = true
	}
	require.Equal(t, both, messages["request"])
	require.Equal(t, both, messages["statement"])
	require.Equal(t, map[[2]any]bool{{"one", int64(1)}: true}, messages["request failed, trying again"])
	require.Len(t, messages, 3)
}

// On a connection of duckdb-go each scan counts as a statement.
func TestScansOfRegisterAreNumbered(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(250))
	t.Cleanup(server.Close)
	s := &seen{}
	client, err := httpsource.New(httpsource.Config{BaseURL: server.URL(), Token: httpsource.NewToken(token),
		Observer: func(ctx context.Context, _ httpsource.RequestEvent) { s.note("Observer", ctx) }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	db := plain(t, "")
	conn, err := db.Conn(context.Background())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, tablefunc.Register(conn, tablefunc.WithClientFunc(func(ctx context.Context, _ int64) (*httpsource.Client, error) {
		s.note("ClientFunc", ctx)
		return client, nil
	})))
	ctx := context.WithValue(context.Background(), traceKey{}, "register")
	for range 2 {
		rows, err := conn.QueryContext(ctx, "SELECT max(email) FROM teamup_customers()")
		require.NoError(t, err)
		require.NoError(t, rows.Close())
	}
	want := map[[2]any]bool{{"register", int64(1)}: true, {"register", int64(2)}: true}
	require.Equal(t, want, s.list["Observer"])
	require.Equal(t, want, s.list["ClientFunc"])
	require.Equal(t, []string{"[1]", "[2]"}, mustTexts(t, conn, "SELECT DISTINCT statement FROM teamup_requests() ORDER BY 1"))
}
