package httpsource

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

// maxErrorBody bounds what is read of an answer that is only repeated in an error.
const maxErrorBody = 64 << 10

// answer is what one request brought.
type answer struct {
	status      int   // 0: no answer
	wire        int64 // bytes of the body as sent
	contentType string
	zipped      bool
}

// exchange sends one request and fills buf with the body of a 200 as it was sent,
// for unpack. Every other answer is an error. The transport may be the program's.
func (c *Client) exchange(ctx context.Context, req *http.Request, token Token, buf *bytes.Buffer) (got answer, err error) {
	err = c.tokens.guard(transportName, func() error {
		got, err = c.send(ctx, req, token, buf)
		return err
	})
	return got, err
}

func (c *Client) send(ctx context.Context, req *http.Request, token Token, buf *bytes.Buffer) (answer, error) {
	if c.cfg.RequestTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.cfg.RequestTimeout, errSlow)
		defer cancel()
	}
	sent := req.Clone(ctx)
	sent.Header.Set("Authorization", c.cfg.Scheme+" "+token.secret())
	res, err := c.http.Do(sent)
	if err != nil {
		return answer{}, c.transportError(ctx, err)
	}
	defer res.Body.Close()
	got := answer{status: res.StatusCode, contentType: res.Header.Get("Content-Type"), zipped: strings.EqualFold(res.Header.Get("Content-Encoding"), "gzip")}
	if res.StatusCode != http.StatusOK {
		// An error without a readable body is still that error.
		got.wire, _ = receive(res.Body, buf, maxErrorBody)
		if got.zipped {
			_ = unzip(buf, maxErrorBody)
		}
		e := newAPIError(res.StatusCode, got.contentType, buf.Bytes(), c.tokens.conceal)
		e.URL, e.words = req.URL.String(), c.cfg.Words
		e.RetryAfter = parseRetryAfter(res.Header.Get("Retry-After"), time.Now())
		return got, e
	}
	if got.wire, err = receive(res.Body, buf, c.cfg.MaxBody); err != nil {
		return got, c.transportError(ctx, err)
	}
	return got, nil
}

// unpack makes of the body as sent what it says. It is not part of exchange, so that
// the next request need not wait for it.
func (c *Client) unpack(ctx context.Context, got answer, buf *bytes.Buffer) error {
	if got.zipped {
		if err := unzip(buf, c.cfg.MaxBody); err != nil {
			return c.transportError(ctx, err)
		}
	}
	if buf.Len() == 0 {
		return c.transportError(ctx, io.EOF)
	}
	if !mayBeJSON(got.contentType, buf.Bytes()) {
		return &NotJSONError{Status: got.status, ContentType: shorten(c.tokens.conceal(printable(got.contentType)), 100),
			Excerpt: excerpt(got.contentType, buf.Bytes(), c.tokens.conceal), words: c.cfg.Words}
	}
	return nil
}

// transportError says what went wrong on the way, without the URL that net/http
// puts before it and without the token, and tells the request's own time limit from the scan's end.
func (c *Client) transportError(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, errSlow) {
		return fmt.Errorf("%w (%v): %w", errSlow, c.cfg.RequestTimeout, context.DeadlineExceeded)
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var redirect *RedirectError
	var size *BodyTooLargeError
	if errors.As(err, &size) {
		size.words = c.cfg.Words
		return err
	}
	if errors.As(err, &redirect) {
		return err
	}
	return fmt.Errorf("%s: %w", c.base.Host, c.tokens.discreet(truncated(err)))
}

// mayBeJSON trusts the first character before the header: a label can be wrong.
func mayBeJSON(contentType string, body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n\ufeff")
	if len(body) > 0 && body[0] == '{' {
		return true
	}
	return strings.Contains(contentType, "json") && !isHTML("", body)
}

// receive fills buf with a body as it is sent, and returns its size.
func receive(body io.Reader, buf *bytes.Buffer, limit int64) (int64, error) {
	n, err := buf.ReadFrom(io.LimitReader(body, limit+1))
	if n > limit {
		return n, &BodyTooLargeError{Limit: limit}
	}
	return n, err
}

// unzip replaces what buf holds by what that unpacks to. Both sizes are bounded:
// little can unpack to much, and much to nothing.
func unzip(buf *bytes.Buffer, limit int64) error {
	packed := buffers.Get().(*bytes.Buffer)
	defer putBuffer(packed)
	*packed, *buf = *buf, *packed
	z := unzippers.Get().(*gzip.Reader)
	defer unzippers.Put(z)
	if err := z.Reset(packed); err != nil {
		return err
	}
	_, err := receive(z, buf, limit)
	return err
}

// truncated says what an end means where none should be: a connection that was
// closed, or a body shorter than Content-Length or gzip announced.
func truncated(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the answer was cut off: %w", io.ErrUnexpectedEOF)
	}
	return err
}

// unzippers is a pool of gzip readers from klauspost/compress. The standard library's
// readers take 50% longer and allocate 68 times instead of once for a full page.
var unzippers = sync.Pool{New: func() any { return new(gzip.Reader) }}

// buffers hold bodies while they are decoded; a page of 100 full rows is some 150 KB.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// keepBuffer is the largest buffer worth keeping for the next answer.
const keepBuffer = 4 << 20

func putBuffer(b *bytes.Buffer) {
	if b.Cap() <= keepBuffer {
		b.Reset()
		buffers.Put(b)
	}
}
