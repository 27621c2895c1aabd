package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// everything reads all columns of all customers.
const everything = "SELECT * FROM teamup_customers()"

// narrow reads four of them.
const narrow = "SELECT id, email, is_active, created_at FROM teamup_customers()"

// columnsOf are the columns that one of these two reads.
func columnsOf(query string) []report.Field {
	if query == everything {
		return report.Customers.Columns
	}
	var columns []report.Field
	for _, name := range []string{"id", "email", "is_active", "created_at"} {
		c, _ := report.Customers.Column(name)
		columns = append(columns, c)
	}
	return columns
}

// scanOf reads the values of these columns into DuckDB, and drops them there: the
// result of a query takes DuckDB longer than the scan.
func scanOf(query string) string {
	var counts []string
	for _, c := range columnsOf(query) {
		counts = append(counts, "count("+c.Name+")")
	}
	return "SELECT " + strings.Join(counts, ", ") + " FROM teamup_customers()"
}

// networkBound compares full scans with their floor.
func networkBound(ctx context.Context, b *bench) (*section, error) {
	s := &section{intro: "`SELECT count(COLUMNS(*)) FROM teamup_customers()` reads every value into DuckDB. The baseline sends the same requests\n" +
		"and discards the responses: first one request, then all others, " + fmt.Sprint(concurrency) + " in parallel, as the scan does.\n" +
		"Responses are compressed. The floor by arithmetic is (1 + ⌈(pages − 1) / " + fmt.Sprint(concurrency) + "⌉) × latency.",
	}
	s.table("customers", "latency", "requests", "floor by arithmetic", "requests alone", "scan", "scan ÷ requests alone")
	for _, customers := range []int{b.size(10_000, 300), b.size(50_000, 500)} {
		for _, latency := range []time.Duration{20, 50, 200} {
			latency *= time.Millisecond
			if b.quick {
				latency /= 10
			}
			c, err := b.compareScan(ctx, b.server.address(customers, latency, zipped), everything, b.networkRuns(customers, latency))
			if err != nil {
				return nil, err
			}
			floor := float64(1+(c.requests-2+concurrency)/concurrency) * latency.Seconds()
			r := ratio(c.scan, c.alone)
			s.row(number(float64(customers)), latency.String(), number(float64(c.requests)), seconds(floor), c.alone.show(seconds), c.scan.show(seconds), r.show(times3))
			s.goal(fmt.Sprintf("%d customers at %v ÷ floor", customers, latency), r.median(), 1.05, true)
		}
	}
	return s, nil
}

// networkRuns keeps the slowest ones short: at 200 ms little else counts.
func (b *bench) networkRuns(customers int, latency time.Duration) int {
	if customers > 10_000 && latency >= 200*time.Millisecond {
		return min(b.runs, 3)
	}
	return b.runs
}

// processorBound compares full scans with fetching alone, where nothing waits.
func processorBound(ctx context.Context, b *bench) (*section, error) {
	s := &section{intro: "The same without latency. The server sends bytes from its memory, but shares the processors with the client."}
	s.table("columns", "customers", "answers", "fetch and drop", "scan", "scan ÷ fetch and drop", "customers per second", "bandwidth used")
	for _, c := range []struct {
		columns, query, packing string
		customers               int
	}{
		{"all 41", everything, plain, b.size(10_000, 300)},
		{"all 41", everything, plain, b.size(50_000, 500)},
		{"4", narrow, plain, b.size(50_000, 500)},
		{"all 41", everything, zipped, b.size(50_000, 500)},
	} {
		m, err := b.compareScan(ctx, b.server.address(c.customers, 0, c.packing), c.query, b.runs)
		if err != nil {
			return nil, err
		}
		packing := "as they are"
		if c.packing == zipped {
			packing = "compressed; dropped without unpacking"
		}
		r := ratio(m.scan, m.alone)
		s.row(c.columns, number(float64(c.customers)), packing, m.alone.show(seconds), m.scan.show(seconds), r.show(times),
			fmt.Sprintf("%.0f", float64(m.rows)/m.scan.median()), fmt.Sprintf("%.2f Gbit/s", float64(m.bytes)*8/1e9/m.scan.median()))
		if c.packing == plain {
			s.goal(fmt.Sprintf("%s columns of %d customers without latency ÷ fetch and drop", c.columns, c.customers), r.median(), 1.3, true)
		}
	}
	return s, nil
}

// scanned is what a scan and its requests alone took.
type scanned struct {
	scan, alone           series
	requests, rows, bytes int
}

// compareScan runs a query and the requests that it sends.
func (b *bench) compareScan(ctx context.Context, address, query string, runs int) (*scanned, error) {
	db, err := open(ctx, address)
	if err != nil {
		return nil, err
	}
	defer db.close()
	query = scanOf(query)
	urls, err := requestsOf(ctx, address, query)
	if err != nil {
		return nil, err
	}
	c := &scanned{requests: len(urls)}
	if err := db.conn.QueryRowContext(ctx, "SELECT count(*) FROM teamup_customers()").Scan(&c.rows); err != nil {
		return nil, err
	}
	f := newFetcher(false)
	defer f.CloseIdleConnections()
	var sent atomic.Int64
	err = f.all(ctx, urls, func(_ int, body io.Reader) error {
		n, err := io.Copy(io.Discard, body)
		sent.Add(n)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.bytes = int(sent.Load())
	results, err := interleave(ctx, runs,
		timed(func(ctx context.Context) error { return db.drain(ctx, query) }),
		timed(func(ctx context.Context) error { return f.all(ctx, urls, discard) }))
	if err != nil {
		return nil, err
	}
	c.scan, c.alone = results[0], results[1]
	return c, nil
}

// requestsOf runs a query once and returns the URLs that it asked, in the order of
// pages.
func requestsOf(ctx context.Context, address, query string) ([]string, error) {
	heard := &listener{}
	db, err := openThrough(ctx, address, heard)
	if err != nil {
		return nil, err
	}
	defer db.close()
	if err := db.drain(ctx, query); err != nil {
		return nil, err
	}
	return heard.urls, nil
}

// listener is a transport that notes what is asked.
type listener struct {
	mu   sync.Mutex
	urls []string
}

func (l *listener) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.urls = append(l.urls, r.URL.String())
	l.mu.Unlock()
	return http.DefaultTransport.RoundTrip(r)
}
