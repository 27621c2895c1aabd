package tablefunc

import (
	"context"
	"database/sql"
	"errors"

	"github.com/teamupsql/teamupsql/requests"
)

// Explain says what a statement would ask of TeamUp, without asking. The database
// must be one of [Open]; the text must be one statement. Custom fields are looked up,
// as whenever such a statement is prepared. Arguments are those that
// the statement would be run with.
func Explain(ctx context.Context, db *sql.DB, query string, args ...any) (*requests.Explanation, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	var explanation *requests.Explanation
	err = conn.Raw(func(driverConn any) error {
		c, ok := driverConn.(*Conn)
		if !ok {
			return errors.New("tablefunc: Explain needs a database that Open or a Connector of this package opened")
		}
		explanation, err = c.Explain(ctx, query, args...)
		return err
	})
	return explanation, errors.Join(err, conn.Close())
}

// Explain is the function [Explain] on one connection, with its temporary tables
// and settings.
func (c *Conn) Explain(ctx context.Context, query string, args ...any) (*requests.Explanation, error) {
	named, err := c.namedValues(args)
	if err != nil {
		return nil, err
	}
	if len(c.split(query)) > 1 {
		return nil, errors.New("tablefunc: give one statement to explain")
	}
	run, err := c.newRun(ctx, query, named)
	if err != nil {
		return nil, err
	}
	explanation := &requests.Explanation{}
	if !definesOnly(query) {
		explanation, err = run.statement.Explain(ctx)
	}
	return explanation, errors.Join(err, run.end(false))
}
