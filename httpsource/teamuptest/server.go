package teamuptest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"time"
)

// basePath is the path of TeamUp's API.
const (
	basePath = "/api/v2"
)

// Server is a report server. It is an http.Handler, and a transport for clients in
// the same process; [NewServer] has it listen too. Everything may be called by
// several goroutines.
type Server struct {
	config  *config
	stores  map[int64]*Store
	only    *Store // the business of requests that name none; nil if there are several
	limiter *bucket
	log     requestLog
	faults  faultRules
	counted atomic.Int64 // requests with a response with rows, or with a fault instead

	listener *httptest.Server // nil for a server that does not listen
	done     chan struct{}
	close    sync.Once
}

// New returns a server that does not listen.
func New(opts ...Option) *Server {
	c := newConfig(opts)
	s := &Server{config: c, stores: map[int64]*Store{}, done: make(chan struct{})}
	s.faults.rules = c.rules
	if c.rate > 0 {
		s.limiter = newBucket(c.rate, c.burst)
	}
	for _, id := range c.providers {
		s.stores[id] = newStore(c, id)
	}
	switch len(c.providers) {
	case 0:
		s.only = newStore(c, 0)
	case 1:
		s.only = s.stores[c.providers[0]]
	}
	return s
}

// NewServer starts a server on a free port of the loopback interface. The caller
// closes it.
func NewServer(opts ...Option) *Server {
	s := New(opts...)
	s.listener = httptest.NewServer(s)
	return s
}

// URL is the base URL, up to and with /api/v2. For a server that does not listen it
// is one that only [Server.Transport] can reach.
func (s *Server) URL() string {
	if s.listener == nil {
		return "https://teamuptest.invalid" + basePath
	}
	return s.listener.URL + basePath
}

// Close ends stalled responses, stops listening and waits for the requests in flight.
func (s *Server) Close() {
	s.close.Do(func() { close(s.done) })
	if s.listener != nil {
		s.listener.Close()
	}
}

// Store returns the store of a business, or of the only one if no id is given; nil if there
// is no such business.
func (s *Server) Store(provider ...int64) *Store {
	if len(provider) == 0 {
		return s.only
	}
	return s.stores[provider[0]]
}

// Serve serves requests from l until ctx ends, and then closes s and l.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	h := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	defer context.AfterFunc(ctx, func() {
		s.Close()
		h.Close()
	})()
	if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// ListenAndServe serves requests at a TCP address such as "127.0.0.1:8080" until ctx ends.
// It prints nothing.
func ListenAndServe(ctx context.Context, addr string, opts ...Option) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	return New(opts...).Serve(ctx, l)
}

// pause waits for d; false if the request or the server ended first.
func (s *Server) pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
	case <-s.done:
	}
	return false
}
