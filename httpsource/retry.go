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

// call is one page that is wanted, however many requests that takes.
type call struct {
	query    report.Query
	provider int64
	reason   Reason
	observer func(context.Context, RequestEvent) // of the scan, nil for none
	counters *counters
	waiter   *waiter // the turn of the first try
	// use decodes a body, which is the client's again when it returns. It says how
	// many rows there were.
	use func(body []byte) (rows int, err error)
	// discard releases the page of a body that was used, if the call fails after all.
	discard func()

	first    time.Time // when the first request went out
	tries    int
	failures int // of these, without the 429s and the 401 after which the token was renewed
	refused  int // the number of the token that TeamUp refused; 0 for none
	waits    backoff
}

// fetch repeats a request until its answer has been used, or until that is
// hopeless. It is done before any row of the page is handed on.
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

// await waits for the call's turn, after the last try failed with this error, and no
// longer than the call may take.
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

// try sends one request, gives the turn back and uses the answer.
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

	var refused *APIError
	how := leftAnswered
	switch {
	case got.status == 0:
		how = leftUnused
	case got.status == http.StatusTooManyRequests:
		how = leftThrottled
	}
	var asked time.Duration
	// With the end of ctx, err may be its cause, which is the caller's own.
	if ctx.Err() == nil && errors.As(err, &refused) {
		refused.Tries = call.tries
		asked = refused.RetryAfter
	}
	if call.since()+asked > c.cfg.Retry.Elapsed {
		// This call gives up rather than wait so long, and nobody else should for it.
		asked = 0
	}
	w.leave(how, asked)

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
		defer func() { // also where an observer ends the goroutine
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

func (call *call) since() time.Duration { return since(call.first) }

// judge says how long to wait before the next try, or that there is none.
func (c *Client) judge(call *call, err error) (time.Duration, error) {
	var refused *APIError
	errors.As(err, &refused)
	if refused != nil && refused.Status == http.StatusTooManyRequests {
		// The governor pauses; tries do not count, time does.
		if call.since()+refused.RetryAfter > c.cfg.Retry.Elapsed {
			return 0, &RateLimitError{Tries: call.tries, Elapsed: call.since(), Asked: refused.RetryAfter, Last: err, words: c.cfg.Words}
		}
		return 0, nil
	}
	if !passing(err) {
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

// passing says whether an error is of a kind that usually passes.
func passing(err error) bool {
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
	return true // refused, reset and cut connections, time-outs
}

// answerError is an error of the answer's reader, apart from those of its way here.
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

// provider is the business that a call asks for, 0 for the token's only one.
func (c *Client) provider(call *call) int64 {
	provider := call.provider
	orElse(&provider, c.cfg.ProviderID)
	return provider
}

// observe completes an event and passes it to the log and the observers. The error is a
// panic of one of them.
func (c *Client) observe(ctx context.Context, call *call, req *http.Request, e RequestEvent) error {
	e.Method, e.Path, e.ProviderID, e.Reason = req.Method, req.URL.Path, c.provider(call), call.reason
	if c.log.Enabled(ctx, slog.LevelDebug) { // what is logged has to be allocated
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
