package tablefunc

import (
	"context"
	"errors"
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
	Predicates []pushdown.Fate
	Nothing    bool // no customer could match
	Rule       Rule // by which it was spared reading the whole, "" for none
	// Requests and Rows are its part of the sum. What several scans read together,
	// by RuleShare, is the first one's.
	Requests int
	Rows     int64
}

type summaryKey struct{}

// WithSummary returns a context that reports the cost of each statement to f. A statement
// that runs with this context and scans the function calls f once, when it ends, whether or
// not it fails. The goroutine that runs the statement calls f before Exec or Query return
// (Query has computed its complete result by then), and in Close for QueryChunks. f must not
// use the statement's connection. If f panics, the statement, which has run, returns a
// [*httpsource.PanicError]. If f is nil, nothing is called.
func WithSummary(ctx context.Context, f func(Summary)) context.Context {
	return context.WithValue(ctx, summaryKey{}, f)
}

// execution is one run of a statement, as its scans and their requests tell.
type execution struct {
	history *requestHistory
	mu      sync.Mutex
	summary Summary
	scans   []scanKey // of summary.Scans
	held    []stretch
}

// scanKey tells the scans of an execution apart.
type scanKey struct {
	binding  *binding
	provider int64
}

// stretch is a time that a request was held back.
type stretch struct{ from, to time.Time }

// account begins a run of the statement. The function that it returns ends it; its error
// is a panic of a function of the program.
func (st *statement) account(ctx context.Context, settings *settings) (end func() error) {
	x, start := st.executing(settings), time.Now()
	return func() error {
		st.mu.Lock()
		late := st.late
		st.execution, st.late = nil, nil
		st.mu.Unlock()
		s := x.sum()
		if s.Statement == 0 {
			return late
		}
		logged := settings.logging(func() {
			settings.log.Info("statement", "statement", s.Statement, "scans", len(s.Scans), "requests", s.Requests, "retries", s.Retries,
				"rows", s.Rows, "bytes", s.Bytes, "waited", s.Waited, "duration", time.Since(start))
		})
		var told error
		if tell, _ := ctx.Value(summaryKey{}).(func(Summary)); tell != nil {
			told = guard("the function of WithSummary", func() error { tell(s); return nil })
		}
		return errors.Join(late, logged, told)
	}
}

// endsWith keeps an error of a scan that had its rows already, for the end of the
// statement's run. The error may be nil. Without a statement nobody is left to take it.
func (st *statement) endsWith(err error) {
	if st == nil || err == nil {
		return
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.late == nil {
		st.late = err
	}
}

// executing is the run to which a scan of the statement belongs. DuckDB may begin
// with scans when it prepares the statement.
func (st *statement) executing(settings *settings) *execution {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.execution == nil {
		st.execution = &execution{history: &settings.history}
	}
	return st.execution
}

// scanned notes a scan that is about to begin. What it returns is to be told of
// every request of the scan.
func (x *execution) scanned(b *binding, s ScanSummary) func(httpsource.RequestEvent) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.number()
	key := scanKey{b, s.ProviderID}
	at := slices.Index(x.scans, key)
	if at < 0 {
		at = len(x.scans)
		x.scans = append(x.scans, key)
		x.summary.Scans = append(x.summary.Scans, s)
	}
	return func(e httpsource.RequestEvent) { x.note(at, e) }
}

// number gives the execution its number.
func (x *execution) number() {
	if x.summary.Statement == 0 {
		x.summary.Statement = x.history.nextStatement()
	}
}

// bound is to be told of the requests that binding the statement takes, which
// belong to no scan.
func (x *execution) bound() func(httpsource.RequestEvent) {
	return func(e httpsource.RequestEvent) { x.note(-1, e) }
}

func (x *execution) note(at int, e httpsource.RequestEvent) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.number()
	total, scan := &x.summary, &ScanSummary{}
	if at >= 0 {
		scan = &x.summary.Scans[at]
	}
	x.history.add(pastRequest{statement: total.Statement, scan: scan.Reference, event: e})
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

// sum is the summary as it stands.
func (x *execution) sum() Summary {
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
