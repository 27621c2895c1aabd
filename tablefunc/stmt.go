package tablefunc

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/teamupsql/teamupsql/httpsource"
)

// Stmt is a prepared statement of a [Conn]. If it scans the function, each
// execution is planned anew, with that execution's arguments: what DuckDB folds
// into a plan, such as now() or the session's time zone, is never older than the
// execution.
type Stmt struct {
	inner     *duckdb.Stmt
	conn      *Conn
	text      string
	statement *statement
}

var (
	_ driver.StmtExecContext   = (*Stmt)(nil)
	_ driver.StmtQueryContext  = (*Stmt)(nil)
	_ driver.NamedValueChecker = (*Stmt)(nil)
)

// DuckDB is the driver's own statement, for what it can tell of parameters and
// result columns.
func (s *Stmt) DuckDB() *duckdb.Stmt { return s.inner }

// Close closes the statement.
func (s *Stmt) Close() error { return s.inner.Close() }

// NumInput is the number of parameters.
func (s *Stmt) NumInput() int { return s.inner.NumInput() }

// CheckNamedValue takes the argument types that DuckDB's driver takes.
func (s *Stmt) CheckNamedValue(nv *driver.NamedValue) error { return s.conn.CheckNamedValue(nv) }

// Exec is ExecContext without a context, as database/sql demands.
func (s *Stmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.ExecContext(context.Background(), namedValues(args))
}

// Query is QueryContext without a context, as database/sql demands.
func (s *Stmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.QueryContext(context.Background(), namedValues(args))
}

func namedValues(args []driver.Value) []driver.NamedValue {
	named := make([]driver.NamedValue, len(args))
	for i, v := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return named
}

// ExecContext runs the statement.
func (s *Stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (result driver.Result, err error) {
	err = s.run(ctx, args, func() (err error) {
		result, err = s.inner.ExecContext(ctx, args)
		return err
	})
	return result, err
}

// QueryContext runs the statement and returns its rows.
func (s *Stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (rows driver.Rows, err error) {
	err = s.run(ctx, args, func() (err error) {
		rows, err = s.inner.QueryContext(ctx, args)
		return err
	})
	if err != nil && rows != nil { // the commit failed
		return nil, errors.Join(err, rows.Close())
	}
	return rows, err
}

// run executes the statement with its scans planned.
func (s *Stmt) run(ctx context.Context, args []driver.NamedValue, execute func() error) (err error) {
	end := s.statement.account(ctx, s.conn.session.settings)
	defer func() {
		if ended := end(); ended != nil {
			err = errors.Join(err, ended)
		}
	}()
	if !s.scansReport() {
		err := s.within(ctx, execute)
		s.conn.noteTransaction(s.text, err)
		return err
	}
	return s.conn.inTransaction(ctx, func() error {
		if err := s.pushDown(ctx, args); err != nil {
			return err
		}
		return s.within(ctx, execute)
	})
}

// pushDown plans the statement. Without a plan it reads more, and is right as well. The
// error is a panic.
func (s *Stmt) pushDown(ctx context.Context, args []driver.NamedValue) error {
	unplanned, err := s.tryPlan(ctx, args)
	if err != nil || unplanned == nil || ctx.Err() != nil {
		return err
	}
	settings := s.conn.session.settings
	return settings.logging(func() {
		settings.log.Info("nothing of the WHERE is pushed down: DuckDB's plan was not understood", "error", unplanned)
	})
}

// tryPlan plans the statement. unplanned is why there is no plan; err is a panic, such as
// of the program's clock.
func (s *Stmt) tryPlan(ctx context.Context, args []driver.NamedValue) (unplanned, err error) {
	unplanned = guard("", func() error { return s.plan(ctx, args) })
	var panicked *httpsource.PanicError
	if errors.As(unplanned, &panicked) {
		return nil, panicked
	}
	return unplanned, nil
}

// within executes as the connection's current statement.
func (s *Stmt) within(ctx context.Context, execute func() error) error {
	leave := s.conn.session.enter(ctx, s.statement)
	defer leave()
	defer s.statement.closeShares()
	if err := execute(); err != nil {
		return wrapError(err, s.statement.takeError())
	}
	return nil
}

// inTransaction runs f between begin and its end.
func (c *Conn) inTransaction(ctx context.Context, f func() error) error {
	end, err := c.begin(ctx)
	if err != nil {
		return err
	}
	err = f()
	return errors.Join(err, end(err != nil))
}

// begin starts a transaction, unless the user has one open, so that the plan and
// the execution see the same tables and the same now(). end commits it, or rolls
// it back after a failure, whatever has become of ctx.
func (c *Conn) begin(ctx context.Context) (end func(failed bool) error, err error) {
	if c.inTx {
		return func(bool) error { return nil }, nil
	}
	if _, err := c.inner.ExecContext(ctx, "BEGIN TRANSACTION", nil); err != nil {
		return nil, err
	}
	return func(failed bool) error {
		command := "COMMIT"
		if failed {
			command = "ROLLBACK"
		}
		_, err := c.inner.ExecContext(context.WithoutCancel(ctx), command, nil)
		return err
	}, nil
}
