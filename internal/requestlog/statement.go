package requestlog

import (
	"slices"
	"sync"
	"time"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// Summary is what one run of a statement cost: the sum of its rows in
// teamup_requests().
type Summary struct {
	Statement int64 // its number there, counted from 1
	Requests  int   // that were sent
	Retries   int   // of these, repeated after a failure
	Rows      int64 // in the answers, with those by which pages overlap
	Bytes     int64 // of the answers' bodies, as sent
	// Waited is how long requests were held back by the rate limit. A time at which
	// several waited counts once.
	Waited time.Duration
	// Scans are the references that were read, as DuckDB turned to them; one that
	// names several businesses has an entry for each.
	Scans []ScanSummary
}

// ScanSummary is what one reference to the function asked.
type ScanSummary struct {
	Reference  int          // which one of the statement, from 1
	Query      report.Query // its columns and filters
	ProviderID int64        // 0: the client's own
	Predicates []pushdown.PredicateResult
	Nothing    bool // no customer could match
	Rule       Rule // by which it was spared reading the whole, "" for none
	// Requests and Rows are its part of the sum. What several scans read together,
	// by RuleShare, is the first one's.
	Requests int
	Rows     int64
}

// Statement is the accounting of one run of a statement. It is safe for concurrent use.
type Statement struct {
	history *History
	mu      sync.Mutex
	summary Summary
	scans   []scanKey // of summary.Scans
	held    []stretch
}

// scanKey tells the scans of an Statement apart.
type scanKey struct {
	call     any
	provider int64
}

// stretch is a time that a request was held back.
type stretch struct{ from, to time.Time }

// Begin begins the accounting of a run, whose requests go to the history as well.
func Begin(h *History) *Statement { return &Statement{history: h} }

// BeginScan notes a scan that is about to begin, and returns the function that is called
// for each of its requests. call identifies the reference; a reference that is scanned
// again is the same scan.
func (x *Statement) BeginScan(call any, s ScanSummary) func(httpsource.RequestEvent) {
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
	return func(e httpsource.RequestEvent) { x.note(at, e) }
}

// assignNumber gives the Statement its number.
func (x *Statement) assignNumber() {
	if x.summary.Statement == 0 {
		x.summary.Statement = x.history.nextStatement()
	}
}

// Observer returns the function that is called for each request that binding the
// statement takes, which belongs to no scan.
func (x *Statement) Observer() func(httpsource.RequestEvent) {
	return func(e httpsource.RequestEvent) { x.note(-1, e) }
}

func (x *Statement) note(at int, e httpsource.RequestEvent) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.assignNumber()
	total, scan := &x.summary, &ScanSummary{}
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

// Sum returns the summary as it stands.
func (x *Statement) Sum() Summary {
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
