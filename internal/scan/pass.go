package scan

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/internal/fields"
	"github.com/teamupsql/teamupsql/pushdown"
)

// Pass is one time that DuckDB binds a statement. DuckDB does so when it prepares the
// statement, and again before it runs it if arguments, now() or the catalog have changed
// its meaning. The plan is made while DuckDB binds the first scan, in the same session and
// transaction, so that it describes exactly the calls of the pass.
type Pass struct {
	run *Run

	// The statement's mu guards the following.
	bound     []*Call
	plan      *Plan // nil for none
	err       error // why there is no plan; nil if none was needed
	scanPlans map[*Call][]scanPlan
}

var errBindings = errors.New("DuckDB bound the statement in another way than its plan shows")

// Binding returns the pass that DuckDB is binding, nil if r is nil: for a connection that
// tablefunc did not open.
func (r *Run) Binding() *Pass {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pass == nil {
		r.pass = &Pass{run: r}
	}
	return r.pass
}

// BindAgain begins a new pass with the next binding.
func (r *Run) BindAgain() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pass = nil
}

// Add adds a call and returns its position. p may be nil.
func (p *Pass) Add(b *Call) (at int) {
	if b.pass = p; p == nil {
		return 0
	}
	p.run.mu.Lock()
	defer p.run.mu.Unlock()
	p.bound = append(p.bound, b)
	b.order = len(p.bound) - 1
	return b.order
}

// SetPlan notes the plan, or why there is none.
func (p *Pass) SetPlan(plan *Plan, err error) {
	p.run.mu.Lock()
	defer p.run.mu.Unlock()
	p.plan, p.err, p.scanPlans = plan, err, nil
}

// Unplanned returns why the scans of the pass have no plan, nil if they have one.
func (p *Pass) Unplanned() error {
	p.run.mu.Lock()
	defer p.run.mu.Unlock()
	_, err := p.first()
	return err
}

// first returns the position of the call that is the plan's first scan. The error is the
// reason why there is none. The run must be locked.
//
// DuckDB may bind a query only for its columns and drop it, before it binds the query to
// run it. All other calls must be in the plan.
func (p *Pass) first() (int, error) {
	if p.plan == nil {
		return 0, p.err
	}
	first := len(p.bound) - len(p.plan.Scans)
	if first < 0 || slices.ContainsFunc(p.bound[:first], func(b *Call) bool { return !b.dropped.Load() }) {
		return 0, fmt.Errorf("%w: %d scans instead of %d", errBindings, len(p.bound), len(p.plan.Scans))
	}
	return first, nil
}

// Reference returns which reference of the statement a call is, from 1. p may be
// nil.
func (p *Pass) Reference(b *Call) int {
	if p == nil {
		return 1
	}
	p.run.mu.Lock()
	defer p.run.mu.Unlock()
	first, _ := p.first()
	return b.order - first + 1
}

// Calls returns the calls that were bound last.
func (r *Run) Calls() []*Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pass == nil {
		return nil
	}
	return slices.Clone(r.pass.bound)
}

// fieldsOf returns the custom fields that the pass has found for such a call of these
// clients, by business; nil for none. p may be nil.
func (p *Pass) fieldsOf(args Arguments, clients map[int64]*httpsource.Client) *fields.Set {
	if p == nil {
		return nil
	}
	p.run.mu.Lock()
	defer p.run.mu.Unlock()
	for _, b := range p.bound {
		if b.Fields != nil && b.Report == args.Query.Report && maps.Equal(b.Fields.Clients, clients) &&
			slices.Equal(b.Arguments.Fields, args.Fields) && slices.Equal(b.Arguments.Providers, args.Providers) {
			return b.Fields
		}
	}
	return nil
}

// Plan is DuckDB's optimized plan of the scans of a statement, with the settings that the
// meaning of their predicates depends on.
type Plan struct {
	Scans   []pushdown.Scan // one for each time that DuckDB binds the function, in this order
	Keys    []Keys          // of each scan
	Session pushdown.Session
}
