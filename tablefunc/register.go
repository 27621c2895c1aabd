package tablefunc

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"

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
		driverConn = unwrap(driverConn)
		inner, ok := driverConn.(*duckdb.Conn)
		if _, ours := driverConn.(*Conn); ours {
			return ErrRegistered
		}
		if !ok {
			return fmt.Errorf("tablefunc: Register needs a connection of duckdb-go, not a %T", driverConn)
		}
		raw, err := duckc.Connection(inner)
		if err != nil {
			return err
		}
		contexts, err := duckc.DriverContexts(inner)
		if err != nil {
			return err
		}
		return registerWith(raw, mapping.Database{}, contexts, options)
	})
}

// unwrap returns the connection inside those of drivers that wrap another one, such as
// otelsql.
func unwrap(driverConn any) any {
	for {
		wrapper, ok := driverConn.(interface{ Raw() driver.Conn })
		if !ok {
			return driverConn
		}
		driverConn = wrapper.Raw()
	}
}

// RegisterDatabase is [Register] for a database of DuckDB's C API and a connection to it. It
// is for programs that do not open the database themselves, such as a loadable extension. It
// does not keep conn and opens no connection. A statement has no context there. As with
// [Open], FROM teamup_customers works without parentheses.
func RegisterDatabase(db mapping.Database, conn mapping.Connection, options ...Option) error {
	return registerWith(conn, db, nil, options)
}

// registering is held by Register, so that of several calls for one database one is the
// first.
var registering sync.Mutex

func registerWith(conn mapping.Connection, db mapping.Database, contexts duckc.ContextLookup, options []Option) error {
	s, err := newSettings(options)
	if err != nil {
		return err
	}
	if err := serve(conn, db, &session{settings: s, contexts: contexts}); err != nil {
		return errors.Join(err, s.close())
	}
	return nil
}

// serve registers the functions in the database of conn, with s for all its connections
// that have no session of their own. db is the database, or zero if the driver does not
// show it.
func serve(conn mapping.Connection, db mapping.Database, s *session) error {
	registering.Lock()
	defer registering.Unlock()
	d, err := databaseOf(conn)
	if err != nil {
		return err
	}
	if _, ours := lookUp(d.key); d.known && !ours {
		return ErrRegistered
	}
	in, err := acquire(d.key, conn, db)
	if err != nil {
		return err
	}
	if !in.serveOthers(s, d.single) {
		return ErrRegistered
	}
	return nil
}

// database is what a connection says of its database.
type database struct {
	key    string
	known  bool // it has a function of a report
	single bool // no other is attached
}

func databaseOf(conn mapping.Connection) (database, error) {
	var names []string
	for _, r := range reports {
		names = append(names, sqltext.QuoteText(r.Function))
	}
	row, err := duckc.QueryTexts(conn, `SELECT min_by(path, database_oid), count(*)::VARCHAR,
		CASE WHEN EXISTS (FROM duckdb_functions() WHERE function_name IN (`+strings.Join(names, ", ")+`)) THEN 'known' END
		FROM duckdb_databases() WHERE NOT internal`)
	if err != nil {
		return database{}, err
	}
	d := database{single: row[1] == "1", known: row[2] != ""}
	if row[0] != "" {
		d.key = databaseKey(row[0])
	}
	return d, nil
}
