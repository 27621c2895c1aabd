package httpsource_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

// panicking is a callback of each kind that panics, in a client's settings or in a request.
type panicking struct {
	function string // as the error names it
	config   func(*httpsource.Config)
	request  func(*httpsource.Request)
	decode   func([]byte) (*rows, error)
	scanOnly bool
}

const boom = "boom"

func panickingCallbacks() map[string]panicking {
	return map[string]panicking{
		"observer of the client": {function: "Config.Observer", config: func(c *httpsource.Config) {
			c.Observer = func(context.Context, httpsource.RequestEvent) { panic(boom) }
		}},
		"observer of the request": {function: "Request.Observer", request: func(r *httpsource.Request) {
			r.Observer = func(context.Context, httpsource.RequestEvent) { panic(boom) }
		}},
		"decode":               {function: "the decode function", decode: func([]byte) (*rows, error) { panic(boom) }},
		"decode, end of input": {function: "the decode function", decode: func([]byte) (*rows, error) { panic(io.EOF) }},
		"a method of the page": {function: "a method of its page", decode: func([]byte) (*rows, error) { return nil, nil }},
		"transport": {function: "the transport of Config.HTTPClient", config: func(c *httpsource.Config) {
			c.HTTPClient = &http.Client{Transport: handler(func(r *http.Request) (*http.Response, error) { panic(r.Header.Get("Authorization")) })}
		}},
		"body": {function: "the transport of Config.HTTPClient", config: func(c *httpsource.Config) {
			inner := c.HTTPClient.Transport
			c.HTTPClient = &http.Client{Transport: handler(func(r *http.Request) (*http.Response, error) {
				res, err := inner.RoundTrip(r)
				res.Body = brokenBody{res.Body}
				return res, err
			})}
		}},
		"watch": {function: "Config.Watch", scanOnly: true, config: func(c *httpsource.Config) {
			c.Watch = func(context.Context, func() httpsource.Stats) func() { panic(boom) }
		}},
		"log":             {function: "the handler of Config.Logger", config: func(c *httpsource.Config) { c.Logger = slog.New(brokenHandler{}) }},
		"log, no handler": {function: "the handler of Config.Logger", config: func(c *httpsource.Config) { c.Logger = &slog.Logger{} }},
	}
}

type brokenBody struct{ io.ReadCloser }

func (brokenBody) Read([]byte) (int, error) { panic(boom) }

type brokenHandler struct{ slog.Handler }

func (brokenHandler) Enabled(context.Context, slog.Level) bool  { return true }
func (brokenHandler) Handle(context.Context, slog.Record) error { panic(boom) }

// A callback that panics fails the call that it ran for. The process goes on, nothing is
// left held, and a client without such a callback reads the report with the same limits.
func TestACallbackThatPanicsFailsItsCall(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(450))
	for name, p := range panickingCallbacks() {
		t.Run(name, func(t *testing.T) {
			var held alive
			req := httpsource.Request{Query: report.Customers.Query(), WholeScan: true}
			if p.request != nil {
				p.request(&req)
			}
			decode := decoder(&held)
			if p.decode != nil {
				decode = p.decode
			}
			c := inProcess(t, server.Transport(), func(cfg *httpsource.Config) {
				if p.config != nil {
					p.config(cfg)
				}
			})
			check := func(err error) {
				t.Helper()
				var panicked *httpsource.PanicError
				require.ErrorAs(t, err, &panicked)
				assert.Contains(t, panicked.Function, p.function)
				assert.NotEmpty(t, panicked.Stack)
				assert.ErrorContains(t, err, p.function)
				assert.False(t, errors.Is(err, io.EOF), "a failure is no end of the rows")
				assert.NotContains(t, err.Error(), secret)
			}
			s := httpsource.Scan(t.Context(), c, req, decode)
			_, err := s.Next(t.Context())
			check(err)
			require.NoError(t, s.Close())
			if !p.scanOnly {
				req.WholeScan = false
				_, err = httpsource.Sample(t.Context(), c, req, decode)
				check(err)
				_, _, err = httpsource.Count(t.Context(), c, req, decode, func(*rows) bool { return true })
				check(err)
			}
			assert.Zero(t, held.Load(), "pages that nobody released")
			r := readAll(t, inProcess(t, server.Transport()), whole(report.Customers.Query()))
			require.NoError(t, r.err, "turns that a panic did not give back would be missing here")
		})
	}
}

// What Watch returned may be nil, and its panic is the error of Close.
func TestTheEndOfAWatch(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(50))
	for _, done := range []func(){nil, func() { panic(boom) }} {
		c := inProcess(t, server.Transport(), func(cfg *httpsource.Config) {
			cfg.Watch = func(context.Context, func() httpsource.Stats) func() { return done }
		})
		var held alive
		s := httpsource.Scan(t.Context(), c, httpsource.Request{Query: report.Customers.Query()}, decoder(&held))
		p, err := s.Next(t.Context())
		require.NoError(t, err)
		p.Release()
		for range 2 {
			var panicked *httpsource.PanicError
			if err := s.Close(); done == nil {
				require.NoError(t, err)
			} else {
				require.ErrorAs(t, err, &panicked)
			}
		}
		assert.Zero(t, held.Load())
	}
}

// A callback that ends its goroutine, as t.FailNow does, ends the scan.
func TestACallbackThatEndsItsGoroutine(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(50))
	for _, change := range []func(*httpsource.Config){
		func(cfg *httpsource.Config) {
			cfg.Observer = func(context.Context, httpsource.RequestEvent) { runtime.Goexit() }
		},
		func(cfg *httpsource.Config) {
			cfg.Token, cfg.Concurrency = httpsource.Token{}, 1
			cfg.TokenSource = func(context.Context) (httpsource.Token, error) { runtime.Goexit(); return httpsource.Token{}, nil }
		},
	} {
		c := inProcess(t, server.Transport(), change)
		for range 2 { // the first gives its turn back
			r := readAll(t, c, whole(report.Customers.Query()))
			require.ErrorContains(t, r.err, "runtime.Goexit")
		}
	}
}

func TestScanNeedsADecodeFunction(t *testing.T) {
	c := inProcess(t, teamuptest.New().Transport())
	s := httpsource.Scan[*rows](t.Context(), c, httpsource.Request{Query: report.Customers.Query()}, nil)
	_, err := s.Next(t.Context())
	require.ErrorContains(t, err, "decode function")
	require.NoError(t, s.Close())
}
