package shell

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/render"
	"github.com/teamupsql/teamupsql/internal/duckc"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// database is an open DuckDB database: the user's connection, and one of our own
// that turns results into text while the user's is still busy.
type database struct {
	path  string // as in the arguments, ":memory:" for none
	db    *sql.DB
	user  *sql.Conn
	aside *sql.Conn
	texts *render.Texts
}

const inMemory = ":memory:"

// openDatabase opens a file, or a database in memory for "".
func openDatabase(ctx context.Context, path string, readOnly bool, options ...tablefunc.Option) (*database, error) {
	if path == "" {
		path = inMemory
	}
	if strings.Contains(path, "?") {
		return nil, fmt.Errorf("cannot open %q: a file name with a question mark is not supported", path)
	}
	dsn := path
	if readOnly && path != inMemory {
		dsn += "?access_mode=READ_ONLY"
	}
	db, err := tablefunc.Open(dsn, options...)
	if err != nil {
		return nil, err
	}
	d := &database{path: path, db: db}
	if err := d.connect(ctx); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

func (d *database) connect(ctx context.Context) (err error) {
	if d.user, err = d.db.Conn(ctx); err != nil {
		return err
	}
	if d.aside, err = d.db.Conn(ctx); err != nil {
		return err
	}
	return d.aside.Raw(func(c any) error {
		raw, err := duckc.Connection(c.(*tablefunc.Conn).DuckDB())
		if err != nil {
			return err
		}
		d.texts, err = render.NewTexts(raw)
		return err
	})
}

func (d *database) close() error {
	var errs []error
	if d.aside != nil {
		errs = append(errs, d.aside.Close())
	}
	if d.user != nil {
		errs = append(errs, d.user.Close())
	}
	return errors.Join(append(errs, d.db.Close())...)
}

// query starts one statement on the user's connection. The connection is taken
// until the result is closed.
func (d *database) query(ctx context.Context, statement string, args ...any) (chunks *tablefunc.Chunks, err error) {
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	err = d.user.Raw(func(c any) error {
		chunks, err = c.(*tablefunc.Conn).QueryChunks(ctx, statement, named)
		return err
	})
	return chunks, err
}

// explain describes the requests of a statement, with the user's tables and settings.
func (d *database) explain(ctx context.Context, statement string) (e *requests.Explanation, err error) {
	err = d.user.Raw(func(c any) error {
		e, err = c.(*tablefunc.Conn).Explain(ctx, statement)
		return err
	})
	return e, err
}

// follow copies the settings of the user's session that determine how DuckDB prints times.
// If the transaction of the session has failed, the settings stay as they are.
func (d *database) follow(ctx context.Context) {
	var zone, calendar string
	err := d.user.QueryRowContext(ctx, "SELECT current_setting('TimeZone'), current_setting('Calendar')").Scan(&zone, &calendar)
	if err != nil {
		return
	}
	// DuckDB took the values once, it will again.
	_ = d.texts.Follow("TimeZone", zone)
	_ = d.texts.Follow("Calendar", calendar)
}

// current names the database and schema for the prompt.
func (d *database) current(ctx context.Context) string {
	var name string
	err := d.user.QueryRowContext(ctx,
		"SELECT current_database() || CASE current_schema() WHEN 'main' THEN '' ELSE '.' || current_schema() END").Scan(&name)
	if err != nil {
		return ""
	}
	return name
}

// removeDatabase deletes a database file, for `.open --new`.
func removeDatabase(path string) error {
	for _, p := range []string{path, path + ".wal"} {
		if err := os.Remove(p); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}
