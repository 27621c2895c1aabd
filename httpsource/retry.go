package httpsource

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// call is one page to fetch, with all its tries.
type call struct {
	query    report.Query
	provider int64
	reason   Reason
	observer func(context.Context, RequestEvent) // of the scan, nil for none
	counters *counters
	waiter   *waiter // for the first try
	// use decodes a body and returns the number of rows. It must not keep the body.
	use func(body []byte) (rows int, err error)
	// discard releases the decoded page if the call fails later.
	discard func()

	first    time.Time // when the first request was sent
	tries    int
	failures int // failed tries, without 429 and without the 401 after which the token was renewed
	refused  int // the number of the token that TeamUp refused; 0 for none
	waits    backoff
}

// fetch sends a request until a response has been decoded or the retry limits are reached.
// It returns before any row of the page is delivered.
func (c *Client) fetch(ctx context.Context, call *call) error {
	req := c.newRequest(c.address(call.query), call.provider)
	call.waits = backoff{first: c.cfg.Retry.Wait, longest: c.cfg.Retry.MaxWait}
	w := call.waiter
	var err error
	for {
		if err := c.await(ctx, call, w, err); err != nil {
			return err
		}
		token, failed := c.token(ctx, call, w)
		if failed != nil {
			return failed
		}
		if err = c.try(ctx, call, req, token.token, w); err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return stopped(ctx)
		}
		if c.mayRenew(call, err) {
			if failed := c.renew(ctx, call, token, err); failed != nil {
				return failed
			}
			w = c.gate.join(ctx, w.turn)
			continue
		}
		wait, final := c.judge(call, err)
		if final != nil {
			return final
		}
		c.log.WarnContext(ctx, "request failed, trying again", "path", req.URL.Path, "provider_id", c.provider(call), "reason", call.reason,
			"try", call.tries, "status", statusOf(err), "wait", wait, "error", err)
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		w = c.gate.join(ctx, w.turn)
	}
}

// await waits until the call may send, at most until its time limit. last is the error of
// the previous try, nil before the first.
func (c *Client) await(ctx context.Context, call *call, w *waiter, last error) error {
	if last == nil {
		return w.wait(ctx)
	}
	limited, cancel := context.WithDeadline(ctx, call.first.Add(c.cfg.Retry.Elapsed))
	defer cancel()
	err := w.wait(limited)
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case statusOf(last) == http.StatusTooManyRequests:
		return &RateLimitError{Tries: call.tries, Elapsed: call.since(), Last: last, words: c.cfg.Words}
	}
	return &RetryError{Tries: call.tries, Elapsed: call.since(), Last: last, words: c.cfg.Words}
}

// try sends one request and decodes its response.
func (c *Client) try(ctx context.Context, call *call, req *http.Request, token Token, w *waiter) error {
	n := call.counters
	n.held(w.from, w.to)
	n.requests.Add(1)
	if call.tries++; call.tries > 1 {
		n.retries.Add(1)
	}
	start := time.Now()
	if call.first.IsZero() {
		call.first = start
	}
	buf := buffers.Get().(*bytes.Buffer)
	defer putBuffer(buf)
	n.inFlight.Add(1)
	got, err := c.exchange(ctx, req, token, buf)
	n.inFlight.Add(-1)
	n.bytes.Add(got.wire)
	took := time.Since(start)

	c.leave(ctx, call, w, got.status, err)

	rows := 0
	if err == nil {
		// Let goroutines that are ready to send a request run before this one decodes.
		runtime.Gosched()
		err = c.unpack(ctx, got, buf)
	}
	if err == nil {
		rows, err = call.use(buf.Bytes())
	}
	observed := false
	if err == nil {
		defer func() { // also if an observer ends the goroutine
			if !observed {
				call.discard()
			}
		}()
	}
	panicked := c.observe(ctx, call, req, RequestEvent{Time: start, Try: call.tries, Status: got.status, Rows: rows,
		Bytes: got.wire, Duration: took, Waited: w.to - w.from, Err: err})
	observed = panicked == nil
	return cmp.Or(panicked, err)
}

// leave reports the end of a try to the governor, with the wait that the response requests.
func (c *Client) leave(ctx context.Context, call *call, w *waiter, status int, err error) {
	how := leftAnswered
	switch status {
	case 0:
		how = leftUnused
	case http.StatusTooManyRequests:
		how = leftThrottled
	}
	var refused *APIError
	var wait time.Duration
	// When ctx has ended, err may be its cause, an error of the caller.
	if ctx.Err() == nil && errors.As(err, &refused) {
		refused.Tries = call.tries
		wait = refused.RetryAfter
	}
	if call.since()+wait > c.cfg.Retry.Elapsed {
		// This call fails instead of waiting so long, so the others need not wait either.
		wait = 0
	}
	w.leave(how, wait)
}

func (call *call) since() time.Duration { return since(call.first) }

// judge returns how long to wait before the next try, or the final error.
func (c *Client) judge(call *call, err error) (time.Duration, error) {
	var refused *APIError
	errors.As(err, &refused)
	if refused != nil && refused.Status == http.StatusTooManyRequests {
		// The governor pauses all requests. Such a try counts by its time only.
		if call.since()+refused.RetryAfter > c.cfg.Retry.Elapsed {
			return 0, &RateLimitError{Tries: call.tries, Elapsed: call.since(), Asked: refused.RetryAfter, Last: err, words: c.cfg.Words}
		}
		return 0, nil
	}
	if !isTransient(err) {
		return 0, err
	}
	wait := call.waits.wait()
	if refused != nil {
		wait = max(wait, refused.RetryAfter)
	}
	if call.failures++; call.failures >= c.cfg.Retry.Tries || call.since()+wait > c.cfg.Retry.Elapsed {
		return 0, &RetryError{Tries: call.tries, Elapsed: call.since(), Last: err, words: c.cfg.Words}
	}
	return wait, nil
}

// isTransient reports whether a retry can succeed after an error of this kind.
func isTransient(err error) bool {
	var (
		refused     *APIError
		notJSON     *NotJSONError
		size        *BodyTooLargeError
		redirect    *RedirectError
		answered    *answerError
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		plain       tls.RecordHeaderError
		dns         *net.DNSError
		panicked    *PanicError
		noToken     *TokenSourceError
	)
	switch {
	case errors.As(err, &panicked), errors.As(err, &noToken):
		return false
	case errors.As(err, &refused):
		switch refused.Status {
		case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
		return false
	case errors.As(err, &answered):
		return isMalformed(answered.err)
	case errors.As(err, &notJSON), errors.As(err, &size), errors.As(err, &redirect),
		errors.As(err, &certificate), errors.As(err, &authority), errors.As(err, &plain), errors.Is(err, http.ErrSchemeMismatch):
		return false
	case errors.As(err, &dns):
		return !dns.IsNotFound
	}
	return true // refused, reset and closed connections, timeouts
}

// answerError is an error in the content of a response, not in its transport.
type answerError struct{ err error }

func (e *answerError) Error() string { return e.err.Error() }
func (e *answerError) Unwrap() error { return e.err }

func statusOf(err error) int {
	var refused *APIError
	if errors.As(err, &refused) {
		return refused.Status
	}
	return 0
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return stopped(ctx)
	}
}

// provider returns the business of a call, 0 for the only business of the token.
func (c *Client) provider(call *call) int64 {
	provider := call.provider
	orElse(&provider, c.cfg.ProviderID)
	return provider
}

// observe completes an event and passes it to the log and the observers. The error is a
// panic of one of them.
func (c *Client) observe(ctx context.Context, call *call, req *http.Request, e RequestEvent) error {
	e.Method, e.Path, e.ProviderID, e.Reason = req.Method, req.URL.Path, c.provider(call), call.reason
	if c.log.Enabled(ctx, slog.LevelDebug) { // avoid the allocations of the arguments
		c.log.DebugContext(ctx, "request", "path", e.Path, "query", shorten(req.URL.RawQuery, maxExcerpt), "provider_id", e.ProviderID, "reason", e.Reason,
			"try", e.Try, "status", e.Status, "rows", e.Rows, "bytes", e.Bytes, "duration", e.Duration, "waited", e.Waited)
	}
	err := c.logFailure()
	for _, o := range []struct {
		name string
		call func(context.Context, RequestEvent)
	}{{"Config.Observer", c.cfg.Observer}, {"Request.Observer", call.observer}} {
		if o.call == nil {
			continue
		}
		e.Parameters = req.URL.Query()
		err = cmp.Or(err, c.tokens.guard(o.name, func() error { o.call(ctx, e); return nil }))
	}
	return err
}
