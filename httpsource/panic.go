package httpsource

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
)

// PanicError indicates that a function of the program panicked: an observer, a decode
// function, a transport. Such functions run on goroutines of this module or of DuckDB,
// where the program cannot recover. The call releases its resources and returns this
// error, whichever goroutine the function ran on. The error does not wrap Value, which may
// be an error with a meaning of its own, such as io.EOF.
type PanicError struct {
	Function string // such as "Config.Observer"; "" for a function of this module, which is a bug
	Value    any    // the value given to panic; its text with *** if that contained the token
	Stack    []byte // of the goroutine, as debug.Stack returns it
}

func (e *PanicError) Error() string {
	if e.Function == "" {
		return fmt.Sprintf("internal error: %v; please report it", e.Value)
	}
	return fmt.Sprintf("%s panicked: %v", e.Function, e.Value)
}

// guard runs f, whose panic is a PanicError of the named function.
func (t Token) guard(function string, f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if text := fmt.Sprint(r); t.conceal(text) != text {
				r = t.conceal(text)
			}
			err = &PanicError{Function: function, Value: r, Stack: debug.Stack()}
		}
	}()
	return f()
}

// logHandler passes records on to the handler of Config.Logger. Records are written
// while locks are held and by timers, so a panic must not leave the handler. It is kept
// for the client's next request, which it fails.
type logHandler struct {
	slog.Handler
	token    Token
	panicked *atomic.Pointer[PanicError]
}

const loggerName = "the handler of Config.Logger"

func (h logHandler) guard(f func() error) error {
	err := h.token.guard(loggerName, f)
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
	return h.guard(func() error { return h.Handler.Handle(ctx, r) })
}

// logFailure returns a panic of the log's handler once.
func (c *Client) logFailure() error {
	if p := c.panicked.Swap(nil); p != nil {
		return p
	}
	return nil
}
