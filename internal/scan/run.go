package scan

import (
	"sync"

	"github.com/teamupsql/teamupsql/internal/requestlog"
)

// Run is one execution of a statement: its calls, their plan, the rows that they share and
// the accounting of their requests. The zero value is ready for use. It is safe for
// concurrent use.
type Run struct {
	Facts Facts // the facts that the plan needs

	mu   sync.Mutex
	pass *Pass // the latest pass, nil for none
	err  error // the first error of a scan, as a Go error
	late error // of scans that had their rows already, see endsWith
	// shares are the reads that several scans have in common, by share key; nil before the
	// first lookup.
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

// endsWith keeps an error that occurred after a scan had all its rows, for the end of the
// run. The error may be nil. Without a run it is dropped.
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

// Accounting returns the accounting of the run. DuckDB may start scans when it prepares the
// statement. Without a run, each call returns a separate accounting.
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

// EndAccounting ends the accounting; the next scan begins a new one. The error is that of
// scans that failed after they had all their rows.
func (r *Run) EndAccounting() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	late := r.late
	r.statement, r.late = nil, nil
	return late
}

// CloseShares closes the shared reads.
func (r *Run) CloseShares() {
	r.mu.Lock()
	shares := r.shares
	r.shares = nil
	r.mu.Unlock()
	for _, s := range shares {
		r.endsWith(s.close())
	}
}
