package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/report"
)

// allocationsAndStart measures allocations of Go per row, and the start of the
// command.
func allocationsAndStart(ctx context.Context, b *bench) (*section, error) {
	s := &section{intro: "Go allocations per row after a first scan: for decoding a page of 100 rows, and for a complete scan with its requests.\n" +
		"The start is the time from start to end of `teamupsql -demo -c \"SELECT 1\"`, compared with a program that runs the\n" +
		"same statement with duckdb-go alone."}
	s.table("allocations per row", "all 41 columns", "4 columns")
	if err := b.allocations(ctx, s); err != nil {
		return nil, err
	}
	s.table("program", "start to end", "teamupsql ÷ duckdb-go")
	command := filepath.Join(b.dir, "teamupsql")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", command, "github.com/teamupsql/teamupsql/cmd/teamupsql").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	results, err := interleave(ctx, b.size(20, 1),
		timed(func(ctx context.Context) error {
			return exec.CommandContext(ctx, command, "-demo", "-no-init", "-c", "SELECT 1").Run()
		}),
		timed(func(ctx context.Context) error {
			_, _, err := child(ctx, modePlain)
			return err
		}))
	if err != nil {
		return nil, err
	}
	s.row("duckdb-go alone", results[1].show(seconds), "")
	s.row("teamupsql", results[0].show(seconds), ratio(results[0], results[1]).show(times))
	return s, nil
}

// plainChild opens DuckDB for one statement.
func plainChild(ctx context.Context, out io.Writer) error {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer db.Close()
	var one int
	if err := db.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, one)
	return err
}

func (b *bench) allocations(ctx context.Context, s *section) error {
	customers := b.size(10_000, 300)
	address := b.server.address(customers, 0, plain)
	var decoded, scanned []string
	for _, query := range []string{everything, narrow} {
		d, err := b.decodeAllocations(ctx, address, query)
		if err != nil {
			return err
		}
		decoded = append(decoded, d.show(times))
		s.goal(fmt.Sprintf("allocations per row in the decoder, %s", map[string]string{everything: "all columns", narrow: "4 columns"}[query]), d.median(), 0.1, true)
		n, err := b.scanAllocations(ctx, address, query)
		if err != nil {
			return err
		}
		scanned = append(scanned, n.show(times))
	}
	s.row(append([]string{"decoder"}, decoded...)...)
	s.row(append([]string{"whole scan"}, scanned...)...)
	return nil
}

// scanAllocations counts those of scans, per row.
func (b *bench) scanAllocations(ctx context.Context, address, query string) (series, error) {
	db, err := open(ctx, address)
	if err != nil {
		return nil, err
	}
	defer db.close()
	var rows int
	if err := db.conn.QueryRowContext(ctx, "SELECT count(*) FROM teamup_customers()").Scan(&rows); err != nil {
		return nil, err
	}
	results, err := interleave(ctx, b.runs, func(ctx context.Context) (float64, error) {
		n, err := allocated(func() error { return db.drain(ctx, scanOf(query)) })
		return n / float64(rows), err
	})
	if err != nil {
		return nil, err
	}
	return results[0], nil
}

// decodeAllocations counts those of decoding one page again and again, per row.
func (b *bench) decodeAllocations(ctx context.Context, address, query string) (series, error) {
	urls, err := requestsOf(ctx, address, scanOf(query))
	if err != nil {
		return nil, err
	}
	f := newFetcher(true)
	defer f.CloseIdleConnections()
	var body []byte
	if err := f.one(ctx, urls, 0, func(_ int, r io.Reader) (err error) { body, err = io.ReadAll(r); return err }); err != nil {
		return nil, err
	}
	decoder, err := arrowconv.NewDecoder(report.Customers, columnsOf(query), arrowconv.Options{})
	if err != nil {
		return nil, err
	}
	results, err := interleave(ctx, b.runs, func(context.Context) (float64, error) {
		rows := 0
		n, err := allocated(func() error {
			for range 100 {
				page, err := decoder.Decode(body)
				if err != nil {
					return err
				}
				rows += len(page.IDs())
				page.Release()
			}
			return nil
		})
		return n / float64(rows), err
	})
	if err != nil {
		return nil, err
	}
	return results[0], nil
}

// allocated counts the allocations of Go while f runs.
func allocated(f func() error) (float64, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := f()
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs - before.Mallocs), err
}
