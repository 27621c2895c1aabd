package tablefunc

import (
	"context"
	"database/sql/driver"

	"github.com/duckdb/duckdb-go/v2"
)

// Stmt is a prepared statement of a [Conn]. If it scans the function, each execution
// prepares it again and plans it with that execution's arguments: views, macros,
// variables, settings and now() mean what they mean when it is executed.
type Stmt struct {
	inner       *duckdb.Stmt
	conn        *Conn
	text        string
	scansReport bool // as it was prepared
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
func (s *Stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if s.scansReport {
		return s.conn.execute(ctx, s.text, args)
	}
	var result driver.Result
	err := s.run(ctx, args, func(r *run, ctx context.Context) (err error) {
		result, err = r.inner.ExecBound(ctx)
		return err
	})
	return result, err
}

// QueryContext runs the statement and returns its rows.
func (s *Stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (rows driver.Rows, err error) {
	if s.scansReport {
		return s.conn.query(ctx, s.text, args)
	}
	defer closeFailed(&rows, &err)
	err = s.run(ctx, args, func(r *run, ctx context.Context) (err error) {
		rows, err = r.inner.QueryBound(ctx)
		return err
	})
	return rows, err
}

// run runs the statement as DuckDB prepared it. If a view leads to the report by now,
// DuckDB binds it again.
func (s *Stmt) run(ctx context.Context, args []driver.NamedValue, f func(*run, context.Context) error) (err error) {
	r := &run{conn: s.conn, inner: s.inner, statement: &statement{text: s.text, args: args}}
	defer r.account(ctx, &err)()
	return r.within(ctx, args, func(ctx context.Context) error { return f(r, ctx) })
}
