package tablefunc

import (
	"context"
	"database/sql"
	"errors"

	"github.com/teamupsql/teamupsql/internal/scan"
)

// Explain says what a statement would ask of TeamUp, without asking. The database
// must be one of [Open]; the text must be one statement. Custom fields are looked up,
// as whenever such a statement is prepared. Arguments are those that
// the statement would be run with.
func Explain(ctx context.Context, db *sql.DB, query string, args ...any) (*Explanation, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	var explanation *Explanation
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
func (c *Conn) Explain(ctx context.Context, query string, args ...any) (*Explanation, error) {
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
	explanation := &Explanation{}
	if !definesOnly(query) {
		explanation, err = run.statement.Explain()
	}
	return explanation, errors.Join(err, run.end(false))
}

// Explanation says what a statement would ask of TeamUp.
type Explanation = scan.Explanation

// ScanExplanation says what one scan would ask.
type ScanExplanation = scan.ScanExplanation

// CustomField is a custom field of a business as a column.
type CustomField = scan.CustomField

// Estimate is how many requests a scan will take while the report stays as it is
// and nothing fails.
type Estimate = scan.Estimate

// Bound says how an estimate is meant.
type Bound = scan.Bound

// The bounds.
const (
	Exactly = scan.Exactly
	About   = scan.About   // by the number of customers that the last scan found
	AtMost  = scan.AtMost  // fewer, where predicates or a LIMIT spare some
	Unknown = scan.Unknown // no scan has told yet how many customers there are
)
