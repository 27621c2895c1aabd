package httpsource

import (
	"context"
	"net/http"
)

// token returns the token for a try. On an error the turn is given back.
func (c *Client) token(ctx context.Context, call *call, w *waiter) (t issued, err error) {
	got := false
	defer func() { // also if the source ends the goroutine
		if !got {
			w.leave(leftUnused, 0)
		}
	}()
	t, err = c.tokens.get(ctx, call.refused)
	got = err == nil
	return t, err
}

// mayRenew reports whether an error is a 401 after which the call tries another token.
func (c *Client) mayRenew(call *call, err error) bool {
	return c.tokens.source != nil && call.refused == 0 && statusOf(err) == http.StatusUnauthorized
}

// renew gets another token after a 401. The error is the 401 if there is no other.
func (c *Client) renew(ctx context.Context, call *call, t issued, refusal error) error {
	call.refused = t.number
	fresh, err := c.tokens.get(ctx, t.number)
	switch {
	case err != nil:
		return err
	case fresh.token.secret() == t.token.secret():
		return refusal
	}
	c.log.InfoContext(ctx, "token refused, trying again with a new one", "provider_id", c.provider(call), "reason", call.reason, "try", call.tries)
	return nil
}
