package tablefunc

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/teamupsql/teamupsql/internal/duckc"
	"github.com/teamupsql/teamupsql/internal/scan"
	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/report"
)

// statement is a statement that is bound, and run once or, if it is an observed one, again.
type statement struct {
	// text is what DuckDB binds, with args in it; "" for a statement that is not to be
	// planned, because it is not run or because it is a query of our own.
	text string
	args []driver.NamedValue
	// optimizes is whether DuckDB optimizes the statement, nil if that is not known.
	optimizes *bool

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

// definesOnly reports whether a statement binds its scans without running them: a
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
