package httpsource

import (
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Reason is why a request was sent.
type Reason string

// The reasons.
const (
	ReasonFirstPage  Reason = "first page"  // also has the total
	ReasonPage       Reason = "page"        // one of the pages that follow
	ReasonKeys       Reason = "keys"        // rows requested by id
	ReasonSeamRepair Reason = "seam repair" // rows between two pages with a gap, or the proof that none follow
	ReasonCount      Reason = "count"       // the total, and the proof of it
	ReasonTop        Reason = "top"         // the first rows in another order
	ReasonFields     Reason = "fields"      // names and types of custom fields
	ReasonReread     Reason = "reread"      // a page of another pass over a report that is not sorted
)

// RequestEvent describes one request that has ended. It contains no secret.
type RequestEvent struct {
	Time       time.Time // when it was sent
	Method     string
	Path       string
	Parameters url.Values // a copy
	ProviderID int64      // the business; 0 if the token has only one
	Reason     Reason
	Try        int           // from 1
	Status     int           // HTTP status; 0 if there was no response
	Rows       int           // 0 if the request failed
	Bytes      int64         // of the body, as sent
	Duration   time.Duration // from sending to the last byte of the body
	Waited     time.Duration // delay by the limits before it was sent
	Err        error         // nil if the request succeeded
}

// Stats is the state of a scan at one moment.
type Stats struct {
	Requests   int64         // sent so far
	Retries    int64         // requests that were retries
	InFlight   int64         // sent, without a response so far
	Bytes      int64         // of bodies, as sent
	Rows       int64         // delivered by Next
	RowsTotal  int64         // rows of the complete scan according to the report; -1 if unknown
	PagesDone  int64         // pages whose rows are used
	PagesTotal int64         // an estimate; -1 if unknown
	RateWait   time.Duration // total delay by the rate limit and by 429 responses
	Waiting    bool          // requests are being delayed now
}

// counters are the values of Stats that change during a scan.
type counters struct {
	requests, retries, inFlight, bytes, rows, rowsTotal, pages, pagesTotal atomic.Int64

	mu       sync.Mutex
	rateWait time.Duration
	mark     time.Duration // the governor's total delay up to which rateWait has counted
}

// held adds a delay to rateWait. from and to are totals of the governor. Time during which
// several requests were delayed counts once.
func (n *counters) held(from, to time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if from = max(from, n.mark); to > from {
		n.rateWait += to - from
		n.mark = to
	}
}

func (n *counters) snapshot() Stats {
	n.mu.Lock()
	defer n.mu.Unlock()
	return Stats{
		Requests: n.requests.Load(), Retries: n.retries.Load(), InFlight: n.inFlight.Load(),
		Bytes: n.bytes.Load(), Rows: n.rows.Load(), RowsTotal: n.rowsTotal.Load(),
		PagesDone: n.pages.Load(), PagesTotal: n.pagesTotal.Load(), RateWait: n.rateWait,
	}
}
