package tablefunc

import (
	"context"
	"errors"
	"time"

	"github.com/teamupsql/teamupsql/internal/duckc"
	"github.com/teamupsql/teamupsql/internal/guard"
)

// A session without contexts, such as one of a host that is not written in Go, interrupts a
// statement by a call of DuckDB. DuckDB reports that to a table function only when it is
// asked, in the session and on the thread of the scan.

// interruptPause is the time between two such questions.
const interruptPause = 100 * time.Millisecond

var errInterrupted = errors.New("the statement was interrupted")

// cancellable returns a context of the session, and what cancels it if the session does
// not say itself that a statement is to stop.
func (s *session) cancellable(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	if s.contexts != nil {
		return ctx, nil
	}
	return context.WithCancelCause(ctx)
}

// interruptible calls f, which waits for requests, and calls cancel if the statement is
// interrupted meanwhile. Without cancel it only calls f.
func (b *binding) interruptible(cancel context.CancelCauseFunc, f func() error) error {
	if cancel == nil || b.observed == nil || duckc.IsFolding() {
		return f()
	}
	done := make(chan error, 1)
	go func() { done <- guard.Run("", f) }()
	ticker := time.NewTicker(interruptPause)
	defer ticker.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-ticker.C:
			if b.isInterrupted() {
				cancel(errInterrupted)
				return <-done
			}
		}
	}
}

// isInterrupted asks DuckDB whether the statement is to stop.
func (b *binding) isInterrupted() bool {
	b.observed.folding.Lock()
	defer b.observed.folding.Unlock()
	return b.client.IsInterrupted()
}
