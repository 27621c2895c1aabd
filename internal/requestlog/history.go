package requestlog

import (
	"sync"

	"github.com/teamupsql/teamupsql/httpsource"
)

// maxRequests is how many requests teamup_requests() shows at most: those of 200,000
// customers. They are the only memory of a scan that grows with its length.
const maxRequests = 2_000

// Request is a request that has ended, with the statement and the scan that sent it.
type Request struct {
	Statement  int64
	Scan       int                     // 0 for a request of no scan
	Event      httpsource.RequestEvent // without Parameters and Err, which may keep much memory alive
	Parameters string                  // encoded
	Err        string
}

// History keeps the latest requests of the statements that share it. The zero value is
// ready for use, by several goroutines.
type History struct {
	mu         sync.Mutex
	statements int64     // that have scanned
	requests   []Request // a ring when it is full
	oldest     int
}

// nextStatement numbers the statements that scan, from 1.
func (h *History) nextStatement() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.statements++
	return h.statements
}

func (h *History) add(r Request) {
	r.Parameters, r.Event.Parameters = r.Event.Parameters.Encode(), nil
	if r.Event.Err != nil {
		r.Err, r.Event.Err = r.Event.Err.Error(), nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.requests) < maxRequests {
		h.requests = append(h.requests, r)
		return
	}
	h.requests[h.oldest] = r
	h.oldest = (h.oldest + 1) % maxRequests
}

// List returns the requests in the order in which they ended.
func (h *History) List() []Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append(append([]Request(nil), h.requests[h.oldest:]...), h.requests[:h.oldest]...)
}
