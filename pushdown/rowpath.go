package pushdown

import "github.com/teamupsql/teamupsql/report"

// rowPath is a scan with the operators above it that keep its rows apart: each row
// that leaves the rowPath is one row of the scan.
type rowPath struct {
	scan   Scan
	output []expr   // the output columns, over the columns of the scan
	others []object // the other sides of its joins
}

// rowPath returns the longest row path that ends at o. ok is false if o is another
// operator.
func (r *reader) rowPath(o object) (c rowPath, ok bool) {
	children := o.objects("children")
	kind := o.text("type")
	if kind == "LOGICAL_GET" {
		return r.get(o)
	}
	step, known := steps[kind]
	if !known || len(children) == 0 {
		return rowPath{}, false
	}
	if c, ok = r.rowPath(children[0]); !ok {
		return rowPath{}, false
	}
	return c, step(&c, o, children)
}

// steps are the operators of a row path. Each extends the path below it, and returns false
// if the operator does not belong to a path.
var steps = map[string]func(c *rowPath, o object, children []object) bool{
	"LOGICAL_FILTER":                 (*rowPath).filter,
	"LOGICAL_PROJECTION":             (*rowPath).project,
	"LOGICAL_COMPARISON_JOIN":        (*rowPath).mark,
	"LOGICAL_LIMIT":                  (*rowPath).limit,
	"LOGICAL_TOP_N":                  (*rowPath).topN,
	"LOGICAL_ORDER_BY":               (*rowPath).order,
	"LOGICAL_AGGREGATE_AND_GROUP_BY": (*rowPath).aggregate,
}

// get starts a path at the scan of a report.
func (r *reader) get(o object) (rowPath, bool) {
	of, index, ok := r.isScan(o)
	if !ok || len(o.objects("children")) > 0 {
		return rowPath{}, false
	}
	c := rowPath{scan: Scan{TableIndex: index, Report: of}}
	for _, ref := range o.objects("column_indexes") {
		c.scan.Columns = append(c.scan.Columns, columnRef(ref))
		c.output = append(c.output, columnOf(of, ref, o.list("names")))
	}
	c.output, ok = pick(c.output, o, "projection_ids")
	return c, ok
}

func columnRef(o object) ColumnRef {
	index, ok := o.uint("index")
	if !ok {
		index = 1<<64 - 1
	}
	ref := ColumnRef{Index: index}
	for _, part := range o.objects("child_indexes") {
		ref.Parts = append(ref.Parts, columnRef(part))
	}
	return ref
}

// columnOf returns the expression for an entry of column_indexes. names are the names of
// all columns of the call in the statement.
func columnOf(of *report.Report, o object, names []any) expr {
	index, ok := o.uint("index")
	if kind := o.text("index_type"); !ok || !o.flag("has_index") || kind != "" && kind != "FULL_READ" {
		return unknownExpr{"column"}
	}
	switch {
	case index < uint64(len(of.Columns)):
		column := of.Columns[index]
		return columnExpr{column.Name, column.Type, of}
	case index < uint64(len(names)):
		name, _ := names[index].(string)
		return callColumn{index, name}
	}
	return unknownExpr{"virtual column"}
}

// pick applies the projection map of an operator. An empty map keeps all columns.
func pick(columns []expr, o object, member string) ([]expr, bool) {
	indexes, ok := o.uints(member)
	if !ok {
		return nil, false
	}
	if len(indexes) == 0 {
		return columns, true
	}
	out := make([]expr, len(indexes))
	for i, index := range indexes {
		if index >= uint64(len(columns)) {
			return nil, false
		}
		out[i] = columns[index]
	}
	return out, true
}

func (c *rowPath) filter(o object, _ []object) bool {
	if c.scan.Use.hasLimitOrAggregate() {
		return false
	}
	for _, x := range o.objects("expressions") {
		c.scan.predicates = append(c.scan.predicates, terms(readExpr(x, c.output))...)
	}
	var ok bool
	c.output, ok = pick(c.output, o, "projection_map")
	return ok
}

// terms takes an AND apart.
func terms(x expr) []expr {
	and, ok := x.(andExpr)
	if !ok {
		return []expr{x}
	}
	var out []expr
	for _, t := range and.Terms {
		out = append(out, terms(t)...)
	}
	return out
}

func (c *rowPath) project(o object, _ []object) bool {
	var out []expr
	for _, x := range o.objects("expressions") {
		out = append(out, readExpr(x, c.output))
	}
	c.output = out
	return true
}

// mark reads a MARK join, which adds a column to each row: whether its key is
// found on the other side. A longer IN list is such a join with the list.
func (c *rowPath) mark(o object, children []object) bool {
	if o.text("join_type") != "MARK" || len(children) != 2 || c.scan.Use.hasLimitOrAggregate() {
		return false
	}
	var found expr = unknownExpr{"IN (subquery)"}
	if conditions := o.objects("conditions"); len(conditions) == 1 {
		cond := conditions[0]
		values, ok := constants(children[1], cond.object("right"))
		if ok && cond.text("comparison") == "COMPARE_EQUAL" {
			found = inExpr{readExpr(cond.object("left"), c.output), values}
		}
	}
	out, ok := pick(c.output, o, "left_projection_map")
	c.output = append(append([]expr{}, out...), found)
	c.others = append(c.others, children[1])
	return ok
}

// constants reads the column that ref names of a list of constants.
func constants(o, ref object) ([]expr, bool) {
	index, ok := ref.uint("index")
	columns := o.object("collection").list("values")
	if !ok || o.text("type") != "LOGICAL_CHUNK_GET" || ref.text("expression_class") != "BOUND_REF" || index >= uint64(len(columns)) {
		return nil, false
	}
	list, ok := columns[index].([]any)
	var out []expr
	for _, v := range list {
		cell, _ := v.(object)
		out = append(out, constantExpr{typeName(cell.object("type")), readValue(cell)})
	}
	return out, ok
}
