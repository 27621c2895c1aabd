package duckc

import (
	"sync"
	"time"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"
)

// The driver runs a statement by one call of DuckDB, which asks for the next task
// without a pause while another of DuckDB's threads waits for the report. That keeps
// a processor busy for as long as the scan waits. So the statements
// that scan the report run their tasks one by one, with a pause where there is none.
// The driver offers no place for that but the variables by which it calls DuckDB;
// statements that do not scan the report are called as ever.

// taskPause is the pause. It is short compared with a request.
const taskPause = 200 * time.Microsecond

var (
	// patient are the prepared statements that scan the report, and what DuckDB is about
	// to run of them, by their C pointers.
	patient sync.Map
	// failures are the errors of tasks, by the *mapping.Result that the driver will ask
	// for its error.
	failures sync.Map
)

func init() {
	prepared, execute, destroy, resultError := mapping.PendingPrepared, mapping.ExecutePending, mapping.DestroyPending, mapping.ResultError
	mapping.PendingPrepared = func(statement mapping.PreparedStatement, pending *mapping.PendingResult) mapping.State {
		state := prepared(statement, pending)
		if p, ok := patient.Load(statement.Ptr); ok {
			p.(*patience).begin(pending.Ptr)
		}
		return state
	}
	mapping.ExecutePending = func(pending mapping.PendingResult, result *mapping.Result) mapping.State {
		p, ok := patient.Load(pending.Ptr)
		if ok {
			p.(*patience).started = true
		}
		if !ok || RunTasks(pending) {
			return execute(pending, result)
		}
		// To run what has failed is an error of its own, which is not of interest.
		failure := mapping.PendingError(pending)
		state := execute(pending, result)
		if state == mapping.StateError {
			failures.Store(result, failure)
		}
		return state
	}
	mapping.DestroyPending = func(pending *mapping.PendingResult) {
		if p, ok := patient.Load(pending.Ptr); ok && !p.(*patience).started {
			// The context ended before the driver ran the statement. DuckDB would cancel its
			// tasks when the connection prepares the next one, and then wait for ever for those
			// of a recursive query. Once the connection is interrupted, the tasks fail and end
			// the statement.
			mapping.Interrupt(p.(*patience).conn)
			var result mapping.Result
			execute(*pending, &result)
			mapping.DestroyResult(&result)
		}
		destroy(pending)
	}
	mapping.ResultError = func(result *mapping.Result) string {
		if failure, ok := failures.LoadAndDelete(result); ok {
			return failure.(string)
		}
		return resultError(result)
	}
}

// patience is one prepared statement among the patient ones.
type patience struct {
	conn               mapping.Connection // that prepared the statement
	statement, pending unsafe.Pointer
	started            bool // the driver runs what is pending
}

// BeginPatience makes the driver run the tasks of a statement that conn has prepared one by
// one until end.
func BeginPatience(conn mapping.Connection, statement *duckdb.Stmt) (end func()) {
	raw, err := Prepared(statement)
	if err != nil {
		return func() {}
	}
	p := &patience{conn: conn, statement: raw.Ptr}
	patient.Store(p.statement, p)
	return p.end
}

func (p *patience) end() {
	patient.Delete(p.statement)
	patient.Delete(p.pending)
}

func (p *patience) begin(pending unsafe.Pointer) {
	patient.Delete(p.pending)
	p.pending, p.started = pending, false
	patient.Store(pending, p)
}

// RunTasks runs the tasks of a statement until there is a result, or reports that
// there is an error.
func RunTasks(pending mapping.PendingResult) (ok bool) {
	for {
		switch mapping.PendingExecuteTask(pending) {
		case mapping.PendingStateNoTasksAvailable:
			time.Sleep(taskPause)
		case mapping.PendingStateResultNotReady:
		case mapping.PendingStateError:
			return false
		default:
			return true
		}
	}
}
