package tablefunc

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"github.com/teamupsql/teamupsql/internal/scan"
)

// A plan may leave questions that only a query can answer: which keys the other side
// of a join has, and what the text of a view is. No query can run while DuckDB binds
// the statement. So the plan notes what it wants to know, and the connection reads it
// between preparing and running the statement, in the transaction in which it runs.

var errFactInTransaction = errors.New("files are not read for keys in a transaction, since a failure would end it")

// readFacts reads what the plan of the run wants to know. It begins a transaction for
// that, unless the user has one open, and leaves it open for the statement.
func (r *run) readFacts(ctx context.Context) error {
	for wanted := r.statement.Facts.TakeWanted(); len(wanted) > 0; wanted = r.statement.Facts.TakeWanted() {
		if err := r.beginTransaction(ctx); err != nil {
			return err
		}
		again := false
		for _, f := range wanted {
			failed, err := r.readFact(ctx, f)
			if err != nil {
				return err
			}
			if again = again || failed || f.Replan; failed {
				break
			}
		}
		if again {
			if err := r.prepare(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// readFact reads one answer. failed reports that it could not be had, and that the
// transaction of this package has ended. err is the end of ctx.
func (r *run) readFact(ctx context.Context, f scan.Fact) (failed bool, err error) {
	if f.MayFail && r.usersTransaction {
		r.statement.Facts.Refuse(f, errFactInTransaction, false)
		return false, nil
	}
	text, err := r.conn.one(ctx, f.Query)
	if err == nil {
		r.statement.Facts.Set(f, text)
		return false, nil
	}
	if ctx.Err() != nil {
		return false, err
	}
	r.statement.Facts.Refuse(f, err, true)
	return true, r.endTransaction(true)
}

// beginTransaction begins a transaction for the run, unless one is open.
func (r *run) beginTransaction(ctx context.Context) error {
	if r.transaction || r.usersTransaction {
		return nil
	}
	var err error
	if r.usersTransaction, err = r.conn.inTransaction(ctx); err != nil || r.usersTransaction {
		return err
	}
	// A cancelled BEGIN may have begun.
	if _, err := r.conn.inner.ExecContext(context.WithoutCancel(ctx), "BEGIN TRANSACTION", nil); err != nil {
		return err
	}
	r.transaction = true
	return nil
}

// endTransaction ends the transaction that the run began, if there is one. It does so
// whatever has become of the run's context.
func (r *run) endTransaction(failed bool) error {
	if !r.transaction {
		return nil
	}
	r.transaction = false
	command := "COMMIT"
	if failed {
		command = "ROLLBACK"
	}
	_, err := r.conn.inner.ExecContext(context.Background(), command, nil)
	return err
}

// inTransaction reports whether the user has a transaction open on the connection:
// only then do two statements have the same one.
func (c *Conn) inTransaction(ctx context.Context) (bool, error) {
	const query = "SELECT current_transaction_id()::VARCHAR"
	first, err := c.one(ctx, query)
	if err != nil {
		return false, err
	}
	second, err := c.one(ctx, query)
	return first == second, err
}

// one runs a query of this package on the user's connection and returns its only
// value.
func (c *Conn) one(ctx context.Context, query string) (string, error) {
	defer c.session.enter(ctx, &statement{})()
	rows, err := c.inner.QueryContext(ctx, query, nil)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	value := make([]driver.Value, 1)
	if err := rows.Next(value); errors.Is(err, io.EOF) {
		return "", fmt.Errorf("no answer to %s", query)
	} else if err != nil {
		return "", err
	}
	text, _ := value[0].(string)
	return text, nil
}
