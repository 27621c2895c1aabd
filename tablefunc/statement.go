package tablefunc

import (
	"fmt"
	"slices"
	"sync"
)

// statement is a statement of one of our connections: the scans that DuckDB bound
// for it, and what its plan lets each of them ask.
type statement struct {
	direct bool // it must not read the report, see directly

	mu    sync.Mutex
	scans bool           // a direct statement turned out to read the report
	bound []*binding     // the last ones, over the times that DuckDB bound the statement
	first int            // the order of the first of bound
	begun int            // how many of bound were there when the last execution began
	plan  *statementPlan // nil while there is none
	err   error          // the first error of a scan, as a Go error
	late  error          // of scans that had their rows already, see endsWith
	// narrowings is what the plan lets bindings ask, as far as it was wanted.
	narrowings map[*binding][]narrowed
	// shares are the reads that several scans of this execution have in common, by
	// what they ask for; nil before the first is looked for.
	shares map[string]*share
	// execution is the run that is under way, nil for none.
	execution *execution
}

func (st *statement) add(b *binding) {
	st.mu.Lock()
	defer st.mu.Unlock()
	b.order = st.first + len(st.bound)
	st.bound = append(st.bound, b)
}

// bindings is how many scans DuckDB has bound, without what was forgotten.
func (st *statement) bindings() int {
	st.mu.Lock()
	defer st.mu.Unlock()
	return len(st.bound)
}

// fieldsOf are the custom fields that the statement knows for such a call, nil for
// none. The statement may be nil.
func (st *statement) fieldsOf(args callArguments) *fieldSet {
	if st == nil {
		return nil
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, b := range st.bound {
		client, _ := b.session.settings.client() // an error is nobody's client, and comes again
		if b.fields != nil && !b.fields.outdated.Load() && b.fields.client == client &&
			slices.Equal(b.arguments.fields, args.fields) && slices.Equal(b.arguments.providers, args.providers) {
			return b.fields
		}
	}
	return nil
}

// begin forgets the last execution: its plan, and the bindings that DuckDB has made
// anew since.
func (st *statement) begin() {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.bound) > st.begun {
		st.bound = slices.Clone(st.bound[st.begun:])
		st.first += st.begun
	}
	st.plan, st.narrowings, st.begun = nil, nil, len(st.bound)
}

func (st *statement) setPlan(p *statementPlan) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.plan, st.narrowings = p, nil
}

// allBound is what DuckDB bound when the statement was prepared.
func (st *statement) allBound() []*binding {
	st.mu.Lock()
	defer st.mu.Unlock()
	return slices.Clone(st.bound)
}

func (st *statement) failed(err error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.err == nil {
		st.err = err
	}
}

// failing names the function in an error and keeps it for the statement, which may be
// nil: its caller gets it as a Go error.
func (st *statement) failing(err error) error {
	err = fmt.Errorf("%s: %w", FunctionName, err)
	if st != nil {
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
