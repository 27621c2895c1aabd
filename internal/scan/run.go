package scan

import (
	"sync"

	"github.com/teamupsql/teamupsql/internal/requestlog"
)

// Run is one execution of a statement: the calls that were bound, their plan, what they
// share and the accounting of their requests. The zero value is ready for use. It is safe
// for concurrent use.
type Run struct {
	Facts Facts // the answers that the plan needs

	mu   sync.Mutex
	pass *Pass // what was bound last, nil for nothing
	err  error // the first error of a scan, as a Go error
	late error // of scans that had their rows already, see endsWith
	// shares are the reads that several scans of this execution have in common, by
	// what they ask for; nil before the first is looked for.
	shares map[string]*share
	// statement is the accounting, nil before the first scan.
	statement *requestlog.Statement
}

// Fail keeps the first error of a scan.
func (r *Run) Fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
}

// TakeError returns the first error of a scan since the last call.
func (r *Run) TakeError() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.err
	r.err = nil
	return err
}

// endsWith keeps an error of a scan that had its rows already, for the end of the
// statement's run. The error may be nil. Without a statement nobody is left to take it.
func (r *Run) endsWith(err error) {
	if r == nil || err == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.late == nil {
		r.late = err
	}
}

// Accounting returns the accounting of the run. DuckDB may begin with scans when it
// prepares the statement. Without a run each call is an accounting of its own.
func (r *Run) Accounting(env *Env) *requestlog.Statement {
	if r == nil {
		return requestlog.Begin(&env.History)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.statement == nil {
		r.statement = requestlog.Begin(&env.History)
	}
	return r.statement
}

// EndAccounting makes the next scan the first of a new accounting. The error is that of
// scans that had their rows already.
func (r *Run) EndAccounting() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	late := r.late
	r.statement, r.late = nil, nil
	return late
}

// CloseShares ends what the statement's scans read together.
func (r *Run) CloseShares() {
	r.mu.Lock()
	shares := r.shares
	r.shares = nil
	r.mu.Unlock()
	for _, s := range shares {
		r.endsWith(s.close())
	}
}
