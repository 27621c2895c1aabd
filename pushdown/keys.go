package pushdown

import (
	"slices"
	"strings"

	"github.com/teamupsql/teamupsql/internal/sqltext"
)

// Keys is a column of another table that contains the ids of all customers that a join can
// match. A customer with another id does not change the result.
type Keys struct {
	Table Table
	// Column is the expression of the key over the table's columns, in SQL.
	Column string
	// Where is a condition on the table in SQL, "" for none. Every row that takes part in
	// the join satisfies it; other rows may satisfy it too.
	Where string
}

// Table is a table that DuckDB reads: one of the catalog, or a call of a table function
// with one text argument.
type Table struct {
	Catalog, Schema, Name string
	Function, Argument    string // Function is "" for a table of the catalogue
}

// otherColumn is a column of another table that is joined with the scan.
type otherColumn struct{ Name string }

// String is the name, quoted.
func (f otherColumn) String() string { return sqltext.QuoteName(f.Name) }

func (f otherColumn) truth(env) ternary { return unknown() }

// matchNeeded reports, by the type of a join, for each side whether only its rows with a
// match matter.
var matchNeeded = map[string][2]bool{
	"INNER":      {true, true},
	"SEMI":       {true, true},
	"RIGHT_SEMI": {true, true},
	"LEFT":       {false, true},
	"RIGHT":      {true, false},
}

// joined contains the keys of a join.
type joined struct {
	id    *Keys
	extra []ExtraKeys
}

// joinKeys returns the keys of the other table if o joins a scan of a report with it on the
// key or on a column after the report's columns. It reads the row path of the scan a second
// time, which takes little time.
func (r *reader) joinKeys(o object) (index uint64, keys joined, ok bool) {
	children := o.objects("children")
	kind := o.text("type")
	// A correlated EXISTS is a DELIM join. Its subquery runs for the ids of the scan, but
	// only those that match matter.
	exists := kind == "LOGICAL_DELIM_JOIN" && o.text("join_type") == "SEMI" && !o.flag("delim_flipped")
	if kind != "LOGICAL_COMPARISON_JOIN" && !exists || len(children) != 2 {
		return 0, joined{}, false
	}
	for side, matters := range matchNeeded[o.text("join_type")] {
		matters = matters && (!exists || side == 0)
		c, ok := r.rowPath(children[side])
		if !matters || !ok || c.scan.Use.hasLimitOrAggregate() {
			continue
		}
		if k := c.keysFrom(o, side, children[1-side]); k.id != nil || k.extra != nil {
			return c.scan.TableIndex, k, true
		}
	}
	return 0, joined{}, false
}

// keysFrom returns the keys from the conditions of a join that equate the key, or a column
// after the report's columns, with a column of the other side.
func (c rowPath) keysFrom(join object, side int, other object) (keys joined) {
	t, ok := readOther(other)
	if !ok {
		return joined{}
	}
	for _, cond := range join.objects("conditions") {
		own, foreign := cond.object("left"), cond.object("right")
		if side == 1 {
			own, foreign = foreign, own
		}
		key := readExpr(foreign, t.output)
		if cast, ok := key.(castExpr); ok && cast.Type == "BIGINT" {
			key = cast.X
		}
		f, ok := key.(otherColumn)
		if !ok || !equates(cond) {
			continue
		}
		k := &Keys{Table: t.table, Column: f.String(), Where: strings.Join(t.where, " AND ")}
		switch x := readExpr(own, c.output).(type) {
		case columnExpr:
			if x.Path == c.scan.Report.Key && keys.id == nil {
				keys.id = k
			}
		case callColumn:
			keys.extra = append(keys.extra, ExtraKeys{x.Index, k})
		}
	}
	return keys
}

// equates reports whether a condition is true only for equal values. The key and the
// business are never NULL.
func equates(cond object) bool {
	op := cond.text("comparison")
	return op == "COMPARE_EQUAL" || op == "COMPARE_NOT_DISTINCT_FROM"
}

// otherSide is the side of a join that is not the scan: one table, with those of its
// conditions that can be written as SQL.
type otherSide struct {
	table  Table
	output []expr
	where  []string
}

// readOther reads a table below operators that remove rows or columns. ok is false for
// other operators.
func readOther(o object) (t otherSide, ok bool) {
	if o.text("type") == "LOGICAL_GET" {
		return readTable(o)
	}
	children := o.objects("children")
	if o.text("type") == "LOGICAL_COMPARISON_JOIN" && len(children) == 2 {
		return readCorrelated(o, children)
	}
	if len(children) != 1 {
		return otherSide{}, false
	}
	if t, ok = readOther(children[0]); !ok {
		return otherSide{}, false
	}
	switch o.text("type") {
	case "LOGICAL_FILTER":
		for _, x := range readExprsOf(o, t.output) {
			t.add(x)
		}
		t.output, ok = pick(t.output, o, "projection_map")
		return t, ok
	case "LOGICAL_PROJECTION":
		t.output = readExprsOf(o, t.output)
		return t, true
	case "LOGICAL_DISTINCT", "LOGICAL_ORDER_BY":
		return t, len(o.list("projection_map")) == 0
	}
	return otherSide{}, false
}

// readCorrelated reads a join of a table with the values that a correlated subquery
// is run for: such a value equals the column that the join compares it with.
func readCorrelated(o object, children []object) (t otherSide, ok bool) {
	sides, maps := [2]string{"left", "right"}, [2]string{"left_projection_map", "right_projection_map"}
	given := slices.IndexFunc(children, func(c object) bool { return c.text("type") == "LOGICAL_DELIM_GET" })
	if o.text("join_type") != "INNER" || given < 0 {
		return otherSide{}, false
	}
	if t, ok = readOther(children[1-given]); !ok {
		return otherSide{}, false
	}
	values := make([]expr, len(children[given].list("chunk_types")))
	for i := range values {
		values[i] = unknownExpr{"correlated column"}
	}
	for _, cond := range o.objects("conditions") {
		value := cond.object(sides[given])
		at, isRef := value.uint("index")
		f, isForeign := readExpr(cond.object(sides[1-given]), t.output).(otherColumn)
		if equates(cond) && value.text("expression_class") == "BOUND_REF" &&
			isRef && isForeign && at < uint64(len(values)) {
			values[at] = f
		}
	}
	outputs := [2][]expr{t.output, t.output}
	outputs[given] = values
	left, ok := pick(outputs[0], o, maps[0])
	right, ok2 := pick(outputs[1], o, maps[1])
	t.output = append(append([]expr{}, left...), right...)
	return t, ok && ok2
}

func readExprsOf(o object, scope []expr) []expr {
	var out []expr
	for _, x := range o.objects("expressions") {
		out = append(out, readExpr(x, scope))
	}
	return out
}

func readTable(o object) (t otherSide, ok bool) {
	if t.table, ok = tableOf(o); !ok || len(o.objects("children")) > 0 {
		return otherSide{}, false
	}
	names := o.list("names")
	var read []expr
	for _, ref := range o.objects("column_indexes") {
		var x expr = unknownExpr{"column"}
		index, isIndex := ref.uint("index")
		if isIndex && index < uint64(len(names)) && len(ref.objects("child_indexes")) == 0 {
			name, _ := names[index].(string)
			x = otherColumn{name}
		}
		read = append(read, x)
	}
	for _, entry := range o.object("table_filters").objects("filters") {
		if at, ok := entry.uint("key"); ok && at < uint64(len(names)) {
			name, _ := names[at].(string)
			t.addFilter(otherColumn{name}, entry.object("value"))
		}
	}
	t.output, ok = pick(read, o, "projection_ids")
	return t, ok
}

func tableOf(o object) (Table, bool) {
	if data := o.object("function_data"); o.text("name") == "seq_scan" && data.text("table") != "" {
		return Table{Catalog: data.text("catalog"), Schema: data.text("schema"), Name: data.text("table")}, true
	}
	if files := o.object("function_data").list("files"); o.text("name") == "parquet_scan" && len(files) == 1 {
		file, ok := files[0].(string)
		return Table{Function: "parquet_scan", Argument: file}, ok
	}
	parameters := o.objects("parameters")
	if len(parameters) != 1 || len(o.list("named_parameters")) > 0 {
		return Table{}, false
	}
	argument, ok := readValue(parameters[0]).any.(string)
	return Table{Function: o.text("name"), Argument: argument}, ok
}

// add keeps each term of x that can be written as SQL. Dropping a term is safe because it
// can only add keys.
func (t *otherSide) add(x expr) {
	for _, term := range terms(x) {
		if writable(term) {
			t.where = append(t.where, "("+term.String()+")")
		}
	}
}

// addFilter adds a condition that DuckDB has moved into the scan of a table.
func (t *otherSide) addFilter(f otherColumn, filter object) {
	switch filter.text("filter_type") {
	case "CONJUNCTION_AND":
		for _, child := range filter.objects("child_filters") {
			t.addFilter(f, child)
		}
	case "CONSTANT_COMPARISON":
		v := filter.object("constant")
		if op, ok := comparisons[filter.text("comparison_type")]; ok {
			t.add(compareExpr{op, f, constantExpr{typeName(v.object("type")), readValue(v)}})
		}
	}
}

// writableTypes are those whose constants mean the same as text in SQL, whatever
// the session's settings.
var writableTypes = []string{"BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "VARCHAR", "DATE"}

// writable reports whether String returns SQL with the meaning of x.
func writable(x expr) bool {
	ok := true
	walk(x, func(x expr) {
		switch x := x.(type) {
		case constantExpr:
			_, text := x.value.any.(string)
			ok = ok && slices.Contains(writableTypes, x.Type) && (!text || !strings.ContainsRune(x.value.any.(string), 0))
		case inExpr:
			ok = ok && len(x.List) <= shownTerms
		case andExpr:
			ok = ok && len(x.Terms) <= shownTerms
		case orExpr:
			ok = ok && len(x.Terms) <= shownTerms
		case otherColumn, compareExpr, notExpr, isNullExpr:
		default:
			ok = false
		}
	})
	return ok
}
