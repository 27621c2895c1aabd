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
	status int   // 0: no answer
	wire   int64 // bytes of the body as sent
}

// exchange sends one request and fills buf with the unpacked body of a 200. Every
// other answer is an error.
func (c *Client) exchange(ctx context.Context, req *http.Request, buf *bytes.Buffer) (answer, error) {
	if c.cfg.RequestTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.cfg.RequestTimeout, errSlow)
		defer cancel()
	}
	res, err := c.http.Do(req.WithContext(ctx))
	if err != nil {
		return answer{}, c.transportError(ctx, err)
	}
	defer res.Body.Close()
	got := answer{status: res.StatusCode}
	contentType := res.Header.Get("Content-Type")
	if res.StatusCode != http.StatusOK {
		// An error without a readable body is still that error.
		got.wire, _ = readBody(res, buf, maxErrorBody)
		e := newAPIError(res.StatusCode, contentType, buf.Bytes(), c.cfg.Token)
		e.URL = req.URL.String()
		e.RetryAfter = parseRetryAfter(res.Header.Get("Retry-After"), time.Now())
		return got, e
	}
	if got.wire, err = readBody(res, buf, c.cfg.MaxBody); err != nil {
		return got, c.transportError(ctx, err)
	}
	if buf.Len() == 0 {
		return got, c.transportError(ctx, io.EOF)
	}
	if !mayBeJSON(contentType, buf.Bytes()) {
		return got, &NotJSONError{Status: res.StatusCode, ContentType: shorten(c.cfg.Token.conceal(printable(contentType)), 100),
			Excerpt: excerpt(contentType, buf.Bytes(), c.cfg.Token)}
	}
	return got, nil
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
	if errors.As(err, &redirect) || errors.As(err, &size) {
		return err
	}
	return fmt.Errorf("%s: %w", c.base.Host, c.cfg.Token.discreet(truncated(err)))
}

// mayBeJSON trusts the first character before the header: a label can be wrong.
func mayBeJSON(contentType string, body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n\ufeff")
	if len(body) > 0 && body[0] == '{' {
		return true
	}
	return strings.Contains(contentType, "json") && !isHTML("", body)
}

// readBody fills buf with the unpacked body and returns its size as sent. Both
// sizes are bounded: little can unpack to much, and much to nothing.
func readBody(res *http.Response, buf *bytes.Buffer, limit int64) (int64, error) {
	wire := &io.LimitedReader{R: res.Body, N: limit + 1}
	sent := func() int64 { return limit + 1 - wire.N }
	var body io.Reader = wire
	if strings.EqualFold(res.Header.Get("Content-Encoding"), "gzip") {
		unzip := unzippers.Get().(*gzip.Reader)
		defer unzippers.Put(unzip)
		if err := unzip.Reset(wire); err != nil {
			return sent(), err
		}
		body = unzip
	}
	n, err := buf.ReadFrom(io.LimitReader(body, limit+1))
	if n > limit || wire.N <= 0 {
		return sent(), &BodyTooLargeError{Limit: limit}
	}
	return sent(), err
}

// truncated says what an end means where none should be: a connection that was
// closed, or a body shorter than Content-Length or gzip announced.
func truncated(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the answer was cut off: %w", io.ErrUnexpectedEOF)
	}
	return err
}

// unzippers are not the standard library's, which take half as long again.
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
