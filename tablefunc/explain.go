package tablefunc

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/teamupsql/teamupsql/internal/scan"
	"github.com/teamupsql/teamupsql/internal/sqltext"
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

// definesOnly says whether a statement binds its scans without running them: a
// definition of a view, a macro or an SQL prepared statement.
func definesOnly(query string) bool {
	words := sqltext.FirstWords(query, 6)
	if len(words) == 0 || words[0] != "CREATE" {
		return len(words) > 0 && words[0] == "PREPARE"
	}
	for _, w := range words[1:] {
		switch w {
		case "VIEW", "MACRO", "FUNCTION":
			return true
		case "TABLE":
			return false
		}
	}
	return false
}

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
