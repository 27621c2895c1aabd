package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// againstToday compares the way from the report to a table with the usual ones.
func againstToday(ctx context.Context, b *bench) (*section, error) {
	s := &section{intro: "All columns of the customers into a table of DuckDB. The script requests one page after the other, decodes it into Go\n" +
		"maps and inserts rows with DuckDB's appender, structs and lists as JSON text. The download writes the responses to\n" +
		"files, " + fmt.Sprint(concurrency) + " in parallel; `read_json` then reads them with given types on all processors. Responses are compressed."}
	s.table("customers", "latency", "script", "download and read_json", "teamupsql", "script ÷ teamupsql", "download ÷ teamupsql")
	customers := b.size(10_000, 300)
	for _, latency := range []time.Duration{0, 50 * time.Millisecond} {
		results, err := b.compareWays(ctx, b.server.address(customers, latency, zipped))
		if err != nil {
			return nil, err
		}
		ours, sequential, download := results[0], results[1], results[2]
		s.row(number(float64(customers)), latency.String(), sequential.show(seconds), download.show(seconds), ours.show(seconds),
			ratio(sequential, ours).show(times), ratio(download, ours).show(times))
	}
	return s, nil
}

func (b *bench) compareWays(ctx context.Context, address string) ([]series, error) {
	db, err := open(ctx, address)
	if err != nil {
		return nil, err
	}
	defer db.close()
	urls, err := requestsOf(ctx, address, scanOf(everything))
	if err != nil {
		return nil, err
	}
	f := newFetcher(true)
	defer f.CloseIdleConnections()
	results, err := interleave(ctx, min(b.runs, 3),
		timed(func(ctx context.Context) error { return db.exec(ctx, "CREATE OR REPLACE TABLE ours AS "+everything) }),
		timed(func(ctx context.Context) error { return script(ctx, db, f, urls) }),
		timed(func(ctx context.Context) error { return b.download(ctx, db, f, urls) }))
	if err != nil {
		return nil, err
	}
	var ours, theirs, downloaded int
	err = db.conn.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM ours), (SELECT count(*) FROM script), (SELECT count(DISTINCT id) FROM downloaded)").
		Scan(&ours, &theirs, &downloaded)
	if err != nil {
		return nil, err
	}
	if err := want("rows of the script", theirs, ours); err != nil {
		return nil, err
	}
	return results, want("rows of the download", downloaded, ours)
}

// download puts all answers into files and reads them.
func (b *bench) download(ctx context.Context, db *database, f *fetcher, urls []string) error {
	dir, err := os.MkdirTemp(b.dir, "pages")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	err = f.all(ctx, urls, func(i int, body io.Reader) error {
		file, err := os.Create(filepath.Join(dir, fmt.Sprintf("%05d.json", i)))
		if err != nil {
			return err
		}
		defer file.Close()
		_, err = io.Copy(file, body)
		return err
	})
	if err != nil {
		return err
	}
	return db.exec(ctx, "CREATE OR REPLACE TABLE downloaded AS "+readAnswers(filepath.Join(dir, "*.json"), report.Customers.Columns))
}
