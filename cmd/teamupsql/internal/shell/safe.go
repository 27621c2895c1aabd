package shell

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/internal/sqltext"
)

// errNotSafe is the failure of .safe_mode. It ends a script, whose next statements
// rely on it.
var errNotSafe = errors.New("safe mode is not on")

// makeSafe turns safe mode on. It cannot be turned off. Files and commands that safe mode
// does not allow are closed: those of .output, and the pager.
func (s *Shell) makeSafe(ctx context.Context) error {
	if s.safe {
		return nil
	}
	if base := s.cfg.TeamUp.BaseURL; base != "" && base != httpsource.DefaultBaseURL {
		return fmt.Errorf("%w: it requests TeamUp's own address only; leave out -base-url and %s", errNotSafe, httpsource.EnvBaseURL)
	}
	if err := s.db.lock(ctx); err != nil {
		return fmt.Errorf("%w: %w", errNotSafe, err)
	}
	s.safe = true
	s.pager, s.pagerCmd = pagerOff, ""
	return s.out.reset()
}

// lock is DuckDB's side of safe mode.
func (d *database) lock(ctx context.Context) error {
	d.follow(ctx) // it can't be done later
	for _, sql := range []string{
		"CALL disable_logging()", "SET logging_storage = 'memory'", // otherwise a log file stays open
		"SET enable_external_access = false", "SET lock_configuration = true",
	} {
		if _, err := d.user.ExecContext(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// enableLogging is the function that turns DuckDB's log on. DuckDB allows it without
// external access, for a log in files as well. It then fails to write the log after each
// statement, whatever that is, and ends the process when the connection is closed.
const enableLogging = "enable_logging"

// refuse returns an error for a statement that safe mode does not allow and that DuckDB
// does not refuse by itself.
func (s *Shell) refuse(statement string) error {
	if s.safe && names(statement, enableLogging) {
		return errors.New(enableLogging + " cannot be used in -safe mode")
	}
	return nil
}

// names reports whether a statement contains a name, also in a string, which a function
// may run.
func names(statement, name string) bool {
	return slices.ContainsFunc(sqltext.Tokens(statement), func(t sqltext.Token) bool {
		return t.Kind != sqltext.Comment && strings.Contains(strings.ToLower(statement[t.Start:t.End]), name)
	})
}
