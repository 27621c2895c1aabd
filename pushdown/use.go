package pushdown

// Use is what the statement uses of the rows that satisfy the predicates of a scan. It is
// known only if no operator between drops, repeats or adds rows.
type Use struct {
	// Limit and Offset are those of a LIMIT, nil for none. Rows after Offset+Limit are not
	// used.
	Limit, Offset *uint64
	// OrderBy is the order to which Limit and Offset apply; empty for any order.
	OrderBy []Order
	// CountOnly reports whether the statement uses only the number of rows (after Limit).
	CountOnly bool
	// Whole reports whether the statement reads all rows, because no LIMIT above can end
	// the scan early.
	Whole bool
}

// Order is one key of an ORDER BY.
type Order struct {
	Column     string // the path of a column of the report, "" for any other expression
	Descending bool
	NullsFirst bool
}

// hasLimitOrAggregate reports whether the path contains a LIMIT or an aggregate. Operators
// above it apply to its result, not to the rows of the scan.
func (u Use) hasLimitOrAggregate() bool { return u.CountOnly || u.Limit != nil || u.Offset != nil }

func (c *rowPath) limit(o object, _ []object) bool {
	limit, ok := limitValue(o.object("limit_val"))
	offset, ok2 := limitValue(o.object("offset_val"))
	if !ok || !ok2 || c.scan.Use.hasLimitOrAggregate() {
		return false
	}
	c.scan.Use.Limit, c.scan.Use.Offset = limit, offset
	return true
}

// limitValue is a constant limit or none; ok is false for a percentage or an
// expression.
func limitValue(o object) (*uint64, bool) {
	switch o.text("type") {
	case "UNSET":
		return nil, true
	case "CONSTANT_VALUE":
		n, ok := o.uint("constant_integer")
		return &n, ok
	}
	return nil, false
}

func (c *rowPath) topN(o object, _ []object) bool {
	limit, ok := o.uint("limit")
	offset, ok2 := o.uint("offset")
	if !ok || !ok2 || c.scan.Use.hasLimitOrAggregate() {
		return false
	}
	c.setOrder(o)
	c.scan.Use.Limit = &limit
	if offset > 0 {
		c.scan.Use.Offset = &offset
	}
	return true
}

func (c *rowPath) order(o object, _ []object) bool {
	if c.scan.Use.hasLimitOrAggregate() {
		return false
	}
	c.setOrder(o)
	var ok bool
	c.output, ok = pick(c.output, o, "projection_map")
	return ok
}

func (c *rowPath) setOrder(o object) {
	c.scan.Use.OrderBy = nil
	for _, key := range o.objects("orders") {
		by, _ := readExpr(key.object("expression"), c.output).(columnExpr)
		c.scan.Use.OrderBy = append(c.scan.Use.OrderBy, Order{
			Column:     by.Path,
			Descending: key.text("type") == "DESCENDING",
			NullsFirst: key.text("null_order") == "NULLS FIRST",
		})
	}
}

// aggregate recognises count(*) without groups.
func (c *rowPath) aggregate(o object, _ []object) bool {
	counts := o.objects("expressions")
	if c.scan.Use.CountOnly || len(o.list("groups")) > 0 || len(o.list("grouping_sets")) > 1 || len(counts) == 0 {
		return false
	}
	c.output = nil
	for _, x := range counts {
		if x.text("expression_class") != "BOUND_AGGREGATE" || x.text("name") != "count_star" || x["filter"] != nil {
			return false
		}
		c.output = append(c.output, unknownExpr{"count(*)"})
	}
	c.scan.Use.CountOnly = true
	return true
}
