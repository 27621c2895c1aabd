// Package guard turns panics into errors.
package guard

import (
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
