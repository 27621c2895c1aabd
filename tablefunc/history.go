package tablefunc

import (
	"sync"

	"github.com/teamupsql/teamupsql/httpsource"
)

// historySize is how many requests teamup_requests() shows at most: those of 200,000
// customers. They are the only memory of a scan that grows with its length.
const historySize = 2_000

// pastRequest is a request that has ended, with its place in what a connector ran.
type pastRequest struct {
	statement       int64
	scan            int
	event           httpsource.RequestEvent // without Parameters and Err, which may hold on to much
	parameters, err string
}

// requestHistory keeps the latest requests of a connector or of a call of Register. The
// zero value is ready for use.
type requestHistory struct {
	mu         sync.Mutex
	statements int64         // that have scanned
	requests   []pastRequest // a ring when it is full
	oldest     int
}

// nextStatement numbers the statements that scan, from 1.
func (h *requestHistory) nextStatement() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.statements++
	return h.statements
}

func (h *requestHistory) add(r pastRequest) {
	r.parameters, r.event.Parameters = r.event.Parameters.Encode(), nil
	if r.event.Err != nil {
		r.err, r.event.Err = r.event.Err.Error(), nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.requests) < historySize {
		h.requests = append(h.requests, r)
		return
	}
	h.requests[h.oldest] = r
	h.oldest = (h.oldest + 1) % historySize
}

// list is the requests in the order in which they ended.
func (h *requestHistory) list() []pastRequest {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append(append([]pastRequest(nil), h.requests[h.oldest:]...), h.requests[:h.oldest]...)
}
