package tablefunc

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/teamupsql/teamupsql/internal/duckc"
	"github.com/teamupsql/teamupsql/internal/sqltext"
)

// ErrRegistered indicates that the database already has a function of this package.
var ErrRegistered = errors.New("tablefunc: the functions of this package are registered in this database already")

// Register adds the functions of the reports and teamup_requests() to the database of a connection
// that duckdb-go opened. All connections of the database can use them until it is closed.
// Register does not keep conn. The options are those of [Open].
//
// duckdb-go does not pass the statement or its plan to a table function. A function added
// with Register therefore pushes down only the projection and the named parameters.
// Pushdown of WHERE, count, LIMIT, and joins requires [Open] or [NewConnector]. The results
// are the same either way. The error of a statement is a [*duckdb.Error], whose text says
// what went wrong and what to do; errors.As finds other types only with [Open]. A
// statement's context cancels its requests if its connection comes from the same connector
// as conn.
//
// Register returns [ErrRegistered] if the database already has one of them. Do not call it
// in a transaction, because a rollback removes the functions.
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
	contexts, err := duckc.DriverContexts(conn)
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

// databaseOf finds the key of a connection's database, and whether that has a function of
// a report.
func databaseOf(conn *duckdb.Conn) (key string, known bool, err error) {
	var names []string
	for _, r := range reports {
		names = append(names, sqltext.QuoteText(r.Function))
	}
	rows, err := conn.QueryContext(context.Background(), `SELECT
		(SELECT path FROM duckdb_databases() WHERE NOT internal ORDER BY database_oid LIMIT 1),
		EXISTS (FROM duckdb_functions() WHERE function_name IN (`+strings.Join(names, ", ")+`))`, nil)
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
