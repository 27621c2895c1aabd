package tablefunc

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"path/filepath"
	"strings"
	"sync"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/teamupsql/teamupsql/internal/duckc"
)

// Open opens a DuckDB database in which teamup_customers() is a table. The dsn is
// DuckDB's: "" or ":memory:" for a database in memory, or a file's path, either
// with settings behind a "?". The database is an ordinary *sql.DB, safe for
// concurrent use; close it when done.
//
// Nothing is asked of TeamUp, and no token is needed, before a query scans the
// function, or a statement is prepared that names custom fields, which are looked up
// then.
func Open(dsn string, options ...Option) (*sql.DB, error) {
	c, err := NewConnector(dsn, options...)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

// Connector opens connections to one DuckDB database. It is safe for concurrent
// use.
type Connector struct {
	settings *settings
	inner    *duckdb.Connector
	key      string

	mu       sync.Mutex
	instance *instance // nil before the first connection
}

// NewConnector prepares a connector, for use with [sql.OpenDB], which closes it
// with the database.
func NewConnector(dsn string, options ...Option) (*Connector, error) {
	s, err := newSettings(options)
	if err != nil {
		return nil, err
	}
	inner, err := duckdb.NewConnector(dsn, nil)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return &Connector{settings: s, inner: inner, key: databaseKey(dsn)}, nil
}

// databaseKey tells databases apart that several connectors may open; "" for one
// in memory without a name, which nobody else can reach.
func databaseKey(dsn string) string {
	path, _, _ := strings.Cut(dsn, "?")
	switch {
	case path == "" || path == ":memory:":
		return ""
	case strings.HasPrefix(path, ":memory:"):
		return path
	}
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return path
}

// Connect opens a connection, a [*Conn].
func (c *Connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	in, err := c.database(inner)
	if err != nil {
		return nil, errors.Join(err, inner.Close())
	}
	return newConn(inner, in, c.settings)
}

// database registers the function with the first connection.
func (c *Connector) database(conn *duckdb.Conn) (*instance, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.instance != nil {
		return c.instance, nil
	}
	raw, err := duckc.Connection(conn)
	if err != nil {
		return nil, err
	}
	db, err := duckc.Database(c.inner)
	if err != nil {
		return nil, err
	}
	in, err := acquire(c.key, raw, db)
	if err != nil {
		return nil, err
	}
	c.instance = in
	return in, nil
}

func (c *Connector) connect(ctx context.Context) (*duckdb.Conn, error) {
	conn, err := c.inner.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return conn.(*duckdb.Conn), nil
}

// Driver is the driver behind the connector: DuckDB's own.
func (c *Connector) Driver() driver.Driver { return c.inner.Driver() }

// Close closes the database, as soon as its last connection is closed.
func (c *Connector) Close() error {
	return errors.Join(c.inner.Close(), c.settings.close())
}
