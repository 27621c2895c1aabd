package duckc

import (
	"database/sql/driver"
	"sync"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"
)

// DuckDB does not show a table function the statement that it binds. The driver for Go has
// the text, and calls DuckDB by the variables of package mapping. So the text, and the
// arguments, are noted there for as long as DuckDB prepares or runs the statement. Only a
// statement that binds a function of this module is remembered longer.

// Noted is a statement that the driver prepares or runs.
type Noted struct {
	Text  string // of Count statements, of which this is the one at index At
	Count int
	At    int
	// IsPreparation is set while the driver prepares the statement, when no arguments are
	// known.
	IsPreparation bool
	Args          []driver.NamedValue    // that are bound to the parameters
	Types         map[string]duckdb.Type // of the parameters to which a time is bound, by name

	conn   mapping.Connection // valid while DuckDB prepares the statement
	connID uint64             // its number, known once bound is set
	bound  bool               // DuckDB bound a function of this module for it
}

// CurrentNoted returns the statement that DuckDB binds on this thread for the driver, nil
// for none. It is another one for each time that DuckDB binds the statement. Only the Bind
// of a table function may call it, with the number of the connection that binds it: a
// callback of the program may run another statement on the same thread.
func CurrentNoted(connID uint64) *Noted {
	n := currentNoted()
	if n == nil {
		return nil
	}
	if !n.bound {
		n.connID = ConnectionID(n.conn)
	}
	if n.connID != connID {
		return nil
	}
	n.bound = true
	return n
}

var (
	// extracted are the texts that the driver has had parsed, by their C pointers.
	extracted sync.Map
	// prepared are the statements that bound a function of this module, by theirs.
	prepared sync.Map
)

// preparedStatement is one of these, with the arguments that are bound to it by index.
type preparedStatement struct {
	Noted
	mu   sync.Mutex
	args map[mapping.IdxT]noteOf
}

// noteOf is an argument, and its type if it is a time.
type noteOf struct {
	driver.NamedValue
	kind duckdb.Type
}

func init() {
	extract, destroyExtracted := mapping.ExtractStatements, mapping.DestroyExtracted
	mapping.ExtractStatements = func(conn mapping.Connection, text string, out *mapping.ExtractedStatements) mapping.IdxT {
		n := extract(conn, text, out)
		extracted.Store(out.Ptr, Noted{Text: text, Count: int(n)})
		return n
	}
	mapping.DestroyExtracted = func(statements *mapping.ExtractedStatements) {
		extracted.Delete(statements.Ptr)
		destroyExtracted(statements)
	}
	prepare, destroyPrepare, pending := mapping.PrepareExtractedStatement, mapping.DestroyPrepare, mapping.PendingPrepared
	mapping.PrepareExtractedStatement = func(conn mapping.Connection, statements mapping.ExtractedStatements, at mapping.IdxT, out *mapping.PreparedStatement) (state mapping.State) {
		text, ok := extracted.Load(statements.Ptr)
		if !ok {
			return prepare(conn, statements, at, out)
		}
		n := text.(Noted)
		n.At, n.IsPreparation, n.conn = int(at), true, conn
		withNoted(&n, func() { state = prepare(conn, statements, at, out) })
		forget(out.Ptr)
		if n.bound && state == mapping.StateSuccess {
			prepared.Store(out.Ptr, &preparedStatement{Noted: n, args: map[mapping.IdxT]noteOf{}})
			patient.Store(out.Ptr, &patience{conn: conn, statement: out.Ptr})
		}
		return state
	}
	mapping.DestroyPrepare = func(statement *mapping.PreparedStatement) {
		forget(statement.Ptr)
		destroyPrepare(statement)
	}
	mapping.PendingPrepared = func(statement mapping.PreparedStatement, out *mapping.PendingResult) (state mapping.State) {
		p, ok := prepared.Load(statement.Ptr)
		if !ok {
			return pending(statement, out)
		}
		withNoted(p.(*preparedStatement).withArguments(), func() { state = pending(statement, out) })
		return state
	}
	noteArguments()
}

// forget forgets a statement that is no longer prepared.
func forget(statement unsafe.Pointer) {
	if _, noted := prepared.LoadAndDelete(statement); noted {
		if p, ok := patient.Load(statement); ok {
			p.(*patience).end()
		}
	}
}

// withArguments returns the statement with the arguments that are bound to it now.
func (p *preparedStatement) withArguments() *Noted {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.Noted // with its connID
	n.IsPreparation, n.Types = false, map[string]duckdb.Type{}
	for _, a := range p.args {
		n.Args = append(n.Args, a.NamedValue)
		n.Types[a.Name] = a.kind
	}
	return &n
}
