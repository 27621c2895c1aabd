package httpsource

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
)

// PanicError indicates that a function of the program panicked: an observer, a decode
// function, a transport. Such functions run on goroutines of this module or of DuckDB,
// where the program cannot recover. The call releases its resources and returns this
// error, whichever goroutine the function ran on. The error does not wrap Value, which may
// be an error with a meaning of its own, such as io.EOF.
type PanicError struct {
	Function string // such as "Config.Observer"; "" for a function of this module, which is a bug
	Value    any    // the value given to panic; its text with *** for a token in it; of Config.TokenSource only a runtime.Error is shown
	Stack    []byte // of the goroutine, as debug.Stack returns it
}

func (e *PanicError) Error() string {
	if e.Function == "" {
		return fmt.Sprintf("internal error: %v; please report it", e.Value)
	}
	return fmt.Sprintf("%s panicked: %v", e.Function, e.Value)
}

// logHandler passes records on to the handler of Config.Logger, with the number of the
// statement if their context has one. Records are written
// while locks are held and by timers, so a panic must not leave the handler. It is kept
// for the client's next request, which it fails.
type logHandler struct {
	slog.Handler
	tokens   *credentials
	panicked *atomic.Pointer[PanicError]
}

const loggerName = "the handler of Config.Logger"

func (h logHandler) guard(f func() error) error {
	err := h.tokens.guard(loggerName, f)
	if p, ok := err.(*PanicError); ok {
		h.panicked.CompareAndSwap(nil, p)
	}
	return err
}

func (h logHandler) Enabled(ctx context.Context, level slog.Level) (enabled bool) {
	_ = h.guard(func() error { enabled = h.Handler.Enabled(ctx, level); return nil })
	return enabled
}

func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	if number := StatementOf(ctx); number != 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int64("statement", number))
	}
	return h.guard(func() error { return h.Handler.Handle(ctx, r) })
}

// logFailure returns a panic of the log's handler once.
func (c *Client) logFailure() error {
	if p := c.panicked.Swap(nil); p != nil {
		return p
	}
	return nil
}
