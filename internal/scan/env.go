package scan

import (
	"errors"
	"log/slog"
	"time"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/internal/fields"
	"github.com/teamupsql/teamupsql/internal/guard"
	"github.com/teamupsql/teamupsql/internal/requestlog"
)

// Env contains what all scans of a connector share. The functions and the log handler
// belong to the program.
type Env struct {
	ClientOf func() *httpsource.Client // see Client
	Now      func() time.Time          // see Present
	Off      []Rule                    // that are switched off
	Log      *slog.Logger              // to be used by Logging

	History requestlog.History
	Totals  fields.Totals
	Fields  fields.Cache
}

// Client returns the current client.
func (e *Env) Client() (c *httpsource.Client, err error) {
	err = guard.Run("the function of WithClientFunc", func() error { c = e.ClientOf(); return nil })
	if err == nil && c == nil {
		err = errors.New("the function of WithClientFunc returned no client")
	}
	return c, err
}

// Present returns the time by which predicates on age are translated.
func (e *Env) Present() (now time.Time, err error) {
	err = guard.Run("the function of WithClock", func() error { now = e.Now(); return nil })
	return now, err
}

// Logging runs f, which logs. The handler is the program's.
func (e *Env) Logging(f func()) error {
	return guard.Run("the handler of WithLogger", func() error { f(); return nil })
}
