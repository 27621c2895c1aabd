package tablefunc

import (
	"context"
	"maps"
	"sync"

	"github.com/teamupsql/teamupsql/internal/duckc"
	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/tablefunc/internal/plan"
)

// A connection that this package did not open does not announce its statements. The first
// binding of a statement finds its text: duckdb-go's, where that is noted, or else what
// DuckDB says of the query that the session runs. All scans of the statement then share
// one observed statement. It is kept for as long as DuckDB keeps one of its bindings or
// scans, or until the connection binds the next one.

// observed is a statement of such a connection.
type observed struct {
	statement
	key      any          // a *duckc.Noted, a runningQuery or a preparation
	moment   duckc.Moment // in which a preparation was bound
	settings string       // of the session, likewise
	direct   runningQuery // that executed a preparation directly, 0 for none

	// folding is held by what is evaluated in the session while the statement runs:
	// DuckDB may call several scans at once.
	folding sync.Mutex

	// The context of the execution in a session without contexts, and what cancels it; both
	// are set before its first scan.
	ctx    context.Context
	cancel context.CancelCauseFunc

	// The mutex of the instance guards the following.
	bindings int    // that DuckDB keeps
	scans    int    // that are open
	executed bool   // it has had a scan
	end      func() // ends the accounting of the execution
}

// runningQuery is the key of a statement that DuckDB bound while it ran: the query's id.
type runningQuery uint64

// preparation is the key of a statement that DuckDB only prepared, without a text: the
// number of the transaction.
type preparation uint64

// observe returns the statement that DuckDB is binding for b; nil if nothing can be found
// out about it.
func (in *instance) observe(b *binding) *observed {
	st := &observed{}
	if noted := duckc.CurrentNoted(b.connID); noted != nil {
		st.key = noted
		if !noted.IsPreparation || len(sqltext.Parameters(noted.Text)) == 0 { // otherwise DuckDB binds it again, with the arguments
			st.text, st.args, st.types = oneOf(noted.Text, noted.Count, noted.At), noted.Args, noted.Types
		}
	} else {
		moment, err := b.client.Moment()
		if err != nil {
			return nil
		}
		st.optimizes = &moment.Optimizes
		if moment.Text == "" {
			st.key, st.moment = preparation(moment.Transaction), moment
		} else {
			st.key, st.text = runningQuery(moment.QueryID), oneOf(moment.Text, 1, 0)
		}
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if current := in.observed[b.connID]; current != nil && current.key == st.key {
		st = current
	} else if st.moment.Transaction > 0 {
		st.settings = b.client.Settings()
	}
	in.keep(b.connID, st)
	st.bindings++
	return st
}

// current returns the statement that a connection bound last, nil for none.
func (in *instance) current(connID uint64) *statement {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.observed[connID].orNil()
}

// orNil returns the statement, nil for none.
func (st *observed) orNil() *statement {
	if st == nil {
		return nil
	}
	return &st.statement
}

// oneOf returns a statement of a text of count statements, "" if they cannot be told apart.
func oneOf(text string, count, at int) string {
	if parts := sqltext.Split(text); len(parts) == count {
		return parts[at]
	}
	return ""
}

// drop notes that DuckDB has dropped a binding of st.
func (in *instance) drop(connID uint64, st *observed) {
	in.mu.Lock()
	defer in.mu.Unlock()
	st.bindings--
	in.forget(connID, st)
}

// idle reports whether nothing is left of a statement. DuckDB may still bind it again, if
// it has not been executed: it binds the query of a PIVOT first for its columns alone.
func (st *observed) idle() bool { return st.bindings == 0 && st.scans == 0 }

// forget removes an executed statement without bindings and scans. The caller has locked
// the instance.
func (in *instance) forget(connID uint64, st *observed) {
	if st.idle() && st.executed && in.observed[connID] == st {
		delete(in.observed, connID)
	}
}

// maxIdle is how many statements are kept that were bound and not executed. The last one
// of each connection is such a statement if it was an EXPLAIN.
const maxIdle = 100

// keep makes st the current statement of a connection. The instance is locked.
func (in *instance) keep(connID uint64, st *observed) {
	if len(in.observed) >= maxIdle {
		maps.DeleteFunc(in.observed, func(_ uint64, other *observed) bool { return other.idle() })
	}
	in.observed[connID] = st
}

// begin notes that a scan of b begins, and returns the statement to which it belongs; nil
// if nothing is known about it.
func (in *instance) begin(ctx context.Context, b *binding) (*observed, error) {
	if b.observed == nil {
		return nil, nil
	}
	st, err := in.executed(ctx, b)
	if st == nil || err != nil {
		return nil, err
	}
	in.mu.Lock()
	st.scans++
	first := st.scans == 1
	if first {
		in.beginExecution(ctx, b, st)
	}
	in.mu.Unlock()
	if !first {
		return st, nil
	}
	now, err := b.Env.Present()
	st.Binding().Renew(now)
	return st, err
}

// beginExecution begins the accounting of an execution and makes its context. The instance
// is locked.
func (in *instance) beginExecution(ctx context.Context, b *binding, st *observed) {
	st.executed = true
	account := st.account(ctx, b.session.settings)
	st.ctx, st.cancel = b.session.cancellable(ctx)
	st.end = func() {
		st.CloseShares()
		if st.cancel != nil {
			st.cancel(nil)
		}
		_ = account() // nobody is left to take the error
		st.TakeError()
	}
}

// executed returns the statement whose execution begins a scan of b. What DuckDB bound with
// its text known is itself. An execution of a preparation is planned if it comes directly
// after it; otherwise it is a statement without a plan.
func (in *instance) executed(ctx context.Context, b *binding) (*observed, error) {
	st := b.observed
	if _, ok := st.key.(preparation); !ok {
		return st, nil
	}
	st.folding.Lock()
	defer st.folding.Unlock()
	moment, err := b.client.Moment()
	if err != nil || moment.Text == "" {
		return nil, nil
	}
	key := runningQuery(moment.QueryID)
	if st.direct == key {
		return st, nil
	}
	if st.direct == 0 && in.isDirect(b, st, moment) {
		st.direct, st.text = key, oneOf(moment.Text, 1, 0)
		return st, in.plan(ctx, &st.statement, st.Binding(), b)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	current := in.observed[b.connID]
	if current == nil || current.key != key {
		current = &observed{key: key}
		in.keep(b.connID, current)
	}
	return current, nil
}

// isDirect reports whether nothing can have changed what a text means since DuckDB
// prepared it: no transaction has begun in any session since the preparation's, except
// the execution's own, none of an earlier one has been committed, and all settings are
// the same. Commits in other databases cannot be seen. So there must have been no other
// database when the functions were registered, and the text must name none. A view that
// reads a database attached later is not noticed.
func (in *instance) isDirect(b *binding, st *observed, moment duckc.Moment) bool {
	return in.single && moment.Transaction == st.moment.Transaction+1 && moment.Start == st.moment.Start+2 &&
		b.client.Settings() == st.settings && plan.Planner{DB: b.client, Reports: reports}.NamesOneDatabase(moment.Text)
}

// ended notes that a scan has ended. With the last scan the execution ends: DuckDB keeps
// all of them up to then.
func (in *instance) ended(connID uint64, st *observed) {
	in.mu.Lock()
	end := st.end
	if st.scans--; st.scans > 0 {
		end = nil
	}
	in.forget(connID, st)
	in.mu.Unlock()
	if end != nil {
		end()
	}
}
