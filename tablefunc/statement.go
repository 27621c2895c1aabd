package tablefunc

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// statement is a statement that a connection of ours prepares and runs once.
type statement struct {
	// text is what DuckDB binds, with args in it; "" for a statement that is not to be
	// planned, because it is not run or because it is a query of our own.
	text string
	args []driver.NamedValue

	mu    sync.Mutex
	types map[string]duckdb.Type // of the parameters, by identifier; nil before DuckDB has told
	pass  *pass                  // what DuckDB bound last, nil for nothing
	facts facts
	err   error // the first error of a scan, as a Go error
	late  error // of scans that had their rows already, see endsWith
	// shares are the reads that several scans of this execution have in common, by
	// what they ask for; nil before the first is looked for.
	shares map[string]*share
	// execution is the run that is under way, nil for none.
	execution *execution
}

// pass is one time that DuckDB binds a statement: when it prepares it, and once more
// when it runs it if arguments, now() or the catalogue have changed the meaning. The
// plan is made while DuckDB binds the first scan, in the same session and transaction,
// so that it is the plan of what this pass binds and of nothing else.
type pass struct {
	statement *statement

	// The statement's mu guards the following.
	bound   []*binding
	plan    *statementPlan // nil for none
	err     error          // why there is none, nil if nobody asked for one
	narrows map[*binding][]narrowed
}

var errBindings = errors.New("DuckDB bound the statement in another way than its plan shows")

// binding returns the pass that DuckDB is binding. It is nil for a connection that is
// not ours.
func (st *statement) binding() *pass {
	if st == nil {
		return nil
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.pass == nil {
		st.pass = &pass{statement: st}
	}
	return st.pass
}

// bindAgain makes the next binding the first of a new pass.
func (st *statement) bindAgain() {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.pass = nil
}

// add adds a binding and returns its place. p may be nil.
func (p *pass) add(b *binding) (at int) {
	if p == nil {
		return 0
	}
	p.statement.mu.Lock()
	defer p.statement.mu.Unlock()
	p.bound = append(p.bound, b)
	return len(p.bound) - 1
}

// setPlan notes the plan, or why there is none.
func (p *pass) setPlan(plan *statementPlan, err error) {
	p.statement.mu.Lock()
	defer p.statement.mu.Unlock()
	p.plan, p.err, p.narrows = plan, err, nil
}

// unplanned returns why the scans of the pass have no plan, nil if they have one.
func (p *pass) unplanned() error {
	p.statement.mu.Lock()
	defer p.statement.mu.Unlock()
	_, err := p.first()
	return err
}

// first returns the place of the binding that is the plan's first scan. The error says
// why there is none. The statement is locked.
//
// DuckDB may bind a query for its columns alone, and drop that, before it binds it to
// run it. All other bindings must be in the plan.
func (p *pass) first() (int, error) {
	if p.plan == nil {
		return 0, p.err
	}
	first := len(p.bound) - len(p.plan.scans)
	if first < 0 || slices.ContainsFunc(p.bound[:first], func(b *binding) bool { return !b.dropped.Load() }) {
		return 0, fmt.Errorf("%w: %d scans instead of %d", errBindings, len(p.bound), len(p.plan.scans))
	}
	return first, nil
}

// reference returns which reference of the statement a binding is, from 1. p may be
// nil.
func (p *pass) reference(b *binding) int {
	if p == nil {
		return 1
	}
	p.statement.mu.Lock()
	defer p.statement.mu.Unlock()
	first, _ := p.first()
	return b.order - first + 1
}

// bindings returns what DuckDB bound last.
func (st *statement) bindings() []*binding {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.pass == nil {
		return nil
	}
	return slices.Clone(st.pass.bound)
}

// fieldsOf returns the custom fields that the pass has found for such a call, nil for
// none. p may be nil.
func (p *pass) fieldsOf(args callArguments) *fieldSet {
	if p == nil {
		return nil
	}
	p.statement.mu.Lock()
	defer p.statement.mu.Unlock()
	for _, b := range p.bound {
		client, _ := b.session.settings.client() // an error is nobody's client, and comes again
		if b.fields != nil && b.of == args.query.Report && b.fields.client == client &&
			slices.Equal(b.arguments.fields, args.fields) && slices.Equal(b.arguments.providers, args.providers) {
			return b.fields
		}
	}
	return nil
}

func (st *statement) failed(err error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.err == nil {
		st.err = err
	}
}

// failing names the function in an error and keeps it for the statement, which may be
// nil: its caller gets it as a Go error. A failure in a plan that nobody runs is not kept.
func (st *statement) failing(of *report.Report, err error) error {
	err = fmt.Errorf("%s: %w", of.Function, err)
	if st != nil && currentFolding() == nil {
		st.failed(err)
	}
	return err
}

// takeError returns the first error of a scan since the last call.
func (st *statement) takeError() error {
	st.mu.Lock()
	defer st.mu.Unlock()
	err := st.err
	st.err = nil
	return err
}

// statementPlan is what DuckDB's optimizer found out about the scans of a
// statement, with what their predicates' meaning depends on besides.
type statementPlan struct {
	scans   []pushdown.Scan // one for each time that DuckDB binds the function, in this order
	keys    []scanKeys      // of each scan
	session pushdown.Session
}
