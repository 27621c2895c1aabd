package teamuptest

import (
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Request is the server's record of a request. It contains no credentials.
type Request struct {
	Time       time.Time // of arrival, by the machine's clock
	Method     string
	Host, Path string
	Query      url.Values // as parsed
	RawQuery   string
	Authorized bool // it carried an Authorization header that is accepted
	// Header has User-Agent, Accept, Accept-Encoding, TeamUp-Provider-ID and
	// TeamUp-Request-Mode, as far as they were sent.
	Header http.Header

	InFlight int    // requests in flight when it arrived, itself included
	Done     bool   // the request has ended; the following fields are set then
	Status   int    // 0 if no response was begun
	Rows     int    // in the page, also if a fault suppressed it
	Bytes    int    // of the body, as sent
	Fault    string // the name of the fault that was injected, if any
	Seq      int    // how many changes the [Store] had seen, of which the rows are a view
}

// requestLog keeps the latest requests, in the order of their arrival.
type requestLog struct {
	mu       sync.Mutex
	requests []*Request
	inFlight int
	most     int
}

// maxRequests bounds the log; the oldest half is forgotten beyond it.
const maxRequests = 200_000

func (l *requestLog) arrive(r *http.Request, authorized bool) *Request {
	e := &Request{
		Time: time.Now(), Method: r.Method, Host: r.Host, Path: r.URL.Path,
		Query: r.URL.Query(), RawQuery: r.URL.RawQuery, Authorized: authorized, Header: http.Header{},
	}
	for _, name := range []string{"User-Agent", "Accept", "Accept-Encoding", headerProvider, headerMode} {
		if v := r.Header.Values(name); len(v) > 0 {
			e.Header[http.CanonicalHeaderKey(name)] = v
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight++
	l.most = max(l.most, l.inFlight)
	e.InFlight = l.inFlight
	if len(l.requests) == maxRequests {
		l.requests = append(l.requests[:0:0], l.requests[maxRequests/2:]...)
	}
	l.requests = append(l.requests, e)
	return e
}

// leave records the end of a request.
func (l *requestLog) leave(e *Request, became Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	e.Done, e.Status, e.Rows, e.Bytes, e.Fault, e.Seq = true, became.Status, became.Rows, became.Bytes, became.Fault, became.Seq
}

// Requests are the requests since the start or the last ResetLog, by arrival; of
// very many only the latest 100,000 or more. Maps in them are shared and not to be
// changed.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	list := make([]Request, len(s.log.requests))
	for i, e := range s.log.requests {
		list[i] = *e
	}
	return list
}

// MaxInFlight is how many requests were in flight at once, at most, since the start
// or the last ResetLog.
func (s *Server) MaxInFlight() int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return s.log.most
}

// InFlight is how many requests are in flight now.
func (s *Server) InFlight() int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return s.log.inFlight
}

// ResetLog forgets the requests so far.
func (s *Server) ResetLog() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.requests, s.log.most = nil, s.log.inFlight
}
