package duckc

/*
void teamupsqlCapture(void *info);
void teamupsqlRowType(void *info);
void teamupsqlText(void *info, void *input, void *output);
*/
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Names of the scalar functions that folding needs. They are of no use to a user.
const (
	captureName = "__teamupsql_capture"  // keeps its argument as an expression
	rowTypeName = "__teamupsql_row_type" // keeps the type of its argument
	textName    = "__teamupsql_text"     // returns the text of the current folding
)

// Folder holds expressions over DuckDB's own functions, bound once for a database.
// While DuckDB binds a statement of a session, an expression can be folded in that
// very session: it sees the session's settings, temporary tables and transaction,
// which no other query could use at that moment.
type Folder struct {
	optimized mapping.Expression // json_serialize_plan(text, optimize := true)
	written   mapping.Expression // json_serialize_plan(text, optimize := false)
	tree      mapping.Expression // json_serialize_sql(text)
}

// folding is one evaluation of an expression of a Folder.
type folding struct {
	text  string // what the expression is evaluated for
	bound int    // how often DuckDB bound a function meanwhile that calls NoteBinding

	captured *mapping.Expression  // where to put what is captured, nil for nowhere
	rowType  *mapping.LogicalType // likewise for the type of a row
}

// NewFolder registers the functions and binds the expressions.
func NewFolder(conn mapping.Connection) (*Folder, error) {
	err := errors.Join(
		registerScalar(conn, captureName, mapping.TypeVarchar, unsafe.Pointer(C.teamupsqlCapture)),
		registerScalar(conn, rowTypeName, mapping.TypeAny, unsafe.Pointer(C.teamupsqlRowType)),
		registerScalar(conn, textName, mapping.TypeInvalid, nil))
	if err != nil {
		return nil, err
	}
	f := &Folder{}
	for _, e := range []struct {
		expression *mapping.Expression
		call       string
	}{
		{&f.optimized, "json_serialize_plan(%s(), optimize := true)"},
		{&f.written, "json_serialize_plan(%s(), optimize := false)"},
		{&f.tree, "json_serialize_sql(%s())"},
	} {
		withFolding(&folding{captured: e.expression}, func() {
			var result mapping.Result
			defer mapping.DestroyResult(&result)
			query := fmt.Sprintf("SELECT %s("+e.call+"::VARCHAR)", captureName, textName)
			if mapping.Query(conn, query, &result) == mapping.StateError {
				err = errors.New(mapping.ResultError(&result))
			}
		})
		if err != nil || e.expression.Ptr == nil {
			f.Close()
			return nil, fmt.Errorf("DuckDB refused to bind the functions that show a plan: %w", err)
		}
	}
	return f, nil
}

// Close destroys the expressions.
func (f *Folder) Close() {
	mapping.DestroyExpression(&f.optimized)
	mapping.DestroyExpression(&f.written)
	mapping.DestroyExpression(&f.tree)
}

// registerScalar registers a scalar function with one argument, or none if its type
// is invalid. Each returns the text of the current folding.
func registerScalar(conn mapping.Connection, name string, argument mapping.Type, bind unsafe.Pointer) error {
	function := mapping.CreateScalarFunction()
	defer mapping.DestroyScalarFunction(&function)
	mapping.ScalarFunctionSetName(function, name)
	if argument != mapping.TypeInvalid {
		t := mapping.CreateLogicalType(argument)
		defer mapping.DestroyLogicalType(&t)
		mapping.ScalarFunctionAddParameter(function, t)
	}
	text := mapping.CreateLogicalType(mapping.TypeVarchar)
	defer mapping.DestroyLogicalType(&text)
	mapping.ScalarFunctionSetReturnType(function, text)
	if bind != nil {
		mapping.ScalarFunctionSetBind(function, bind)
	}
	mapping.ScalarFunctionSetFunction(function, unsafe.Pointer(C.teamupsqlText))
	if mapping.RegisterScalarFunction(conn, function) == mapping.StateError {
		return fmt.Errorf("DuckDB refused to register %s", name)
	}
	return nil
}

//export teamupsqlCapture
func teamupsqlCapture(info unsafe.Pointer) {
	if f := currentFolding(); f != nil && f.captured != nil {
		*f.captured = mapping.ScalarFunctionBindGetArgument(mapping.BindInfo{Ptr: info}, 0)
	}
}

//export teamupsqlRowType
func teamupsqlRowType(info unsafe.Pointer) {
	f := currentFolding()
	if f == nil || f.rowType == nil || f.rowType.Ptr != nil {
		return
	}
	argument := mapping.ScalarFunctionBindGetArgument(mapping.BindInfo{Ptr: info}, 0)
	defer mapping.DestroyExpression(&argument)
	*f.rowType = mapping.ExpressionReturnType(argument)
}

//export teamupsqlText
func teamupsqlText(_, input, output unsafe.Pointer) {
	text := ""
	if f := currentFolding(); f != nil {
		text = f.text
	}
	for i := range max(1, mapping.DataChunkGetSize(mapping.DataChunk{Ptr: input})) {
		mapping.VectorAssignStringElement(mapping.Vector{Ptr: output}, i, text)
	}
}

// BindSession evaluates a Folder's expressions in the session that binds a statement. It
// can be used only inside the Bind of a table function.
type BindSession struct {
	folder  *Folder
	session mapping.ClientContext
}

// Session returns the session that binds a table function. The caller closes it before
// its Bind returns.
func (f *Folder) Session(info mapping.BindInfo) BindSession {
	b := BindSession{folder: f}
	mapping.TableFunctionGetClientContext(info, &b.session)
	return b
}

// Close releases the session.
func (b BindSession) Close() { mapping.DestroyClientContext(&b.session) }

// Option returns a setting of the session as text, "" if it has no value.
func (b BindSession) Option(name string) string { return sessionOption(b.session, name) }

// fold evaluates an expression for f.text.
func (b BindSession) fold(expression mapping.Expression, f *folding) (text string, err error) {
	withFolding(f, func() {
		var value mapping.Value
		failure := mapping.ExpressionFold(b.session, expression, &value)
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
func (b BindSession) Plan(query string, optimize bool) (plan string, bound int, err error) {
	expression := b.folder.written
	if optimize {
		expression = b.folder.optimized
	}
	f := &folding{text: query}
	plan, err = b.fold(expression, f)
	return plan, f.bound, err
}

// ParseTree returns the serialized parse tree of a query.
func (b BindSession) ParseTree(query string) (string, error) {
	return b.fold(b.folder.tree, &folding{text: query})
}

// Columns returns the columns of a table, whose types the caller destroys, and whether
// DuckDB bound a function for it that calls NoteBinding. table is a name or a call of a
// table function.
func (b BindSession) Columns(table string) (columns []Column, noted bool, err error) {
	var row mapping.LogicalType
	defer mapping.DestroyLogicalType(&row)
	f := &folding{text: fmt.Sprintf("SELECT %s(__teamupsql_row) FROM %s AS __teamupsql_row", rowTypeName, table), rowType: &row}
	// The plan itself is not wanted, and DuckDB cannot serialize that of every table.
	if _, err := b.fold(b.folder.written, f); err != nil {
		return nil, false, err
	}
	if row.Ptr == nil || mapping.GetTypeId(row) != mapping.TypeStruct {
		return nil, false, fmt.Errorf("DuckDB does not show the columns of %s", table)
	}
	for i := range mapping.StructTypeChildCount(row) {
		columns = append(columns, Column{mapping.StructTypeChildName(row, i), mapping.StructTypeChildType(row, i)})
	}
	return columns, f.bound > 0, nil
}
