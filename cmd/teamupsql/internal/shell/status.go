package shell

import (
	"errors"
	"fmt"
)

// ExitError ends the shell with a status.
type ExitError struct{ Status int }

func (e *ExitError) Error() string { return fmt.Sprintf("exit status %d", e.Status) }

// errReported is an error that has been printed.
var errReported = errors.New("a statement or command failed")

// Status is the exit status that a run of the shell ends with.
func Status(err error) int {
	var exit *ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.Status
	case errors.Is(err, errInterrupted):
		return 130 // 128 and the signal's number, as shells have it
	}
	return 1
}

// Ends reports whether the error ends the shell.
func Ends(err error) bool {
	var exit *ExitError
	return errors.As(err, &exit) || errors.Is(err, errInterrupted)
}

// report prints an error, unless it was or is none.
func (s *Shell) report(err error) error {
	var exit *ExitError
	if err == nil || errors.Is(err, errReported) || errors.As(err, &exit) {
		return err
	}
	s.complain(err)
	switch {
	case errors.Is(err, errTerminated):
		return errTerminated
	case errors.Is(err, errInterrupted):
		return errInterrupted
	}
	return errReported
}
