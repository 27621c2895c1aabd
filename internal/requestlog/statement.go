package requestlog

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/requests"
)

// Statement is the accounting of one run of a statement. It is safe for concurrent use.
type Statement struct {
	history *History
	mu      sync.Mutex
	summary requests.Summary
	scans   []scanKey // of summary.Scans
	held    []stretch
}

// scanKey identifies a scan of a Statement.
type scanKey struct {
	call     any
	provider int64
}

// stretch is a time during which a request was delayed.
type stretch struct{ from, to time.Time }

// Begin begins the accounting of a run, whose requests go to the history as well.
func Begin(h *History) *Statement { return &Statement{history: h} }

// BeginScan records the start of a scan, and returns the function that is called for each
// of its requests. call identifies the reference; a reference that is scanned again is the
// same scan.
func (x *Statement) BeginScan(call any, s requests.ScanSummary) func(context.Context, httpsource.RequestEvent) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.assignNumber()
	key := scanKey{call, s.ProviderID}
	at := slices.Index(x.scans, key)
	if at < 0 {
		at = len(x.scans)
		x.scans = append(x.scans, key)
		x.summary.Scans = append(x.summary.Scans, s)
	}
	return func(_ context.Context, e httpsource.RequestEvent) { x.note(at, e) }
}

// Number returns the number of the statement, from 1.
func (x *Statement) Number() int64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.assignNumber()
	return x.summary.Statement
}

// assignNumber sets the number of the Statement.
func (x *Statement) assignNumber() {
	if x.summary.Statement == 0 {
		x.summary.Statement = x.history.nextStatement()
	}
}

// Observer returns the function that is called for each request that binding the
// statement takes, which belongs to no scan.
func (x *Statement) Observer() func(context.Context, httpsource.RequestEvent) {
	return func(_ context.Context, e httpsource.RequestEvent) { x.note(-1, e) }
}

func (x *Statement) note(at int, e httpsource.RequestEvent) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.assignNumber()
	total, scan := &x.summary, &requests.ScanSummary{}
	if at >= 0 {
		scan = &x.summary.Scans[at]
	}
	x.history.add(Request{Statement: total.Statement, Scan: scan.Reference, Event: e})
	total.Requests++
	scan.Requests++
	if e.Try > 1 {
		total.Retries++
	}
	total.Rows += int64(e.Rows)
	scan.Rows += int64(e.Rows)
	total.Bytes += e.Bytes
	if e.Waited > 0 {
		x.held = append(x.held, stretch{e.Time.Add(-e.Waited), e.Time})
	}
}

// Sum returns the current summary.
func (x *Statement) Sum() requests.Summary {
	x.mu.Lock()
	defer x.mu.Unlock()
	s := x.summary
	s.Scans = slices.Clone(s.Scans)
	slices.SortFunc(x.held, func(a, b stretch) int { return a.from.Compare(b.from) })
	var until time.Time
	for _, h := range x.held {
		if h.from.Before(until) {
			h.from = until
		}
		if h.to.After(h.from) {
			s.Waited += h.to.Sub(h.from)
			until = h.to
		}
	}
	return s
}
