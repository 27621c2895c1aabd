package httpsource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// The errors of this package have no prefix, because they are read by people who run
// queries. Each is data for the program and a text for its user, in the words of
// Config.Words.

// ErrNoToken indicates a scan whose client has no token. No request was sent. Use
// errors.Is.
var ErrNoToken = errors.New("no TeamUp token yet")

type noTokenError struct{ words Words }

func (e *noTokenError) Error() string { return ErrNoToken.Error() + ": " + e.words.remedy(GiveToken) }
func (e *noTokenError) Unwrap() error { return ErrNoToken }

// TokenSourceError indicates that Config.TokenSource returned an error or no usable token.
type TokenSourceError struct {
	Err error // its text contains no token that this package knows
}

func (e *TokenSourceError) Error() string { return fmt.Sprintf("getting a token failed: %v", e.Err) }
func (e *TokenSourceError) Unwrap() error { return e.Err }

// ConfigError indicates a setting that [New] does not accept.
type ConfigError struct {
	Field   string // of Config, such as "Concurrency"
	Problem string // such as "is 65"; contains no secret
	Want    string // what is allowed

	words Words
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("%s %s; give %s", e.words.setting(e.Field), e.Problem, e.Want)
}

// errSlow is the cause of a request that took longer than Config.RequestTimeout.
var errSlow = errors.New("no complete answer within the time for one request")

// InsecureURLError indicates that the token would be sent unencrypted to another machine.
type InsecureURLError struct {
	Host string

	words Words
}

func (e *InsecureURLError) Error() string {
	return fmt.Sprintf("refusing to send the token to %s over unencrypted http; %s", e.Host, e.words.remedy(EncryptToken))
}

// RedirectError indicates a redirect that was not followed. The token was not sent to its
// target.
type RedirectError struct {
	From   string // the host that redirects
	To     string // scheme and host only, because the rest may contain a secret
	Reason string

	words Words
}

func (e *RedirectError) Error() string {
	return fmt.Sprintf("%s redirects to %s, which was not followed: %s; %s", e.From, e.To, e.Reason, e.words.remedy(CheckBaseURL))
}

// BodyTooLargeError indicates a response that is larger than Config.MaxBody.
type BodyTooLargeError struct {
	Limit int64 // uncompressed bytes

	words Words
}

func (e *BodyTooLargeError) Error() string {
	return fmt.Sprintf("the response is larger than %d bytes and was not read; %s", e.Limit, e.words.remedy(AllowMore))
}

// NotJSONError indicates a response that is not from the report, such as a login page or a
// proxy's message.
type NotJSONError struct {
	Status      int
	ContentType string
	Excerpt     string // the page's title or its first words, shortened

	words Words
}

func (e *NotJSONError) Error() string {
	return fmt.Sprintf("the response is not JSON but %q (status %d): %s; %s", e.ContentType, e.Status, e.Excerpt, e.words.remedy(CheckBaseURL))
}

// RateLimitError indicates that TeamUp returned 429 for longer than Retry.Elapsed, or
// requested a longer wait than that. It wraps the last 429.
type RateLimitError struct {
	Tries   int
	Elapsed time.Duration // since the page's first request
	Asked   time.Duration // the wait that the last response requested; 0 if none
	Last    error         // an *APIError

	words Words
}

func (e *RateLimitError) Error() string {
	asked := ""
	if e.Asked > 0 {
		asked = fmt.Sprintf(", and asks to wait another %v", e.Asked.Round(time.Second))
	}
	return fmt.Sprintf("TeamUp's rate limit is used up (%d tries in %v%s); %s: %v",
		e.Tries, e.Elapsed.Round(time.Millisecond), asked, e.words.remedy(SlowDown), e.Last)
}

func (e *RateLimitError) Unwrap() error { return e.Last }

// RetryError indicates that a page was given up after too many temporary failures. It
// wraps the last one.
type RetryError struct {
	Tries   int
	Elapsed time.Duration // since the page's first request
	Last    error

	words Words
}

func (e *RetryError) Error() string {
	advice := ""
	if statusOf(e.Last) == 0 {
		advice = "; " + e.words.remedy(CheckNetwork)
	}
	return fmt.Sprintf("given up after %d tries in %v: %v%s", e.Tries, e.Elapsed.Round(time.Millisecond), e.Last, advice)
}

func (e *RetryError) Unwrap() error { return e.Last }

// InconsistentError indicates that the report's responses contradict each other, so that
// the result may be incomplete.
type InconsistentError struct {
	Reason string
}

func (e *InconsistentError) Error() string {
	return "the report's answers contradict each other, so the result could be incomplete: " + e.Reason
}

func inconsistent(format string, args ...any) error {
	return &InconsistentError{Reason: fmt.Sprintf(format, args...)}
}

// ignoresIDs is the error of a report that answers with customers other than those
// asked for by id.
type ignoresIDs struct{ error }

func (e *ignoresIDs) Unwrap() error { return e.error }

// malformed is the property of an error that blames the answer's bytes (cut off,
// garbled), so that asking again may help. Page decoders give it to their errors.
type malformed interface{ Malformed() bool }

func isMalformed(err error) bool {
	var m malformed
	return errors.As(err, &m) && m.Malformed()
}

// badShape is an answer that decodes but cannot be right.
type badShape struct{ reason string }

func (e *badShape) Error() string { return e.reason }

// Malformed says that asking again may help.
func (e *badShape) Malformed() bool { return true }

// broken hides an io.EOF inside of an error: for Next it means that all rows have
// been delivered, and a failure must never be taken for that.
type broken struct{ err error }

func (e *broken) Error() string        { return e.err.Error() }
func (e *broken) Is(target error) bool { return target != io.EOF && errors.Is(e.err, target) }
func (e *broken) As(target any) bool   { return errors.As(e.err, target) }

// stopped is the error of a scan whose context has ended. It keeps both the
// context's error and its cause.
func stopped(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return fmt.Errorf("scan stopped: %w", cause)
	}
	return fmt.Errorf("scan stopped: %w: %w", err, cause)
}
