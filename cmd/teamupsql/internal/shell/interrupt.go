package shell

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// errInterrupted is the error of a statement that a signal stops.
var errInterrupted = errors.New("Interrupted")

// errTerminated is an errInterrupted that ends the shell too: by a signal other than that
// of the keyboard.
var errTerminated = fmt.Errorf("%w", errInterrupted)

// interruptible runs f until a signal ends its context, so that DuckDB removes incomplete
// results: Ctrl-C, SIGTERM as systems end a job, and SIGHUP, which a terminal sends when it
// is closed.
func interruptible(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, endingSignals()...)
	defer signal.Stop(signals)
	go func() {
		select {
		case sig := <-signals:
			if sig == os.Interrupt {
				cancel(errInterrupted)
			} else {
				cancel(errTerminated)
			}
		case <-ctx.Done():
		}
	}()
	err := f(ctx)
	switch {
	case err == nil || ctx.Err() == nil:
		return err
	case errors.Is(context.Cause(ctx), errTerminated):
		return errTerminated
	}
	return errInterrupted
}

// endingSignals returns the signals that end a statement. A process started with nohup
// ignores SIGHUP.
func endingSignals() []os.Signal {
	list := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		list = append(list, syscall.SIGHUP)
	}
	return list
}
