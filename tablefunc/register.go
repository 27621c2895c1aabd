package tablefunc

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/teamupsql/teamupsql/report"
)

// ErrRegistered says that the database has the function already.
var ErrRegistered = errors.New("tablefunc: " + report.Customers.Function + " is registered in this database already")

// Register makes teamup_customers() and teamup_requests() known to the database of
// a connection that duckdb-go itself opened, for all its connections and as long as
// the database is open. The connection is not kept. The options are those of [Open].
//
// The driver shows a function neither the statement nor its plan, so what is pushed
// down this way are the columns that a query reads, and the named parameters. The
// WHERE, counts, limits and joins spare requests with [Open] and [NewConnector] only;
// the answers are the same. The error of a statement is a [*duckdb.Error], whose text says
// what went wrong and what to do; other error types are found with [Open] only. A
// statement's context cancels its requests if its connection comes from the same
// connector as conn.
//
// The error is [ErrRegistered] where the database has the function already. Don't call
// it in a transaction: where that is rolled back, the function goes with it.
func Register(conn *sql.Conn, options ...Option) error {
	return conn.Raw(func(driverConn any) error {
		inner, ok := driverConn.(*duckdb.Conn)
		if _, ours := driverConn.(*Conn); ours {
			return ErrRegistered
		}
		if !ok {
			return fmt.Errorf("tablefunc: Register needs a connection of duckdb-go, not a %T", driverConn)
		}
		s, err := newSettings(options)
		if err != nil {
			return err
		}
		if err := registerWith(inner, s); err != nil {
			return errors.Join(err, s.close())
		}
		return nil
	})
}

// registering is held by Register, so that of several calls for one database one is the
// first.
var registering sync.Mutex

func registerWith(conn *duckdb.Conn, s *settings) error {
	registering.Lock()
	defer registering.Unlock()
	contexts, err := driverContexts(conn)
	if err != nil {
		return err
	}
	key, known, err := databaseOf(conn)
	if err != nil {
		return err
	}
	if _, ours := lookUp(key); known && !ours {
		return ErrRegistered
	}
	in, err := acquire(key, conn)
	if err != nil {
		return err
	}
	if !in.serveOthers(&session{settings: s, contexts: contexts}) {
		return ErrRegistered
	}
	return nil
}

// databaseOf finds the key of a connection's database, and whether that has the
// function.
func databaseOf(conn *duckdb.Conn) (key string, known bool, err error) {
	rows, err := conn.QueryContext(context.Background(), `SELECT
		(SELECT path FROM duckdb_databases() WHERE NOT internal ORDER BY database_oid LIMIT 1),
		EXISTS (FROM duckdb_functions() WHERE function_name = $1)`,
		[]driver.NamedValue{{Ordinal: 1, Value: report.Customers.Function}})
	if err != nil {
		return "", false, err
	}
	defer rows.Close()
	row := make([]driver.Value, 2)
	if err := rows.Next(row); err != nil && err != io.EOF {
		return "", false, err
	}
	if path, ok := row[0].(string); ok {
		key = databaseKey(path)
	}
	known, _ = row[1].(bool)
	return key, known, nil
}
