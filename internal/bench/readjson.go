package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// againstReadJSON compares the way from JSON to a table with DuckDB's own.
func againstReadJSON(ctx context.Context, b *bench) (*section, error) {
	s := &section{intro: "`CREATE TABLE … AS` from the same file, which holds the report's answers as they came, one a line.\n" +
		"teamupsql reads them through its whole client, from whose transport alone the network is missing;\n" +
		"read_json is told the type of every column. DuckDB has one thread on both sides, Go one processor.\n" +
		"What counts is processor time, of the system too, so that it makes no difference that Go and DuckDB\n" +
		"may work at the same time."}
	s.table("columns", "bytes", "read_json", "teamupsql", "read_json ÷ teamupsql", "by the clock: read_json", "teamupsql")
	customers := b.size(20_000, 300)
	for _, c := range []struct{ columns, query string }{{"all 41", everything}, {"4", narrow}} {
		f, err := b.answersFile(ctx, b.server.address(customers, 0, plain), c.query)
		if err != nil {
			return nil, err
		}
		m, err := b.compareReaders(ctx, f, c.query)
		if err != nil {
			return nil, err
		}
		r := ratio(m.theirs, m.ours)
		s.row(c.columns, bytesOf(float64(f.size)), m.theirs.show(seconds), m.ours.show(seconds), r.show(times), m.theirClock.show(seconds), m.ourClock.show(seconds))
		s.goal(c.columns+" columns to a table: read_json ÷ teamupsql", r.median(), 1.5, false)
	}
	return s, nil
}

// readers is what reading the same bytes took.
type readers struct{ ours, theirs, ourClock, theirClock series }

func (b *bench) compareReaders(ctx context.Context, f *answersFile, query string) (*readers, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer f.close()
	db, err := openThrough(ctx, "https://answers.invalid/api/v2", f)
	if err != nil {
		return nil, err
	}
	defer db.close()
	if err := db.exec(ctx, "SET threads = 1"); err != nil {
		return nil, err
	}
	m := &readers{}
	used := func(clock *series, query string) contender {
		return func(ctx context.Context) (float64, error) {
			start, before := time.Now(), processorTime()
			err := db.exec(ctx, query)
			*clock = append(*clock, time.Since(start).Seconds())
			return (processorTime() - before).Seconds(), err
		}
	}
	results, err := interleave(ctx, b.runs,
		used(&m.ourClock, "CREATE OR REPLACE TABLE ours AS "+query),
		used(&m.theirClock, "CREATE OR REPLACE TABLE theirs AS "+readJSON(f.path, f.columns)))
	if err != nil {
		return nil, err
	}
	m.ours, m.theirs = results[0], results[1]
	m.ourClock, m.theirClock = m.ourClock[1:], m.theirClock[1:] // the first turn does not count
	var different int
	err = db.conn.QueryRowContext(ctx, "SELECT count(*) FROM ((FROM theirs EXCEPT FROM ours) UNION ALL (FROM ours EXCEPT FROM theirs))").Scan(&different)
	if err != nil {
		return nil, err
	}
	return m, want("rows that differ between the two", different, 0)
}

// readJSON is the query that reads answers with DuckDB's own reader. Pages overlap
// by a row, which it leaves in.
func readJSON(path string, columns []report.Field) string {
	row := report.Type{Kind: report.Struct, Fields: columns}
	return fmt.Sprintf("SELECT unnest(rows, max_depth := 2) FROM read_json('%s', columns = {rows: '%s[]'})", path, strings.ReplaceAll(row.SQL(), "'", "''"))
}

// answersFile holds the answers that a query reads, and gives them to a client.
type answersFile struct {
	path    string
	size    int64
	columns []report.Field
	file    *os.File
	places  map[string]place // by the query of the URL
}

type place struct{ from, to int64 }

// answersFile fetches what a query asks for.
func (b *bench) answersFile(ctx context.Context, address, query string) (*answersFile, error) {
	urls, err := requestsOf(ctx, address, query)
	if err != nil {
		return nil, err
	}
	a := &answersFile{path: filepath.Join(b.dir, "answers.json"), places: map[string]place{}, columns: columnsOf(query)}
	if a.file, err = os.Create(a.path); err != nil {
		return nil, err
	}
	f := newFetcher(true)
	defer f.CloseIdleConnections()
	var mu sync.Mutex
	return a, f.all(ctx, urls, func(i int, body io.Reader) error {
		answer, err := io.ReadAll(body)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		_, asked, _ := strings.Cut(urls[i], "?")
		a.places[asked] = place{a.size, a.size + int64(len(answer))}
		n, err := a.file.Write(append(answer, '\n'))
		a.size += int64(n)
		return err
	})
}

func (a *answersFile) close() { _ = a.file.Close() }

// RoundTrip reads an answer from the file.
func (a *answersFile) RoundTrip(r *http.Request) (*http.Response, error) {
	p, ok := a.places[r.URL.RawQuery]
	if !ok {
		return nil, fmt.Errorf("no answer to %s in the file", r.URL.RawQuery)
	}
	answer := make([]byte, p.to-p.from)
	if _, err := a.file.ReadAt(answer, p.from); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(answer)), ContentLength: p.to - p.from,
	}, nil
}
