package tablefunc_test

import (
	"context"
	"database/sql"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// callbacks are the functions that a program can give, where one of them panics.
type callbacks struct {
	config  func(*httpsource.Config)
	options []tablefunc.Option
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// loud is a log handler that panics.
type loud struct{ slog.Handler }

func (loud) Enabled(context.Context, slog.Level) bool  { return true }
func (loud) Handle(context.Context, slog.Record) error { panic("boom") }

func panickingCallbacks() map[string]callbacks {
	return map[string]callbacks{
		"the function of WithStatementObserver": {options: []tablefunc.Option{tablefunc.WithStatementObserver(func(context.Context, requests.Summary) { panic("boom") })}},
		"the function of WithClock":             {options: []tablefunc.Option{tablefunc.WithClock(func() time.Time { panic("boom") })}},
		"the function of WithClientFunc":        {options: []tablefunc.Option{tablefunc.WithClientFunc(func(context.Context, int64) (*httpsource.Client, error) { panic("boom") })}},
		"the handler of WithLogger":             {options: []tablefunc.Option{tablefunc.WithLogger(slog.New(loud{}))}},
		"the handler of Config.Logger":          {config: func(c *httpsource.Config) { c.Logger = slog.New(loud{}) }},
		"Config.Observer": {config: func(c *httpsource.Config) {
			c.Observer = func(context.Context, httpsource.RequestEvent) { panic("boom") }
		}},
		"Config.Watch": {config: func(c *httpsource.Config) {
			c.Watch = func(context.Context, func() httpsource.Stats) func() { panic("boom") }
		}},
		"the function that Config.Watch returned": {config: func(c *httpsource.Config) {
			c.Watch = func(context.Context, func() httpsource.Stats) func() { return func() { panic("boom") } }
		}},
		"the transport of Config.HTTPClient": {config: func(c *httpsource.Config) {
			c.HTTPClient = &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) { panic("boom") })}
		}},
	}
}

// openWith opens a database of one connection whose program has these callbacks.
func openWith(t *testing.T, address string, c callbacks) *sql.DB {
	t.Helper()
	cfg := httpsource.Config{BaseURL: address, Token: httpsource.NewToken(token + t.Name())}
	if c.config != nil {
		c.config(&cfg)
	}
	client, err := httpsource.New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	db, err := tablefunc.Open("", append([]tablefunc.Option{tablefunc.WithClient(client), nil}, c.options...)...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	db.SetMaxOpenConns(1)
	return db
}

// A callback that panics fails its statement, through every door, with an error that
// names it. The connection is given back without a transaction.
func TestACallbackThatPanicsFailsItsStatement(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(250))
	t.Cleanup(server.Close)
	queries := map[string]string{
		"scan": "SELECT max(email) FROM teamup_customers() WHERE is_active",
		// Of the same rows, so that one read serves both.
		"shared scan": "SELECT count(*) FROM teamup_customers() a JOIN teamup_customers() b ON a.email = b.email",
	}
	for name, c := range panickingCallbacks() {
		for shape, query := range queries {
			for door, run := range doors {
				t.Run(name+", "+shape+", "+door, func(t *testing.T) {
					db := openWith(t, server.URL(), c)
					ctx := context.Background()
					err := run(ctx, db, query)
					var panicked *httpsource.PanicError
					require.ErrorAs(t, err, &panicked)
					require.Equal(t, name, panicked.Function)
					require.ErrorContains(t, err, name+" panicked: boom")
					readable(t, err)
					usable(t, db)
				})
			}
		}
	}
}

// usable checks that the one connection of the pool is there and has no transaction.
func usable(t *testing.T, db *sql.DB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for range 2 {
		for _, statement := range []string{"BEGIN", "SELECT 1", "ROLLBACK"} {
			_, err := db.ExecContext(ctx, statement)
			require.NoError(t, err, statement)
		}
	}
}

// A LIMIT ends a scan before its rows are read to the end.
func TestACallbackThatPanicsAtTheEndOfAStoppedScan(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(2500))
	t.Cleanup(server.Close)
	const name = "the function that Config.Watch returned"
	for door, run := range doors {
		db := openWith(t, server.URL(), panickingCallbacks()[name])
		err := run(context.Background(), db, "SELECT email FROM teamup_customers() WHERE email > '' LIMIT 3")
		require.ErrorContains(t, err, name, door)
		usable(t, db)
	}
}

// With Register there is no Go error; DuckDB's text has what happened.
func TestACallbackThatPanicsWithRegister(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(250))
	t.Cleanup(server.Close)
	for name, c := range panickingCallbacks() {
		switch name {
		case "the function of WithStatementObserver", "the function of WithClock", "the handler of WithLogger":
			continue // which Register has no use for
		}
		t.Run(name, func(t *testing.T) {
			cfg := httpsource.Config{BaseURL: server.URL(), Token: httpsource.NewToken(token + t.Name())}
			if c.config != nil {
				c.config(&cfg)
			}
			client, err := httpsource.New(cfg)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, client.Close()) })
			db := plain(t, "")
			conn, err := db.Conn(context.Background())
			require.NoError(t, err)
			require.NoError(t, tablefunc.Register(conn, append([]tablefunc.Option{tablefunc.WithClient(client)}, c.options...)...))
			require.NoError(t, conn.Close())
			_, err = texts(db, "SELECT max(email) FROM teamup_customers()")
			require.ErrorContains(t, err, name+" panicked: boom")
			readable(t, err)
		})
	}
}

// Nil options and functions are the default or an error of Open, never a panic.
func TestNilOptions(t *testing.T) {
	for want, o := range map[string]tablefunc.Option{
		"WithClient needs a client": tablefunc.WithClient(nil), "WithClientFunc needs a function": tablefunc.WithClientFunc(nil)} {
		_, err := tablefunc.Open("", o)
		require.ErrorContains(t, err, want)
	}
	server := teamuptest.NewServer(teamuptest.WithCustomers(50))
	t.Cleanup(server.Close)
	const query = "SELECT count(email) FROM teamup_customers() WHERE age > 30"
	db := openAt(t, server.URL(), nil, tablefunc.WithClock(nil), tablefunc.WithLogger(nil), tablefunc.WithStatementObserver(nil))
	require.NoError(t, readAll(context.Background(), db, query))

	db = openAt(t, server.URL(), tablefunc.WithClientFunc(func(context.Context, int64) (*httpsource.Client, error) { return nil, nil }))
	require.ErrorContains(t, readAll(context.Background(), db, query), "the function of WithClientFunc returned neither a client nor an error")
	_, err := tablefunc.Explain(context.Background(), db, query)
	require.ErrorContains(t, err, "returned neither a client nor an error")
	db = openWith(t, server.URL(), callbacks{config: func(c *httpsource.Config) {
		c.Watch = func(context.Context, func() httpsource.Stats) func() { return nil }
	}})
	require.NoError(t, readAll(context.Background(), db, query))
}

// Explain calls the client and the clock too.
func TestACallbackThatPanicsFailsExplain(t *testing.T) {
	for name, c := range panickingCallbacks() {
		if name != "the function of WithClock" && name != "the function of WithClientFunc" {
			continue
		}
		db := openWith(t, "http://127.0.0.1:1", c)
		_, err := tablefunc.Explain(context.Background(), db, "FROM teamup_customers() WHERE age > 30")
		require.ErrorContains(t, err, name+" panicked: boom")
		usable(t, db)
	}
}
