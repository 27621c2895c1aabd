package duckc

import "C" // for the exported functions

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
	bound []any  // what DuckDB bound meanwhile, as NoteBinding got it

	captured *mapping.Expression  // where to put what is captured, nil for nowhere
	rowType  *mapping.LogicalType // likewise for the type of a row
	moment   *Moment              // likewise for what a probe notes
}

// NewFolder registers the functions and binds the expressions.
func NewFolder(conn mapping.Connection) (*Folder, error) {
	err := errors.Join(
		registerScalar(conn, captureName, mapping.TypeVarchar, captureCallback),
		registerScalar(conn, rowTypeName, mapping.TypeAny, rowTypeCallback),
		registerScalar(conn, textName, mapping.TypeInvalid, nil),
		Register(conn, probeName, probeTable{}, TextParameters(4)))
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
	mapping.ScalarFunctionSetFunction(function, textCallback)
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
