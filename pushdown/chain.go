package pushdown

import "github.com/teamupsql/teamupsql/report"

// chain is a scan with the operators above it that keep its rows apart: each row
// that leaves the chain is one row of the scan.
type chain struct {
	scan   Scan
	output []Expr   // what the chain delivers, over the scan's columns
	others []object // the other sides of its joins
}

// chain reads the longest chain that o is the top of. ok is false where o is
// something else.
func (r *reader) chain(o object) (c chain, ok bool) {
	children := o.objects("children")
	kind := o.text("type")
	if kind == "LOGICAL_GET" {
		return r.get(o)
	}
	step, known := steps[kind]
	if !known || len(children) == 0 {
		return chain{}, false
	}
	if c, ok = r.chain(children[0]); !ok {
		return chain{}, false
	}
	return c, step(&c, o, children)
}

// steps are the operators of a chain. Each changes the chain below it, or says
// that it does not belong to it.
var steps = map[string]func(c *chain, o object, children []object) bool{
	"LOGICAL_FILTER":                 (*chain).filter,
	"LOGICAL_PROJECTION":             (*chain).project,
	"LOGICAL_COMPARISON_JOIN":        (*chain).mark,
	"LOGICAL_LIMIT":                  (*chain).limit,
	"LOGICAL_TOP_N":                  (*chain).topN,
	"LOGICAL_ORDER_BY":               (*chain).order,
	"LOGICAL_AGGREGATE_AND_GROUP_BY": (*chain).aggregate,
}

// get starts a chain at a scan of ours.
func (r *reader) get(o object) (chain, bool) {
	of, index, ok := r.isScan(o)
	if !ok || len(o.objects("children")) > 0 {
		return chain{}, false
	}
	c := chain{scan: Scan{TableIndex: index, Report: of}}
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

// columnOf is the expression that an entry of column_indexes stands for. names are
// those of all columns of the call, as the statement has them.
func columnOf(of *report.Report, o object, names []any) Expr {
	index, ok := o.uint("index")
	if kind := o.text("index_type"); !ok || !o.flag("has_index") || kind != "" && kind != "FULL_READ" {
		return Unknown{"column"}
	}
	switch {
	case index < uint64(len(of.Columns)):
		column := of.Columns[index]
		return Column{column.Name, column.Type, of}
	case index < uint64(len(names)):
		name, _ := names[index].(string)
		return Extra{index, name}
	}
	return Unknown{"virtual column"}
}

// pick applies a projection map, where an operator has one. An empty one stands
// for all columns.
func pick(columns []Expr, o object, member string) ([]Expr, bool) {
	indexes, ok := o.uints(member)
	if !ok {
		return nil, false
	}
	if len(indexes) == 0 {
		return columns, true
	}
	out := make([]Expr, len(indexes))
	for i, index := range indexes {
		if index >= uint64(len(columns)) {
			return nil, false
		}
		out[i] = columns[index]
	}
	return out, true
}

func (c *chain) filter(o object, _ []object) bool {
	if c.scan.Use.closed() {
		return false
	}
	for _, x := range o.objects("expressions") {
		c.scan.Predicates = append(c.scan.Predicates, terms(readExpr(x, c.output))...)
	}
	var ok bool
	c.output, ok = pick(c.output, o, "projection_map")
	return ok
}

// terms takes an AND apart.
func terms(x Expr) []Expr {
	and, ok := x.(And)
	if !ok {
		return []Expr{x}
	}
	var out []Expr
	for _, t := range and.Terms {
		out = append(out, terms(t)...)
	}
	return out
}

func (c *chain) project(o object, _ []object) bool {
	var out []Expr
	for _, x := range o.objects("expressions") {
		out = append(out, readExpr(x, c.output))
	}
	c.output = out
	return true
}

// mark reads a MARK join, which adds a column to each row: whether its key is
// found on the other side. A longer IN list is such a join with the list.
func (c *chain) mark(o object, children []object) bool {
	if o.text("join_type") != "MARK" || len(children) != 2 || c.scan.Use.closed() {
		return false
	}
	var found Expr = Unknown{"IN (subquery)"}
	if conditions := o.objects("conditions"); len(conditions) == 1 {
		cond := conditions[0]
		values, ok := constants(children[1], cond.object("right"))
		if ok && cond.text("comparison") == "COMPARE_EQUAL" {
			found = In{readExpr(cond.object("left"), c.output), values}
		}
	}
	out, ok := pick(c.output, o, "left_projection_map")
	c.output = append(append([]Expr{}, out...), found)
	c.others = append(c.others, children[1])
	return ok
}

// constants reads the column that ref names of a list of constants.
func constants(o, ref object) ([]Expr, bool) {
	index, ok := ref.uint("index")
	columns := o.object("collection").list("values")
	if !ok || o.text("type") != "LOGICAL_CHUNK_GET" || ref.text("expression_class") != "BOUND_REF" || index >= uint64(len(columns)) {
		return nil, false
	}
	list, ok := columns[index].([]any)
	var out []Expr
	for _, v := range list {
		cell, _ := v.(object)
		out = append(out, Constant{typeName(cell.object("type")), readValue(cell)})
	}
	return out, ok
}
