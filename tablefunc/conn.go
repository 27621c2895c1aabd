package tablefunc

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/internal/duckc"
	"github.com/teamupsql/teamupsql/internal/sqltext"
)

// Conn is a connection to DuckDB whose statements are planned for pushdown. Like
// every driver.Conn it is for one goroutine at a time; database/sql sees to that.
// [sql.Conn.Raw] gives it to a program that wants [Conn.DuckDB].
type Conn struct {
	inner    *duckdb.Conn
	raw      mapping.Connection
	id       uint64
	instance *instance
	session  *session
	closed   bool
}

var (
	_ driver.Conn               = (*Conn)(nil)
	_ driver.ConnPrepareContext = (*Conn)(nil)
	_ driver.ConnBeginTx        = (*Conn)(nil)
	_ driver.ExecerContext      = (*Conn)(nil)
	_ driver.QueryerContext     = (*Conn)(nil)
	_ driver.NamedValueChecker  = (*Conn)(nil)
	_ driver.SessionResetter    = (*Conn)(nil)
	_ driver.Validator          = (*Conn)(nil)
)

func newConn(inner *duckdb.Conn, in *instance, s *settings) (*Conn, error) {
	raw, err := duckc.Connection(inner)
	if err != nil {
		return nil, errors.Join(err, inner.Close())
	}
	contexts, err := duckc.DriverContexts(inner)
	if err != nil {
		return nil, errors.Join(err, inner.Close())
	}
	c := &Conn{inner: inner, raw: raw, instance: in, session: &session{settings: s, contexts: contexts}}
	c.id = duckc.ConnectionID(raw)
	in.add(c.id, c.session)
	return c, nil
}

// DuckDB is the driver's own connection, for its appenders, profiling and user
// defined functions. Statements that run on it directly request what they would request in
// a database with [Register].
func (c *Conn) DuckDB() *duckdb.Conn { return c.inner }

// ResetSession is called when a pool hands the connection out again. As with DuckDB's
// driver, settings, temporary tables and a transaction that was begun by a statement
// stay: whoever wants them to end ends them, or uses an [sql.Conn] of its own.
func (c *Conn) ResetSession(context.Context) error {
	if c.closed {
		return driver.ErrBadConn
	}
	return nil
}

// IsValid reports whether the connection can be returned to the pool.
func (c *Conn) IsValid() bool { return !c.closed }

// Close closes the connection.
func (c *Conn) Close() error {
	c.closed = true
	c.instance.remove(c.id)
	return c.inner.Close()
}

// CheckNamedValue takes the argument types that DuckDB's driver takes.
func (c *Conn) CheckNamedValue(nv *driver.NamedValue) error { return c.inner.CheckNamedValue(nv) }

// Begin is BeginTx without a context or options, as database/sql demands.
func (c *Conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx starts a transaction. A ctx that ends meanwhile does not leave one behind:
// whether it has begun is what the error says.
func (c *Conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.inner.BeginTx(context.WithoutCancel(ctx), opts)
}

// Prepare is PrepareContext without a context, as database/sql demands.
func (c *Conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext prepares the last statement of the text, after it has run those
// before it.
func (c *Conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	last, err := c.runAllButLast(ctx, query)
	if err != nil {
		return nil, err
	}
	st := &statement{}
	inner, err := c.prepareInner(ctx, last, st)
	if err != nil {
		return nil, err
	}
	return &Stmt{inner: inner, conn: c, text: last, scansReport: len(st.Calls()) > 0}, nil
}

// ExecContext runs the statements of the text; the arguments are the last one's.
func (c *Conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	last, err := c.runAllButLast(ctx, query)
	if err != nil {
		return nil, err
	}
	return c.execute(ctx, last, args)
}

// QueryContext runs the statements of the text and returns the rows of the last
// one; the arguments are the last one's.
func (c *Conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	last, err := c.runAllButLast(ctx, query)
	if err != nil {
		return nil, err
	}
	return c.query(ctx, last, args)
}

// runAllButLast splits a text into its statements, runs all but the last and returns
// that.
func (c *Conn) runAllButLast(ctx context.Context, text string) (last string, err error) {
	parts := c.split(text)
	for _, part := range parts[:len(parts)-1] {
		if _, err := c.execute(ctx, part, nil); err != nil {
			return "", err
		}
	}
	return parts[len(parts)-1], nil
}

// prepareInner has DuckDB prepare a statement, with st as what the connection runs.
func (c *Conn) prepareInner(ctx context.Context, text string, st *statement) (*duckdb.Stmt, error) {
	leave := c.session.enter(ctx, st)
	defer leave()
	inner, err := c.inner.PrepareContext(ctx, text)
	if err != nil {
		return nil, ended(ctx, wrapError(err, st.TakeError()))
	}
	return inner.(*duckdb.Stmt), nil
}

// split cuts the text as sqltext.Split does and has DuckDB's parser confirm it.
// Where the two differ (PIVOT becomes several statements, say) the text stays in
// one piece, which the driver runs as it always does.
func (c *Conn) split(text string) []string {
	parts := sqltext.Split(text)
	if len(parts) == 1 {
		return parts
	}
	sum := 0
	for _, part := range parts {
		n := c.countStatements(part)
		if n == 0 {
			return []string{text}
		}
		sum += n
	}
	if sum != c.countStatements(text) {
		return []string{text}
	}
	return parts
}

func (c *Conn) countStatements(text string) int {
	var extracted mapping.ExtractedStatements
	n := mapping.ExtractStatements(c.raw, text, &extracted)
	mapping.DestroyExtracted(&extracted)
	return int(n)
}

// namedValues returns the arguments as the driver takes them.
func (c *Conn) namedValues(args []any) ([]driver.NamedValue, error) {
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		nv := driver.NamedValue{Ordinal: i + 1, Value: a}
		if n, ok := a.(sql.NamedArg); ok {
			nv.Name, nv.Value = n.Name, n.Value
		}
		err := c.CheckNamedValue(&nv)
		if errors.Is(err, driver.ErrSkip) {
			nv.Value, err = driver.DefaultParameterConverter.ConvertValue(nv.Value)
		}
		if err != nil {
			return nil, fmt.Errorf("tablefunc: argument %d: %w", i+1, err)
		}
		named[i] = nv
	}
	return named, nil
}
