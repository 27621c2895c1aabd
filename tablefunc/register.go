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

// Register adds the functions of this package to the database of a connection that
// duckdb-go opened: those of the reports, teamup_requests() and teamup_explain(). All
// connections of the database can use them until it is closed. Register does not keep conn.
// conn can be a connection of a driver that wraps duckdb-go and has a method
// Raw() driver.Conn, as that of otelsql has. The options are those of [Open].
//
// A statement requests what it would request with [Open], with these exceptions: the ids on
// the other side of a join are not requested, because no query can read them before the
// statement runs; and nothing of the WHERE is pushed down in a view that reads the report
// together with a CSV or JSON file, or in SQL's EXECUTE. A statement that is prepared once
// and has no arguments means what it meant when DuckDB bound it, as every statement of
// duckdb-go does. The results are those of DuckDB either way.
//
// The error of a statement is a [*duckdb.Error], whose text says what went wrong and what
// to do; errors.As finds other types only with [Open]. A statement's context cancels its
// requests if its connection comes from the same connector as conn. [Explain] and
// [QueryArrow] need [Open]; teamup_explain() and duckdb-go's own Arrow interface do not.
//
// FROM teamup_customers without parentheses works with [Open] and [RegisterDatabase] only.
//
// Register returns [ErrRegistered] if the database already has one of the functions. Do not
// call it in a transaction, because a rollback removes them.
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
// does not keep conn and opens no connection. As with [Open], FROM teamup_customers works
// without parentheses.
//
// Statements have no context there: a scan ends at the latest 0.1 s after DuckDB has been
// told to interrupt it. DuckDB shows the text of a statement only while the statement runs. A
// statement that the host prepares apart is therefore planned if DuckDB binds it again, as
// it does with parameters and with now(). Without them it is planned in one case only: it
// runs directly after its preparation and not in a transaction of the user, no other
// transaction has begun or ended meanwhile, all settings are the same, its tables are named
// without a schema, and no second database was attached when the functions were registered.
// The values of parameters are not known, so predicates with parameters are left to DuckDB.
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
