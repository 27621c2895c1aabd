package httpsource

import (
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Reason says why a request was sent.
type Reason string

// The reasons.
const (
	ReasonFirstPage  Reason = "first page"  // it also tells how many rows there are
	ReasonPage       Reason = "page"        // one of the pages that follow
	ReasonKeys       Reason = "keys"        // customers asked for by their ids
	ReasonSeamRepair Reason = "seam repair" // rows between two pages that no longer touch, or the proof that none follow
	ReasonCount      Reason = "count"       // how many there are, and the proof of it
	ReasonTop        Reason = "top"         // the first rows in another order
	ReasonFields     Reason = "fields"      // which custom fields there are, and of which type
	ReasonReread     Reason = "reread"      // a page of another pass over a report that is not sorted
)

// RequestEvent describes one request that has ended. It holds no secret.
type RequestEvent struct {
	Time       time.Time // when it was sent
	Method     string
	Path       string
	Parameters url.Values // the receiver's own
	ProviderID int64      // 0: the token's only one
	Reason     Reason
	Try        int           // from 1
	Status     int           // HTTP status, 0: no answer
	Rows       int           // 0 where it failed
	Bytes      int64         // of the body, as sent
	Duration   time.Duration // until the body was read
	Waited     time.Duration // held back by flow control before it was sent
	Err        error         // nil: its rows are used
}

// Stats is the state of a scan at one moment.
type Stats struct {
	Requests   int64         // sent so far
	Retries    int64         // of these, repeated after a failure
	InFlight   int64         // sent and not answered
	Bytes      int64         // of bodies, as sent
	Rows       int64         // delivered by Next
	RowsTotal  int64         // rows of the whole scan as far as the report says; -1: not known
	PagesDone  int64         // pages whose rows are used
	PagesTotal int64         // an estimate; -1: not known
	RateWait   time.Duration // time that requests were held back by rate or by TeamUp's 429
	Waiting    bool          // requests are being held back now
}

// counters are the moving parts of Stats.
type counters struct {
	requests, retries, inFlight, bytes, rows, rowsTotal, pages, pagesTotal atomic.Int64

	mu       sync.Mutex
	rateWait time.Duration
	mark     time.Duration // up to where, on the governor's clock of held time, rateWait has counted
}

// held counts the stretch of the governor's held time that a request has waited
// through, once, however many requests wait side by side.
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
