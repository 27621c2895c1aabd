package tablefunc

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/teamupsql/teamupsql/internal/duckc"
	"github.com/teamupsql/teamupsql/internal/scan"
	"github.com/teamupsql/teamupsql/report"
)

// statement is a statement that a connection of ours prepares and runs once.
type statement struct {
	// text is what DuckDB binds, with args in it; "" for a statement that is not to be
	// planned, because it is not run or because it is a query of our own.
	text string
	args []driver.NamedValue

	scan.Run
	mu    sync.Mutex
	types map[string]duckdb.Type // of the parameters, by identifier; nil before DuckDB has told
}

// scans returns the run of the statement's scans, nil for no statement.
func (st *statement) scans() *scan.Run {
	if st == nil {
		return nil
	}
	return &st.Run
}

var errPushdownOff = errors.New("pushdown is switched off")

// errUnoptimized is why a statement has no plan while DuckDB's optimizer is off.
var errUnoptimized = errors.New("DuckDB's optimizer is switched off; PRAGMA enable_optimizer switches it on")

// mayPlan returns why the statement is not planned, nil if it is.
func (st *statement) mayPlan(s *session) error {
	switch {
	case slices.Contains(s.settings.Off, RuleWhere):
		return errPushdownOff
	case s.unoptimized.Load():
		return errUnoptimized
	case st.lacksTypes():
		return scan.ErrUnknown
	}
	return nil
}

// failing names the function in an error and keeps it for the statement, which may be
// nil: its caller gets it as a Go error. A failure in a plan that nobody runs is not kept.
func (st *statement) failing(of *report.Report, err error) error {
	err = fmt.Errorf("%s: %w", of.Function, err)
	if st != nil && !duckc.IsFolding() {
		st.Fail(err)
	}
	return err
}

// lacksTypes reports whether an argument is bound by the type of its parameter, which
// is not known yet.
func (st *statement) lacksTypes() bool {
	return st.parameterTypes() == nil && slices.ContainsFunc(st.args, func(a driver.NamedValue) bool {
		_, isTime := a.Value.(time.Time)
		return isTime
	})
}

// learnTypes notes the types that DuckDB gave the parameters.
func (st *statement) learnTypes(prepared *duckdb.Stmt) {
	types := map[string]duckdb.Type{}
	for n := 1; n <= prepared.NumInput(); n++ {
		name, nameErr := prepared.ParamName(n)
		kind, typeErr := prepared.ParamType(n)
		if nameErr == nil && typeErr == nil {
			types[name] = kind
		}
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.types = types
}

func (st *statement) parameterTypes() map[string]duckdb.Type {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.types
}
