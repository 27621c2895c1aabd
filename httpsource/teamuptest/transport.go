package teamuptest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"syscall"
)

// Transport returns a transport that calls the server in this process, without a network.
// The server need not listen. A fault that breaks the connection is an error of the
// transport.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ server *Server }

// RoundTrip runs the handler in a separate goroutine, which ends with the response, with
// the request's context, or when the body is closed.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	ctx, cancel := context.WithCancel(req.Context())
	r := req.Clone(ctx)
	r.Body, r.ContentLength = http.NoBody, 0
	r.RequestURI, r.RemoteAddr = req.URL.RequestURI(), "in-process"
	if r.Host == "" {
		r.Host = req.URL.Host
	}
	body, w := io.Pipe()
	unblock := context.AfterFunc(ctx, func() { w.CloseWithError(ctx.Err()) })
	p := &pipeWriter{header: http.Header{}, body: w, ready: make(chan struct{})}
	go func() {
		defer cancel()
		defer unblock()
		p.run(t.server, r)
	}()
	select {
	case <-p.ready:
	case <-req.Context().Done():
		cancel()
		return nil, req.Context().Err()
	}
	if p.status == 0 {
		if err := req.Context().Err(); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("teamuptest: %w", syscall.ECONNRESET)
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", p.status, http.StatusText(p.status)), StatusCode: p.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: p.sent, ContentLength: contentLength(p.sent), Body: &pipeBody{body, cancel}, Request: req,
	}, nil
}

func contentLength(h http.Header) int64 {
	n := int64(-1)
	_, _ = fmt.Sscan(h.Get("Content-Length"), &n) // -1, unknown, if there is none
	return n
}

// pipeWriter is the ResponseWriter of one response. ready is closed when the status is
// known, or when there will be no response.
type pipeWriter struct {
	header, sent http.Header
	status       int
	body         *io.PipeWriter
	ready        chan struct{}
	once         sync.Once
}

func (p *pipeWriter) run(h http.Handler, r *http.Request) {
	defer func() {
		// As in net/http, a panic with this value breaks the connection.
		if e := recover(); e != nil && e != http.ErrAbortHandler {
			panic(e)
		} else if e != nil {
			p.body.CloseWithError(io.ErrUnexpectedEOF)
			p.once.Do(func() { close(p.ready) })
		}
	}()
	h.ServeHTTP(p, r)
	p.WriteHeader(http.StatusOK)
	p.body.Close()
}

// Header returns the header that WriteHeader will send.
func (p *pipeWriter) Header() http.Header { return p.header }

// WriteHeader hands the response over.
func (p *pipeWriter) WriteHeader(status int) {
	p.once.Do(func() {
		p.status, p.sent = status, p.header.Clone()
		close(p.ready)
	})
}

// Write blocks until the body is read.
func (p *pipeWriter) Write(b []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	return p.body.Write(b)
}

// Flush does nothing, because nothing is buffered.
func (p *pipeWriter) Flush() {}

type pipeBody struct {
	*io.PipeReader
	cancel context.CancelFunc
}

func (b *pipeBody) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}
