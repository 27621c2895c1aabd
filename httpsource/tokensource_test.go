package httpsource_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/report"
)

// issuer issues tokens one after another, and guards a report that takes only the latest.
type issuer struct {
	http.RoundTripper
	calls   atomic.Int64              // of the source
	revoked atomic.Int64              // tokens up to this number are refused
	refusal atomic.Int64              // requests refused
	before  func(ctx context.Context) // called by the source
	at      func(request int64)       // called with the number of each request
	count   atomic.Int64
}

func tokenNumber(n int64) string { return fmt.Sprintf("%s-%03d", secret, n) }

// source is Config.TokenSource.
func (i *issuer) source(ctx context.Context) (httpsource.Token, error) {
	n := i.calls.Add(1)
	if i.before != nil {
		i.before(ctx)
	}
	return httpsource.NewToken(tokenNumber(n)), ctx.Err()
}

func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	if i.at != nil {
		i.at(i.count.Add(1))
	}
	var n int64
	if _, err := fmt.Sscanf(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "+secret), "-%d", &n); err != nil || n <= i.revoked.Load() {
		i.refusal.Add(1)
		return respond(r, http.StatusUnauthorized, "application/json", `{"code": "authentication_failed", "message": "`+r.Header.Get("Authorization")+` has expired"}`), nil
	}
	return i.RoundTripper.RoundTrip(r)
}

// client is a client whose tokens come from the issuer.
func (i *issuer) client(t *testing.T, change ...func(*httpsource.Config)) *httpsource.Client {
	return inProcess(t, i, append([]func(*httpsource.Config){func(cfg *httpsource.Config) {
		cfg.Token, cfg.TokenSource = httpsource.Token{}, i.source
	}}, change...)...)
}

func ids(n int) []int64 { return newList(n).ids }

// A scan goes on with a new token when the one it has expires in the middle. Requests that
// are refused together share one call of the source.
func TestATokenThatExpiresIsRenewedOnce(t *testing.T) {
	all := newList(2000)
	all.delay = time.Millisecond
	i := &issuer{RoundTripper: all}
	i.at = func(request int64) {
		if request == 10 { // when several are in flight
			i.revoked.Store(i.calls.Load())
		}
	}
	c := i.client(t)
	var retries atomic.Int64
	r := readAll(t, c, httpsource.Request{Query: report.Customers.Query(), WholeScan: true,
		Observer: func(_ context.Context, e httpsource.RequestEvent) {
			if e.Try > 1 {
				retries.Add(1)
			}
		}})
	require.NoError(t, r.err)
	assert.Equal(t, all.ids, r.ids)
	assert.EqualValues(t, 2, i.calls.Load(), "one token to begin with, and one for all refused requests")
	assert.Positive(t, i.refusal.Load())
	assert.Equal(t, i.refusal.Load(), retries.Load(), "each refused request is sent again, once")

	i.at = nil
	r = readAll(t, c, whole(report.Customers.Query()))
	require.NoError(t, r.err)
	assert.EqualValues(t, 2, i.calls.Load(), "the client keeps the token")
}

// If there is no better token, the 401 is the error, after two requests.
func TestATokenThatStaysRefused(t *testing.T) {
	for name, c := range map[string]struct {
		source   func(calls int64) string
		requests int64
	}{
		"the same": {func(int64) string { return tokenNumber(1) }, 1},
		"another":  {tokenNumber, 2},
	} {
		t.Run(name, func(t *testing.T) {
			i := &issuer{RoundTripper: newList(300)}
			i.revoked.Store(1000)
			client := i.client(t, func(cfg *httpsource.Config) {
				cfg.TokenSource = func(context.Context) (httpsource.Token, error) {
					return httpsource.NewToken(c.source(i.calls.Add(1))), nil
				}
			})
			r := readAll(t, client, whole(report.Customers.Query()))
			var refused *httpsource.APIError
			require.ErrorAs(t, r.err, &refused)
			assert.Equal(t, http.StatusUnauthorized, refused.Status)
			assert.EqualValues(t, 2, i.calls.Load())
			assert.Equal(t, c.requests, i.refusal.Load())
			assert.NotContains(t, r.err.Error(), secret)
			assert.ErrorContains(t, r.err, "***")
		})
	}
}

var errSource = errors.New("invalid_grant")

// What goes wrong in the source is the error of the scan, once, and shows no token.
func TestATokenSourceThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		source func(context.Context) (httpsource.Token, error)
		check  func(t *testing.T, err error)
	}{
		"error": {func(context.Context) (httpsource.Token, error) {
			return httpsource.NewToken(secret), fmt.Errorf("token %s: %w", secret, errSource)
		}, func(t *testing.T, err error) {
			var failed *httpsource.TokenSourceError
			require.ErrorAs(t, err, &failed)
			require.ErrorIs(t, err, errSource)
			require.ErrorContains(t, err, "getting a token failed: token ***: invalid_grant")
		}},
		"end of input": {func(context.Context) (httpsource.Token, error) { return httpsource.Token{}, io.EOF }, func(t *testing.T, err error) {
			require.ErrorContains(t, err, "getting a token failed: EOF")
		}},
		"no token": {func(context.Context) (httpsource.Token, error) { return httpsource.Token{}, nil }, func(t *testing.T, err error) {
			require.ErrorContains(t, err, "Config.TokenSource returned neither a token nor an error")
		}},
		"no header": {func(context.Context) (httpsource.Token, error) {
			return httpsource.NewToken(secret + "\n" + secret), nil
		}, func(t *testing.T, err error) {
			require.ErrorContains(t, err, "contains a control character or a space")
		}},
		"panic": {func(context.Context) (httpsource.Token, error) { panic("boom, " + secret) }, func(t *testing.T, err error) {
			var panicked *httpsource.PanicError
			require.ErrorAs(t, err, &panicked)
			require.Equal(t, "Config.TokenSource", panicked.Function)
			require.NotContains(t, fmt.Sprintf("%v %+v %#v", panicked, panicked.Value, panicked)+string(panicked.Stack), secret)
		}},
		"fault": {func(ctx context.Context) (httpsource.Token, error) {
			return httpsource.Token{}, ctx.Value(secret).(error)
		}, func(t *testing.T, err error) {
			require.ErrorContains(t, err, "Config.TokenSource panicked: interface conversion: ")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int64
			var log bytes.Buffer
			i := &issuer{RoundTripper: newList(300)}
			client := i.client(t, func(cfg *httpsource.Config) {
				cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				cfg.TokenSource = func(ctx context.Context) (httpsource.Token, error) { calls.Add(1); return c.source(ctx) }
			})
			r := readAll(t, client, whole(report.Customers.Query()))
			require.Error(t, r.err)
			c.check(t, r.err)
			assert.EqualValues(t, 1, calls.Load())
			assert.Zero(t, r.stats.Requests, "nothing is sent without a token")
			assert.NotContains(t, r.err.Error()+log.String(), secret)
			_, err := httpsource.Sample(t.Context(), client, httpsource.Request{Query: report.Customers.Query()}, decoder(new(atomic.Int64)))
			require.Error(t, err)
			c.check(t, err)
		})
	}
}

// The scan whose request calls the source is cancelled; the one that waits gets a token.
func TestACancelledScanDoesNotFailAnotherThatWaitsForTheToken(t *testing.T) {
	first, inside := make(chan struct{}), make(chan struct{})
	entered := sync.OnceFunc(func() { close(inside) })
	i := &issuer{RoundTripper: newList(300)}
	i.before = func(ctx context.Context) {
		if i.calls.Load() == 1 {
			entered()
			<-ctx.Done()
			<-first
		}
	}
	c := i.client(t)
	ctx, cancel := context.WithCancel(t.Context())
	results := make(chan error)
	go func() {
		var alive atomic.Int64
		s := httpsource.Scan(ctx, c, whole(report.Customers.Query()), decoder(&alive))
		defer s.Close()
		_, err := s.Next(t.Context())
		results <- err
	}()
	<-inside
	other := make(chan result)
	sent := make(chan struct{})
	go func() {
		close(sent)
		other <- readAll(t, c, whole(report.Customers.Query()))
	}()
	<-sent
	cancel()
	require.ErrorIs(t, <-results, context.Canceled)
	close(first)
	r := <-other
	require.NoError(t, r.err)
	assert.Equal(t, ids(300), r.ids)
	assert.EqualValues(t, 2, i.calls.Load())
}

// The source has the context of a request, with the time limit of one.
func TestATokenSourceHasTheContextOfTheRequest(t *testing.T) {
	i := &issuer{RoundTripper: newList(3)}
	var number int64
	var limited bool
	i.before = func(ctx context.Context) {
		number = httpsource.StatementOf(ctx)
		_, limited = ctx.Deadline()
	}
	c := i.client(t)
	_, err := httpsource.Sample(httpsource.WithStatement(t.Context(), 7), c, httpsource.Request{Query: report.Customers.Query()}, decoder(new(atomic.Int64)))
	require.NoError(t, err)
	assert.EqualValues(t, 7, number)
	assert.True(t, limited)
}

// The texts of a program may have a former token in them as well.
func TestFormerTokensAreConcealed(t *testing.T) {
	i := &issuer{RoundTripper: newList(3)}
	c := i.client(t, func(cfg *httpsource.Config) {
		cfg.Observer = func(_ context.Context, e httpsource.RequestEvent) {
			if e.Err == nil {
				panic(tokenNumber(1) + " and " + tokenNumber(2))
			}
		}
	})
	i.revoked.Store(1)
	_, err := httpsource.Sample(t.Context(), c, httpsource.Request{Query: report.Customers.Query()}, decoder(new(atomic.Int64)))
	require.ErrorContains(t, err, "Config.Observer panicked: *** and ***")
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v", c, c, c), secret)
}

func TestATokenAndASource(t *testing.T) {
	_, err := httpsource.New(httpsource.Config{Token: httpsource.NewToken(secret),
		TokenSource: func(context.Context) (httpsource.Token, error) { return httpsource.Token{}, nil }})
	require.EqualError(t, err, "httpsource.Config.TokenSource is set in addition to Token; give one of the two")
}
