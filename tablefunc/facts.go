package tablefunc

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// A plan may leave questions that only a query can answer: which keys the other side
// of a join has, and what the text of a view is. No query can run while DuckDB binds
// the statement. So the plan notes what it wants to know, and the connection reads it
// between preparing and running the statement, in the transaction in which it runs.

// fact is a question to the database, as a query for one text.
type fact struct {
	query string
	// mayFail is set for a query that can fail, as one that reads a file can. In a
	// transaction of the user such a failure would end the transaction.
	mayFail bool
	// replan is set if the answer changes the plan, and not only what it lets a scan
	// request.
	replan bool
}

var errUnknownFact = errors.New("not read yet")

// facts are the answers that a statement has. The zero value has none. It is safe for
// concurrent use.
type facts struct {
	mu      sync.Mutex
	known   map[string]string // by query
	refused map[string]error  // why a query has no answer
	wanted  []fact
}

// get returns the answer to f. If it is not known, f is wanted from now on.
func (s *facts) get(f fact) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refused[f.query]; err != nil {
		return "", err
	}
	text, ok := s.known[f.query]
	if !ok {
		if !slices.Contains(s.wanted, f) {
			s.wanted = append(s.wanted, f)
		}
		return "", errUnknownFact
	}
	return text, nil
}

// want has the keys read, if they are not known yet.
func (s *facts) want(keys []scanKeys) {
	for _, k := range keys {
		for _, f := range k.facts() {
			_, _ = s.get(f)
		}
	}
}

// takeWanted returns what is wanted, and forgets that it is.
func (s *facts) takeWanted() []fact {
	s.mu.Lock()
	defer s.mu.Unlock()
	wanted := s.wanted
	s.wanted = nil
	return wanted
}

func (s *facts) set(f fact, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]string{}
	}
	s.known[f.query] = text
}

// refuse notes that f has no answer. Answers of a transaction that has ended because
// of it are forgotten.
func (s *facts) refuse(f fact, err error, ended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused == nil {
		s.refused = map[string]error{}
	}
	s.refused[f.query] = err
	if ended {
		clear(s.known)
	}
}

var errFactInTransaction = errors.New("files are not read for keys in a transaction, since a failure would end it")

// readFacts reads what the plan of the run wants to know. It begins a transaction for
// that, unless the user has one open, and leaves it open for the statement.
func (r *run) readFacts(ctx context.Context) error {
	for wanted := r.statement.facts.takeWanted(); len(wanted) > 0; wanted = r.statement.facts.takeWanted() {
		if err := r.beginTransaction(ctx); err != nil {
			return err
		}
		again := false
		for _, f := range wanted {
			failed, err := r.readFact(ctx, f)
			if err != nil {
				return err
			}
			if again = again || failed || f.replan; failed {
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
func (r *run) readFact(ctx context.Context, f fact) (failed bool, err error) {
	if f.mayFail && r.usersTransaction {
		r.statement.facts.refuse(f, errFactInTransaction, false)
		return false, nil
	}
	text, err := r.conn.one(ctx, f.query)
	if err == nil {
		r.statement.facts.set(f, text)
		return false, nil
	}
	if ctx.Err() != nil {
		return false, err
	}
	r.statement.facts.refuse(f, err, true)
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
