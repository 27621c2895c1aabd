package duckc

import (
	"errors"
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Session evaluates a Folder's expressions in a session, on a thread on which DuckDB calls
// a table function for it. At most one evaluation may run in a session at a time.
type Session struct {
	folder *Folder
	client mapping.ClientContext
}

// Session returns the session that binds a table function. The caller closes it, at the
// latest when DuckDB drops what it binds.
func (f *Folder) Session(info mapping.BindInfo) Session {
	s := Session{folder: f}
	mapping.TableFunctionGetClientContext(info, &s.client)
	return s
}

// Close releases the session.
func (s Session) Close() { mapping.DestroyClientContext(&s.client) }

// ConnectionID returns the number of the session's connection in its database.
func (s Session) ConnectionID() uint64 { return uint64(mapping.ClientContextGetConnectionId(s.client)) }

// Option returns a setting of the session as text, "" if it has no value.
func (s Session) Option(name string) string { return sessionOption(s.client, name) }

// Settings returns all settings of the session as one text.
func (s Session) Settings() string {
	var b strings.Builder
	for _, name := range settingNames() {
		b.WriteString(s.Option(name) + "\x00")
	}
	return b.String()
}

// fold evaluates an expression for f.text.
func (s Session) fold(expression mapping.Expression, f *folding) (text string, err error) {
	withFolding(f, func() {
		var value mapping.Value
		failure := mapping.ExpressionFold(s.client, expression, &value)
		defer mapping.DestroyErrorData(&failure)
		defer mapping.DestroyValue(&value)
		switch {
		case failure.Ptr != nil:
			err = errors.New(mapping.ErrorDataMessage(failure))
		case value.Ptr == nil || mapping.IsNullValue(value): // GetVarchar would end the process
			err = errors.New("DuckDB returned no plan")
		default:
			text = mapping.GetVarchar(value)
		}
	})
	return text, err
}

// Plan returns the serialized plan of a query, and how often DuckDB bound a function
// for it that calls NoteBinding.
func (s Session) Plan(query string, optimize bool) (plan string, bound int, err error) {
	plan, bindings, err := s.PlanWithBindings(query, optimize)
	return plan, len(bindings), err
}

// PlanWithBindings is Plan with what NoteBinding got.
func (s Session) PlanWithBindings(query string, optimize bool) (plan string, bindings []any, err error) {
	expression := s.folder.written
	if optimize {
		expression = s.folder.optimized
	}
	f := &folding{text: query}
	plan, err = s.fold(expression, f)
	return plan, f.bound, err
}

// ParseTree returns the serialized parse tree of a query.
func (s Session) ParseTree(query string) (string, error) {
	return s.fold(s.folder.tree, &folding{text: query})
}

// Columns returns the columns of a table, whose types the caller destroys, and whether
// DuckDB bound a function for it that calls NoteBinding. table is a name or a call of a
// table function.
func (s Session) Columns(table string) (columns []Column, noted bool, err error) {
	var row mapping.LogicalType
	defer mapping.DestroyLogicalType(&row)
	f := &folding{text: fmt.Sprintf("SELECT %s(__teamupsql_row) FROM %s AS __teamupsql_row", rowTypeName, table), rowType: &row}
	// The plan itself is not wanted, and DuckDB cannot serialize that of every table.
	if _, err := s.fold(s.folder.written, f); err != nil {
		return nil, false, err
	}
	if row.Ptr == nil || mapping.GetTypeId(row) != mapping.TypeStruct {
		return nil, false, fmt.Errorf("DuckDB does not show the columns of %s", table)
	}
	for i := range mapping.StructTypeChildCount(row) {
		columns = append(columns, Column{mapping.StructTypeChildName(row, i), mapping.StructTypeChildType(row, i)})
	}
	return columns, len(f.bound) > 0, nil
}
