// Package guard turns panics into errors.
package guard

import (
	"fmt"
	"runtime/debug"

	"github.com/teamupsql/teamupsql/httpsource"
)

// Run runs f, whose panic is a [*httpsource.PanicError] of the named function of the
// program; "" for a function of this module.
func Run(function string, f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &httpsource.PanicError{Function: function, Value: r, Stack: debug.Stack()}
		}
	}()
	return f()
}

// Call calls a function of the program as Run does, on a goroutine of its own. So a call of
// runtime.Goexit, as t.FailNow of package testing has one, is an error. On a thread of
// DuckDB it would end the process.
func Call(function string, f func() error) error {
	done := make(chan error, 1)
	go func() {
		err := fmt.Errorf("%s has called runtime.Goexit", function)
		defer func() { done <- err }()
		err = Run(function, f)
	}()
	return <-done
}
