package httpsource_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
)

func newBody(s string) io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }

// handler answers in this process with a function.
type handler func(r *http.Request) (*http.Response, error)

func (h handler) RoundTrip(r *http.Request) (*http.Response, error) { return h(r) }

// alive counts pages that have not been released.
type alive = atomic.Int64

// dialCounter counts connections that were opened.
type dialCounter struct{ atomic.Int64 }

func (d *dialCounter) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		ConnectStart: func(string, string) { d.Add(1) },
	})
}
