package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// againstReadJSON compares the way from JSON to a table with DuckDB's own.
func againstReadJSON(ctx context.Context, b *bench) (*section, error) {
	s := &section{intro: "`CREATE TABLE … AS` from the responses of the report. `read_json` reads each response from a file of its own, which is\n" +
		"its fastest way, and gets the type of every column. teamupsql reads the responses through its complete client, with a\n" +
		"transport that reads one open file instead of the network. DuckDB has one thread on both sides, Go one processor. The\n" +
		"first times are processor time, including the system's, because Go and DuckDB can run in parallel. The second table is\n" +
		"for comparison: only the rows, one per line, which `read_json` is made for but the report does not send."}
	customers := b.size(50_000, 300)
	var rows [][]string
	for _, c := range []struct{ columns, query string }{{"all 41", everything}, {"4", narrow}} {
		f, err := b.answerFiles(ctx, b.server.address(customers, 0, plain), c.query)
		if err != nil {
			return nil, err
		}
		m, err := b.compareReaders(ctx, f, c.query)
		err = errors.Join(err, f.all.Close())
		if err != nil {
			return nil, err
		}
		r := ratio(m.theirs, m.ours)
		rows = append(rows,
			[]string{c.columns, bytesOf(float64(f.size)), m.theirs.show(seconds), m.ours.show(seconds), r.show(times), m.theirClock.show(seconds), m.ourClock.show(seconds)},
			[]string{c.columns, m.lines.show(seconds), m.ours.show(seconds), ratio(m.lines, m.ours).show(times)})
		s.goal(c.columns+" columns to a table: read_json ÷ teamupsql", r.median(), 1.5, false)
	}
	s.table("columns", "bytes", "read_json", "teamupsql", "read_json ÷ teamupsql", "elapsed: read_json", "teamupsql")
	s.row(rows[0]...)
	s.row(rows[2]...)
	s.table("columns", "read_json of rows, one per line", "teamupsql of responses", "read_json ÷ teamupsql")
	s.row(rows[1]...)
	s.row(rows[3]...)
	return s, nil
}

// readers is what reading took: the same bytes by both, and rows one a line.
type readers struct{ ours, theirs, lines, ourClock, theirClock series }

func (b *bench) compareReaders(ctx context.Context, f *answerFiles, query string) (*readers, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
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
		used(&m.theirClock, "CREATE OR REPLACE TABLE theirs AS "+readAnswers(f.pattern(), f.columns)),
		used(new(series), "CREATE OR REPLACE TABLE lines AS "+readLines(f.lines, f.columns)))
	if err != nil {
		return nil, err
	}
	m.ours, m.theirs, m.lines = results[0], results[1], results[2]
	m.ourClock, m.theirClock = m.ourClock[1:], m.theirClock[1:] // the first turn does not count
	for _, table := range []string{"theirs", "lines"} {
		var different int
		err = db.conn.QueryRowContext(ctx, "SELECT count(*) FROM ((FROM "+table+" EXCEPT FROM ours) UNION ALL (FROM ours EXCEPT FROM "+table+"))").Scan(&different)
		if err == nil {
			err = want("rows that differ", different, 0)
		}
		if err != nil {
			return nil, err
		}
	}
	return m, nil
}

// readAnswers is the query that reads answers with DuckDB's own reader. Pages
// overlap by a row, which it leaves in.
func readAnswers(pattern string, columns []report.Field) string {
	row := report.Type{Kind: report.Struct, Fields: columns}
	return fmt.Sprintf("SELECT unnest(rows, max_depth := 2) FROM read_json('%s', columns = {rows: '%s[]'})", pattern, row.SQL())
}

// readLines is the query that reads rows, one a line.
func readLines(file string, columns []report.Field) string {
	types := make([]string, len(columns))
	for i, c := range columns {
		types[i] = fmt.Sprintf("%s: '%s'", c.Name, c.Type.SQL())
	}
	return fmt.Sprintf("FROM read_json('%s', format = 'newline_delimited', columns = {%s})", file, strings.Join(types, ", "))
}

// answerFiles are the answers that a query reads: in a file each, with their rows
// alone in one file, and as they are in one file, from which a client gets them.
type answerFiles struct {
	dir     string
	lines   string
	all     *os.File
	size    int64
	columns []report.Field
	places  map[string]place // in all, by the query of the URL
}

type place struct{ from, size int64 }

// answerFiles fetches what a query asks for.
func (b *bench) answerFiles(ctx context.Context, address, query string) (*answerFiles, error) {
	urls, err := requestsOf(ctx, address, scanOf(query))
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(b.dir, "answers")
	if err != nil {
		return nil, err
	}
	a := &answerFiles{dir: dir, lines: dir + ".lines", places: map[string]place{}, columns: columnsOf(query)}
	lines, err := os.Create(a.lines)
	if err != nil {
		return nil, err
	}
	defer lines.Close()
	if a.all, err = os.Create(dir + ".all"); err != nil {
		return nil, err
	}
	f := newFetcher(true)
	defer f.CloseIdleConnections()
	for i := range urls {
		err := f.one(ctx, urls, i, func(i int, body io.Reader) error {
			answer, err := io.ReadAll(body)
			if err != nil {
				return err
			}
			_, asked, _ := strings.Cut(urls[i], "?")
			a.places[asked] = place{a.size, int64(len(answer))}
			a.size += int64(len(answer))
			_, err = a.all.Write(answer)
			return errors.Join(err, writeLines(lines, answer), os.WriteFile(filepath.Join(dir, fmt.Sprintf("%05d.json", i)), answer, 0o600))
		})
		if err != nil {
			return nil, errors.Join(err, a.all.Close())
		}
	}
	return a, nil
}

func (a *answerFiles) pattern() string { return filepath.Join(a.dir, "*.json") }

// writeLines writes an answer's rows, one a line.
func writeLines(w io.Writer, answer []byte) error {
	var rows struct{ Rows []json.RawMessage }
	if err := json.Unmarshal(answer, &rows); err != nil {
		return err
	}
	for _, r := range rows.Rows {
		if _, err := fmt.Fprintf(w, "%s\n", r); err != nil {
			return err
		}
	}
	return nil
}

// RoundTrip reads an answer from the file.
func (a *answerFiles) RoundTrip(r *http.Request) (*http.Response, error) {
	p, ok := a.places[r.URL.RawQuery]
	if !ok {
		return nil, fmt.Errorf("no file has the answer to %s", r.URL.RawQuery)
	}
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(io.NewSectionReader(a.all, p.from, p.size)), ContentLength: p.size,
	}, nil
}
