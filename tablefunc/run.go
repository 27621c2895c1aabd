package tablefunc

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/internal/duckc"
	"github.com/teamupsql/teamupsql/internal/guard"
)

// run is one execution of one statement: DuckDB prepares it, which plans its scans,
// what the plan wants to know is read, and DuckDB runs it.
type run struct {
	conn      *Conn
	statement *statement
	inner     *duckdb.Stmt
	scans     bool // the report, as it was prepared
	// transaction is set while a transaction is open that this run began,
	// usersTransaction if the user has one open.
	transaction, usersTransaction bool
}

// newRun prepares a run of one statement. The caller ends it.
func (c *Conn) newRun(ctx context.Context, text string, args []driver.NamedValue) (*run, error) {
	r := &run{conn: c, statement: &statement{text: text, args: args}}
	err := r.prepare(ctx)
	if err == nil {
		err = r.readFacts(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, r.end(true))
	}
	return r, nil
}

// prepare has DuckDB prepare the statement, again if it was prepared before.
func (r *run) prepare(ctx context.Context) error {
	if err := r.close(); err != nil {
		return err
	}
	r.statement.BindAgain()
	inner, err := r.conn.prepareInner(ctx, r.statement.text, r.statement)
	r.inner, r.scans = inner, len(r.statement.Calls()) > 0
	if err != nil || !r.statement.lacksTypes() {
		return err
	}
	r.statement.learnTypes(inner)
	if !r.scans {
		return nil
	}
	return r.prepare(ctx)
}

// enter makes the statement what the connection runs until leave. The context that it
// returns is the one to run it with.
func (r *run) enter(ctx context.Context) (running context.Context, leave func()) {
	kind, _ := r.inner.StatementType()
	if kind == duckdb.STATEMENT_TYPE_TRANSACTION && ctx.Err() == nil {
		// Interrupted, it could begin or end the transaction and fail all the same.
		ctx = context.WithoutCancel(ctx)
	}
	r.statement.BindAgain()
	exit := r.conn.session.enter(ctx, r.statement)
	return ctx, func() {
		r.statement.CloseShares()
		exit()
	}
}

// bind binds the arguments. The driver panics if an element of a list is not of the Go
// type that the parameter's SQL type needs. database/sql does not give a connection back
// whose call panics.
func (r *run) bind(ctx context.Context, args []driver.NamedValue) error {
	err := guard.Run("the binding of the arguments", func() error { return r.inner.BindWithCtx(ctx, args) })
	if errors.As(err, new(*httpsource.PanicError)) {
		return fmt.Errorf("%w; give a list the element type of its parameter, such as []int64 for BIGINT[]", err)
	}
	return err
}

// within executes f, which runs the statement with these arguments.
func (r *run) within(ctx context.Context, args []driver.NamedValue, f func(context.Context) error) error {
	if err := r.bind(ctx, args); err != nil {
		return err
	}
	if r.scans {
		defer duckc.BeginPatience(r.conn.raw, r.inner)()
	}
	ctx, leave := r.enter(ctx)
	defer leave()
	if err := f(ctx); err != nil {
		return ended(ctx, wrapError(err, r.statement.TakeError()))
	}
	return nil
}

// end ends the transaction of the run and closes its statement.
func (r *run) end(failed bool) error {
	return errors.Join(r.endTransaction(failed), r.close())
}

// close closes the statement that DuckDB has prepared.
func (r *run) close() error {
	if r.inner == nil {
		return nil
	}
	inner := r.inner
	r.inner = nil
	return inner.Close()
}

// account begins the accounting of the run. The function that it returns ends it, and
// adds its error to err.
func (r *run) account(ctx context.Context, err *error) (end func()) {
	sum := r.statement.account(ctx, r.conn.session.settings)
	return func() {
		if failed := sum(); failed != nil {
			*err = errors.Join(*err, failed)
		}
	}
}

// execute runs one statement without a result.
func (c *Conn) execute(ctx context.Context, text string, args []driver.NamedValue) (result driver.Result, err error) {
	r, err := c.newRun(ctx, text, args)
	if err != nil {
		return nil, err
	}
	defer r.account(ctx, &err)()
	err = r.within(ctx, args, func(ctx context.Context) (err error) {
		result, err = r.inner.ExecBound(ctx)
		return err
	})
	return result, errors.Join(err, r.end(err != nil))
}

// query runs one statement and returns its rows.
func (c *Conn) query(ctx context.Context, text string, args []driver.NamedValue) (rows driver.Rows, err error) {
	r, err := c.newRun(ctx, text, args)
	if err != nil {
		return nil, err
	}
	defer closeFailed(&rows, &err)
	defer r.account(ctx, &err)()
	err = r.within(ctx, args, func(ctx context.Context) (err error) {
		rows, err = r.inner.QueryBound(ctx)
		return err
	})
	if err != nil {
		return nil, errors.Join(err, r.end(true))
	}
	// The driver has the whole result by now.
	if err := r.endTransaction(false); err != nil {
		return nil, errors.Join(err, rows.Close(), r.close())
	}
	return &closingRows{driverRows: rows.(driverRows), close: r.close}, nil
}

// closeFailed closes the rows of a statement that has failed after all.
func closeFailed(rows *driver.Rows, err *error) {
	if *err != nil && *rows != nil {
		*err = errors.Join(*err, (*rows).Close())
		*rows = nil
	}
}

// driverRows is what the driver's rows can do.
type driverRows interface {
	driver.RowsColumnTypeScanType
	driver.RowsColumnTypeDatabaseTypeName
}

// closingRows closes their statement with themselves.
type closingRows struct {
	driverRows
	close func() error
}

func (r *closingRows) Close() error {
	return errors.Join(r.driverRows.Close(), r.close())
}
