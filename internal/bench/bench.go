package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// bench is what the measures share.
type bench struct {
	runs     int
	quick    bool
	progress io.Writer
	server   *server
	dir      string // for files, gone at the end
}

func newBench(runs int, quick bool, progress io.Writer) (*bench, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	b := &bench{runs: runs, quick: quick, progress: progress, dir: dir}
	if b.server, err = startServer(); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bench) close() {
	if b.server != nil {
		b.server.stop()
	}
	_ = os.RemoveAll(b.dir)
}

// size is the full size of something, or the small one of a quick run.
func (b *bench) size(full, quick int) int {
	if b.quick {
		return quick
	}
	return full
}

// concurrency is how many requests are in flight, on both sides of a comparison:
// the program's default.
const concurrency = 8

// newClient makes a client without a rate limit for a report of the server.
func newClient(address string, transport http.RoundTripper) (*httpsource.Client, error) {
	cfg := httpsource.Config{BaseURL: address, Token: httpsource.NewToken("bench"), RatePerMinute: -1, Concurrency: concurrency}
	if transport != nil {
		cfg.HTTPClient = &http.Client{Transport: transport}
	}
	return httpsource.New(cfg)
}

// database is a teamupsql whose report is somewhere, on one connection.
type database struct {
	*sql.DB
	client *httpsource.Client
	conn   *sql.Conn
	spent  requests.Summary // of the last statement
}

// open opens a database in memory over the report at the address.
func open(ctx context.Context, address string, options ...tablefunc.Option) (*database, error) {
	return openThrough(ctx, address, nil, options...)
}

// openThrough is open with another transport than the network, nil for that.
func openThrough(ctx context.Context, address string, transport http.RoundTripper, options ...tablefunc.Option) (*database, error) {
	client, err := newClient(address, transport)
	if err != nil {
		return nil, err
	}
	d := &database{client: client}
	db, err := tablefunc.Open("", append([]tablefunc.Option{tablefunc.WithClient(client), tablefunc.WithClock(today),
		tablefunc.WithStatementObserver(func(_ context.Context, s requests.Summary) { d.spent = s })}, options...)...)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	d.DB, d.conn = db, conn
	return d, nil
}

func (d *database) close() {
	_ = d.conn.Close()
	_ = d.DB.Close()
	_ = d.client.Close()
}

// exec runs statements one after the other.
func (d *database) exec(ctx context.Context, queries ...string) error {
	for _, q := range queries {
		if _, err := d.conn.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("%s: %w", q, err)
		}
	}
	return nil
}

// drain reads the result of a query and drops it.
func (d *database) drain(ctx context.Context, query string) error {
	return drainRows(d.conn.QueryContext(ctx, query))
}

// drainRows takes what a query returns.
func drainRows(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

// today is the present of the report server's clock, which stands still.
func today() time.Time { return time.Date(2026, time.March, 15, 12, 0, 0, 0, time.UTC) }

// want makes sure that a measure did what it says.
func want(what string, got, wanted int) error {
	if got != wanted {
		return fmt.Errorf("%s: %d, but it should be %d", what, got, wanted)
	}
	return nil
}
