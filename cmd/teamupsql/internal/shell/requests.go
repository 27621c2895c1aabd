package shell

import (
	"context"
	"sync"
	"time"

	"github.com/teamupsql/teamupsql/httpsource"
)

// requestLog contains the requests of the last statement, and the times of requests within
// the last minute. Requests end on several goroutines.
type requestLog struct {
	mu      sync.Mutex
	events  []httpsource.RequestEvent // of the last statement that sent any
	fresh   bool                      // a statement has begun and has sent no request so far
	started time.Time                 // of the first request
	dropped int
	rows    int64
	sent    []time.Time // within the last minute
	waited  time.Duration
	scans   map[*func() httpsource.Stats]bool // running
}

// most events that are kept of one statement.
const mostEvents = 2_000

// begin starts a statement. The requests of the previous one are kept until this one sends
// a request.
func (l *requestLog) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fresh = true
}

// note takes an event; it is the client's observer.
func (l *requestLog) note(_ context.Context, e httpsource.RequestEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fresh {
		l.events, l.fresh, l.started, l.dropped, l.rows = nil, false, e.Time, 0, 0
	}
	if len(l.events) < mostEvents {
		l.events = append(l.events, e)
	} else {
		l.dropped++
	}
	l.rows += int64(e.Rows)
	l.waited += e.Waited
	l.sent = append(l.since(e.Time.Add(-time.Minute)), e.Time)
}

// since drops the requests before the time.
func (l *requestLog) since(t time.Time) []time.Time {
	for len(l.sent) > 0 && l.sent[0].Before(t) {
		l.sent = l.sent[1:]
	}
	return l.sent
}

// last returns the requests of the last statement that sent any, and how many more there
// were.
func (l *requestLog) last() ([]httpsource.RequestEvent, int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]httpsource.RequestEvent(nil), l.events...), l.dropped
}

// budget returns the number of requests within the last minute, and the total delay by the
// rate limit since the start.
func (l *requestLog) budget(now time.Time) (sent int, waited time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.since(now.Add(-time.Minute))), l.waited
}

// watch follows a scan until done is called.
func (l *requestLog) watch(_ context.Context, stats func() httpsource.Stats) (done func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.scans == nil {
		l.scans = map[*func() httpsource.Stats]bool{}
	}
	l.scans[&stats] = true
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.scans, &stats)
	}
}

// reading is how far the running statement is.
type reading struct {
	started  time.Time // of the first request; zero for none yet
	requests int64     // ended
	rows     int64
	scans    httpsource.Stats // the sum of the running scans
}

func (l *requestLog) reading() reading {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := reading{}
	if !l.fresh {
		r = reading{started: l.started, requests: int64(len(l.events) + l.dropped), rows: l.rows}
	}
	for stats := range l.scans {
		one := (*stats)()
		r.scans.Requests += one.Requests
		r.scans.InFlight += one.InFlight
		r.scans.PagesDone += one.PagesDone
		r.scans.PagesTotal += max(0, one.PagesTotal)
		r.scans.Waiting = r.scans.Waiting || one.Waiting
	}
	return r
}
