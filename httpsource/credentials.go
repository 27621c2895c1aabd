package httpsource

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
)

// credentials give requests their token, and keep all tokens out of texts that somebody
// else wrote. They are safe for concurrent use.
type credentials struct {
	source  func(context.Context) (Token, error) // Config.TokenSource; nil for a fixed token
	timeout time.Duration                        // for one call of source; not positive for none

	mu      sync.Mutex
	current issued
	secrets []Token  // the latest tokens, for conceal
	renewal *renewal // in flight; nil for none
}

// issued is a token with its place among the tokens of a client, from 1; 0 is no token.
type issued struct {
	token  Token
	number int
}

// renewal is one call of the source. All requests that wait for it share its result.
type renewal struct {
	done      chan struct{} // closed when the source has returned
	result    issued
	err       error
	cancelled bool // by the context of the request that made the call
}

// mostSecrets is how many tokens of a source are concealed: the latest. A token that so
// many have followed is in no request any more.
const mostSecrets = 16

func newCredentials(cfg Config) *credentials {
	c := &credentials{source: cfg.TokenSource, timeout: cfg.RequestTimeout}
	if c.source == nil && !cfg.Token.IsZero() {
		c.current, c.secrets = issued{cfg.Token, 1}, []Token{cfg.Token}
	}
	return c
}

// missing reports whether there is neither a token nor a source.
func (c *credentials) missing() bool { return c.source == nil && c.current.number == 0 }

// get returns the current token if its number is larger than that of the refused one.
// Otherwise it calls the source. Requests that do so at the same time share one call. If the
// context of that call ends, another of the requests calls the source again.
func (c *credentials) get(ctx context.Context, refused int) (issued, error) {
	for {
		c.mu.Lock()
		if c.current.number > refused {
			defer c.mu.Unlock()
			return c.current, nil
		}
		r, own := c.renewal, c.renewal == nil
		if own {
			r = &renewal{done: make(chan struct{}), err: errGoexit}
			c.renewal = r
		}
		c.mu.Unlock()
		if own {
			c.renew(ctx, r)
		}
		select {
		case <-r.done:
		case <-ctx.Done():
			return issued{}, stopped(ctx)
		}
		if own || !r.cancelled {
			return r.result, r.err
		}
	}
}

// renew calls the source for all requests that wait for r.
func (c *credentials) renew(ctx context.Context, r *renewal) {
	defer func() { // also if the source ends the goroutine
		c.mu.Lock()
		defer c.mu.Unlock()
		if r.err == nil {
			c.current = r.result
		}
		r.cancelled = r.err != nil && ctx.Err() != nil
		c.renewal = nil
		close(r.done)
	}()
	token, err := c.ask(ctx)
	c.mu.Lock()
	r.result = issued{token, c.current.number + 1}
	c.mu.Unlock()
	r.err = err
}

const sourceName = "Config.TokenSource"

// ask calls the source once. The error is a [*TokenSourceError] or a [*PanicError].
func (c *credentials) ask(ctx context.Context) (token Token, err error) {
	if c.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.timeout, errSlow)
		defer cancel()
	}
	defer func() {
		if v := recover(); v != nil {
			if _, harmless := v.(runtime.Error); !harmless {
				v = hidden + " (not shown, because it may contain a token)"
			}
			err = &PanicError{Function: sourceName, Value: v, Stack: debug.Stack()}
		}
	}()
	token, err = c.source(ctx)
	c.remember(token)
	switch {
	case err != nil:
		err = c.discreet(err)
	case token.IsZero():
		err = errors.New(sourceName + " returned neither a token nor an error")
	case strings.IndexFunc(token.secret(), unprintable) >= 0:
		err = errors.New(sourceName + " returned a token that contains a control character or a space")
	default:
		return token, nil
	}
	return Token{}, &TokenSourceError{Err: err}
}

// remember has a token concealed from now on.
func (c *credentials) remember(token Token) {
	if token.IsZero() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.secrets = slices.DeleteFunc(c.secrets, func(t Token) bool { return t.secret() == token.secret() })
	c.secrets = append(c.secrets, token)
	c.secrets = c.secrets[max(0, len(c.secrets)-mostSecrets):]
}

// conceal takes the tokens out of a text that somebody else wrote.
func (c *credentials) conceal(s string) string {
	c.mu.Lock()
	secrets := slices.Clone(c.secrets)
	c.mu.Unlock()
	for _, t := range secrets {
		s = t.conceal(s)
	}
	return s
}

// discreet hides the tokens in an error whose text somebody else had a part in.
// errors.Is and errors.As see the error itself.
func (c *credentials) discreet(err error) error {
	text := err.Error()
	if concealed := c.conceal(text); concealed != text {
		return &discreetError{concealed, err}
	}
	return err
}

type discreetError struct {
	text string
	err  error
}

func (e *discreetError) Error() string { return e.text }
func (e *discreetError) Unwrap() error { return e.err }

// guard runs f, whose panic is a PanicError of the named function.
func (c *credentials) guard(function string, f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			text := fmt.Sprint(r)
			if concealed := c.conceal(text); concealed != text {
				r = concealed
			}
			err = &PanicError{Function: function, Value: r, Stack: debug.Stack()}
		}
	}()
	return f()
}
