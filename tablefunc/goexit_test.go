package tablefunc_test

import (
	"context"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// quitter is a log handler that ends its goroutine.
type quitter struct{ slog.Handler }

func (quitter) Enabled(context.Context, slog.Level) bool  { return true }
func (quitter) Handle(context.Context, slog.Record) error { runtime.Goexit(); return nil }

// endingCallbacks are functions of which one ends its goroutine, as t.FailNow does.
func endingCallbacks() map[string]callbacks {
	return map[string]callbacks{
		"the function of WithStatementObserver": {options: []tablefunc.Option{tablefunc.WithStatementObserver(func(context.Context, requests.Summary) { runtime.Goexit() })}},
		"the function of WithClock":             {options: []tablefunc.Option{tablefunc.WithClock(func() time.Time { runtime.Goexit(); return time.Time{} })}},
		"the function of WithClientFunc": {options: []tablefunc.Option{tablefunc.WithClientFunc(func(context.Context, int64) (*httpsource.Client, error) {
			runtime.Goexit()
			return nil, nil
		})}},
		"the handler of WithLogger": {options: []tablefunc.Option{tablefunc.WithLogger(slog.New(quitter{}))}},
		"Config.Watch": {config: func(c *httpsource.Config) {
			c.Watch = func(context.Context, func() httpsource.Stats) func() { runtime.Goexit(); return nil }
		}},
		"the function that Config.Watch returned": {config: func(c *httpsource.Config) {
			c.Watch = func(context.Context, func() httpsource.Stats) func() { return func() { runtime.Goexit() } }
		}},
	}
}

// DuckDB calls most callbacks on threads that Go did not make.
func TestACallbackThatEndsItsGoroutineFailsItsStatement(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(250))
	t.Cleanup(server.Close)
	for name, c := range endingCallbacks() {
		for door, run := range doors {
			t.Run(name+", "+door, func(t *testing.T) {
				db := openWith(t, server.URL(), c)
				err := run(context.Background(), db, "SELECT max(email) FROM teamup_customers() WHERE is_active")
				require.ErrorContains(t, err, "has called runtime.Goexit")
				usable(t, db)
			})
		}
		t.Run(name+", registered", func(t *testing.T) {
			cfg := httpsource.Config{BaseURL: server.URL(), Token: httpsource.NewToken(token + t.Name())}
			if c.config != nil {
				c.config(&cfg)
			}
			client, err := httpsource.New(cfg)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, client.Close()) })
			db := registerAt(t, server.URL(), append([]tablefunc.Option{tablefunc.WithClient(client)}, c.options...)...)
			db.SetMaxOpenConns(1)
			_, err = texts(db, "SELECT max(email) FROM teamup_customers()")
			if name != "the function of WithStatementObserver" && name != "the handler of WithLogger" {
				require.ErrorContains(t, err, "has called runtime.Goexit")
			}
			usable(t, db)
		})
	}
}
