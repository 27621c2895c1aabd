package tablefunc

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

// folder holds expressions over DuckDB's own functions, bound once for a database.
// While DuckDB binds a statement of a session, an expression can be folded in that
// very session: it sees the session's settings, temporary tables and transaction,
// which no other query could use at that moment.
type folder struct {
	optimized mapping.Expression // json_serialize_plan(text, optimize := true)
	written   mapping.Expression // json_serialize_plan(text, optimize := false)
	tree      mapping.Expression // json_serialize_sql(text)
}

// folding is one evaluation of an expression of a folder.
type folding struct {
	text  string // what the expression is evaluated for
	bound int    // how often DuckDB bound the report's function meanwhile

	captured *mapping.Expression  // where to put what is captured, nil for nowhere
	rowType  *mapping.LogicalType // likewise for the type of a row
}

// newFolder registers the functions and binds the expressions.
func newFolder(conn mapping.Connection) (*folder, error) {
	err := errors.Join(
		registerScalar(conn, captureName, mapping.TypeVarchar, unsafe.Pointer(C.teamupsqlCapture)),
		registerScalar(conn, rowTypeName, mapping.TypeAny, unsafe.Pointer(C.teamupsqlRowType)),
		registerScalar(conn, textName, mapping.TypeInvalid, nil))
	if err != nil {
		return nil, err
	}
	f := &folder{}
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
			f.close()
			return nil, fmt.Errorf("DuckDB refused to bind the functions that show a plan: %w", err)
		}
	}
	return f, nil
}

func (f *folder) close() {
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

// binder evaluates the folder's expressions in the session that binds a statement.
// It is of use only inside the bind callback of a table function.
type binder struct {
	*folder
	session mapping.ClientContext
}

// fold evaluates an expression for f.text.
func (b binder) fold(expression mapping.Expression, f *folding) (text string, err error) {
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

// plan returns the serialized plan of a query, and how many scans of the report
// DuckDB bound for it.
func (b binder) plan(query string, optimize bool) (plan string, bound int, err error) {
	expression := b.written
	if optimize {
		expression = b.optimized
	}
	f := &folding{text: query}
	plan, err = b.fold(expression, f)
	return plan, f.bound, err
}

// parseTree returns the serialized parse tree of a query.
func (b binder) parseTree(query string) (string, error) {
	return b.fold(b.tree, &folding{text: query})
}

// columns returns the names and types of a table, which the caller destroys, and
// whether the report is behind it. table is a name or a call of a table function.
func (b binder) columns(table string) (names []string, types []mapping.LogicalType, scansReport bool, err error) {
	var row mapping.LogicalType
	defer mapping.DestroyLogicalType(&row)
	f := &folding{text: fmt.Sprintf("SELECT %s(__teamupsql_row) FROM %s AS __teamupsql_row", rowTypeName, table), rowType: &row}
	// The plan itself is not wanted, and DuckDB cannot serialize that of every table.
	if _, err := b.fold(b.written, f); err != nil {
		return nil, nil, false, err
	}
	if row.Ptr == nil || mapping.GetTypeId(row) != mapping.TypeStruct {
		return nil, nil, false, fmt.Errorf("DuckDB does not show the columns of %s", table)
	}
	for i := range mapping.StructTypeChildCount(row) {
		names = append(names, mapping.StructTypeChildName(row, i))
		types = append(types, mapping.StructTypeChildType(row, i))
	}
	return names, types, f.bound > 0, nil
}
