package tablefunc

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"
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
	inTx     bool // the user has a transaction open
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
	raw, err := ConnectionHandle(inner)
	if err != nil {
		return nil, errors.Join(err, inner.Close())
	}
	contexts, err := driverContexts(inner)
	if err != nil {
		return nil, errors.Join(err, inner.Close())
	}
	c := &Conn{inner: inner, raw: raw, instance: in, session: &session{settings: s, contexts: contexts}}
	c.id = rawConnectionID(raw)
	in.add(c.id, c.session)
	return c, nil
}

func rawConnectionID(raw mapping.Connection) uint64 {
	var ctx mapping.ClientContext
	mapping.ConnectionGetClientContext(raw, &ctx)
	defer mapping.DestroyClientContext(&ctx)
	return uint64(mapping.ClientContextGetConnectionId(ctx))
}

// DuckDB is the driver's own connection, for its appenders, profiling and user
// defined functions. Statements that run on it directly have projection pushdown
// but no WHERE pushdown. Don't begin a transaction there: this connection would not
// know of it.
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

// IsValid says whether the pool may keep the connection.
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

// BeginTx starts a transaction.
func (c *Conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	tx, err := c.inner.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	c.inTx = true
	return &transaction{Tx: tx, conn: c}, nil
}

// transaction tells the connection when it ends.
type transaction struct {
	driver.Tx
	conn *Conn
}

func (t *transaction) Commit() error {
	t.conn.inTx = false
	return t.Tx.Commit()
}

func (t *transaction) Rollback() error {
	t.conn.inTx = false
	return t.Tx.Rollback()
}

// Prepare is PrepareContext without a context, as database/sql demands.
func (c *Conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext prepares the last statement of the text, after it has run those
// before it.
func (c *Conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	return c.prepare(ctx, query)
}

// ExecContext runs the statements of the text; the arguments are the last one's.
func (c *Conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (result driver.Result, err error) {
	if done, err := c.directly(ctx, query, func() (err error) {
		result, err = c.inner.ExecContext(ctx, query, args)
		return err
	}); done {
		return result, err
	}
	stmt, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err = stmt.ExecContext(ctx, args)
	return result, errors.Join(err, stmt.Close())
}

// QueryContext runs the statements of the text and returns the rows of the last
// one; the arguments are the last one's.
func (c *Conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (rows driver.Rows, err error) {
	if done, err := c.directly(ctx, query, func() (err error) {
		rows, err = c.inner.QueryContext(ctx, query, args)
		return err
	}); done {
		return rows, err
	}
	stmt, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err = stmt.QueryContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, stmt.Close())
	}
	return &closingRows{driverRows: rows.(driverRows), stmt: stmt}, nil
}

// driverRows is what the driver's rows can do.
type driverRows interface {
	driver.RowsColumnTypeScanType
	driver.RowsColumnTypeDatabaseTypeName
}

// closingRows closes their statement with themselves.
type closingRows struct {
	driverRows
	stmt *Stmt
}

func (r *closingRows) Close() error {
	return errors.Join(r.driverRows.Close(), r.stmt.Close())
}

// prepare splits the text, runs all statements but the last and prepares that.
func (c *Conn) prepare(ctx context.Context, text string) (*Stmt, error) {
	parts := c.split(text)
	for _, part := range parts[:len(parts)-1] {
		if err := c.runOne(ctx, part); err != nil {
			return nil, err
		}
	}
	return c.prepareOne(ctx, parts[len(parts)-1])
}

func (c *Conn) runOne(ctx context.Context, text string) error {
	if done, err := c.directly(ctx, text, func() error {
		_, err := c.inner.ExecContext(ctx, text, nil)
		return err
	}); done {
		return err
	}
	stmt, err := c.prepareOne(ctx, text)
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(ctx, nil)
	return errors.Join(err, stmt.Close())
}

func (c *Conn) prepareOne(ctx context.Context, text string) (*Stmt, error) {
	st := &statement{}
	leave := c.session.enter(ctx, st)
	defer leave()
	inner, err := c.inner.PrepareContext(ctx, text)
	if err != nil {
		return nil, wrapError(err, st.takeError())
	}
	return &Stmt{inner: inner.(*duckdb.Stmt), conn: c, text: text, statement: st}, nil
}
