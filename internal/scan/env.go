package scan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/internal/fields"
	"github.com/teamupsql/teamupsql/internal/guard"
	"github.com/teamupsql/teamupsql/internal/requestlog"
	"github.com/teamupsql/teamupsql/requests"
)

// Env contains what all scans of a connector share. The functions and the log handler
// belong to the program.
type Env struct {
	ClientOf func(ctx context.Context, provider int64) (*httpsource.Client, error) // see Client
	Now      func() time.Time                                                      // see Present
	Off      []requests.Rule                                                       // that are switched off
	Log      *slog.Logger                                                          // to be used by Logging

	History requestlog.History
	Totals  fields.Totals
	Fields  fields.Cache
}

// Client returns the client that reads a business, 0 for the client's own. The error names
// the business.
func (e *Env) Client(ctx context.Context, provider int64) (c *httpsource.Client, err error) {
	const function = "the function of WithClientFunc"
	err = guard.Call(function, func() (err error) { c, err = e.ClientOf(ctx, provider); return err })
	if err == nil && c == nil {
		err = errors.New(function + " returned neither a client nor an error")
	}
	if err != nil {
		return nil, fields.InBusiness(provider, &clientError{provider, err})
	}
	return c, nil
}

// clientError is the error of the program's function. It hides io.EOF, which would end the
// rows of a scan as if they were complete.
type clientError struct {
	provider int64
	err      error
}

func (e *clientError) Error() string {
	if e.provider == 0 {
		return fmt.Sprintf("no client: %v", e.err)
	}
	return fmt.Sprintf("no client for business %d: %v", e.provider, e.err)
}

func (e *clientError) Is(target error) bool { return target != io.EOF && errors.Is(e.err, target) }
func (e *clientError) As(target any) bool   { return errors.As(e.err, target) }

// Present returns the time by which predicates on age are translated.
func (e *Env) Present() (now time.Time, err error) {
	err = guard.Call("the function of WithClock", func() error { now = e.Now(); return nil })
	return now, err
}

// Logging runs f, which logs. The handler is the program's.
func (e *Env) Logging(f func()) error {
	return guard.Call("the handler of WithLogger", func() error { f(); return nil })
}
