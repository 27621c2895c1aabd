package pushdown

import "strings"

// readExpr reads an expression whose BOUND_REFs count the columns of scope, the
// output of the operator below.
func readExpr(o object, scope []expr) expr {
	switch o.text("expression_class") {
	case "BOUND_REF":
		if i, ok := o.uint("index"); ok && i < uint64(len(scope)) {
			return scope[i]
		}
	case "BOUND_CONSTANT":
		v := o.object("value")
		return constantExpr{typeName(v.object("type")), readValue(v)}
	case "BOUND_PARAMETER":
		return readParameter(o)
	case "BOUND_COMPARISON":
		if op, ok := comparisons[o.text("type")]; ok {
			return compareExpr{op, readExpr(o.object("left"), scope), readExpr(o.object("right"), scope)}
		}
	case "BOUND_BETWEEN":
		return readBetween(o, scope)
	case "BOUND_CONJUNCTION":
		switch terms := readExprs(o, scope); o.text("type") {
		case "CONJUNCTION_AND":
			return andExpr{terms}
		case "CONJUNCTION_OR":
			return orExpr{terms}
		}
	case "BOUND_OPERATOR":
		return readOperator(o, scope)
	case "BOUND_FUNCTION":
		return readCall(o, scope)
	case "BOUND_CAST":
		if !o.flag("try_cast") {
			return castExpr{readExpr(o.object("child"), scope), typeName(o.object("return_type"))}
		}
	case "BOUND_CASE":
		return readCase(o, scope)
	}
	return readUnknown(o, scope)
}

var comparisons = map[string]string{
	"COMPARE_EQUAL": "=", "COMPARE_NOTEQUAL": "<>",
	"COMPARE_LESSTHAN": "<", "COMPARE_LESSTHANOREQUALTO": "<=",
	"COMPARE_GREATERTHAN": ">", "COMPARE_GREATERTHANOREQUALTO": ">=",
	"COMPARE_DISTINCT_FROM": isDistinct, "COMPARE_NOT_DISTINCT_FROM": notDistinct,
}

func readExprs(o object, scope []expr) []expr {
	var out []expr
	for _, child := range o.objects("children") {
		out = append(out, readExpr(child, scope))
	}
	return out
}

func readParameter(o object) expr {
	return parameterExpr{Identifier: o.text("identifier"), Type: typeName(o.object("return_type"))}
}

func readBetween(o object, scope []expr) expr {
	x := readExpr(o.object("input"), scope)
	from, to := ">", "<"
	if o.flag("lower_inclusive") {
		from = ">="
	}
	if o.flag("upper_inclusive") {
		to = "<="
	}
	return andExpr{[]expr{
		compareExpr{from, x, readExpr(o.object("lower"), scope)},
		compareExpr{to, x, readExpr(o.object("upper"), scope)},
	}}
}

func readOperator(o object, scope []expr) expr {
	args := readExprs(o, scope)
	switch kind := o.text("type"); {
	case kind == "OPERATOR_NOT" && len(args) == 1:
		return notExpr{args[0]}
	case kind == "OPERATOR_IS_NULL" && len(args) == 1:
		return isNullExpr{args[0]}
	case kind == "OPERATOR_IS_NOT_NULL" && len(args) == 1:
		return notExpr{isNullExpr{args[0]}}
	case kind == "COMPARE_IN" && len(args) > 1:
		return inExpr{args[0], args[1:]}
	case kind == "COMPARE_NOT_IN" && len(args) > 1:
		return notExpr{inExpr{args[0], args[1:]}}
	case kind == "OPERATOR_COALESCE" && len(args) > 0:
		return callExpr{"coalesce", args, typeName(o.object("return_type"))}
	}
	return readUnknown(o, scope)
}

// readCall reads a function. A field of a struct is a call of a function in the plan, and a
// columnExpr here.
func readCall(o object, scope []expr) expr {
	c := callExpr{o.text("name"), readExprs(o, scope), typeName(o.object("return_type"))}
	if (c.Name == "struct_extract" || c.Name == "array_extract") && len(c.Args) == 2 {
		column, ok := c.Args[0].(columnExpr)
		field, ok2 := c.Args[1].(constantExpr)
		if name, isText := field.value.any.(string); ok && ok2 && isText {
			for _, f := range column.Type.Fields {
				if strings.EqualFold(f.Name, name) {
					return columnExpr{column.Path + "." + f.Name, f.Type, column.of}
				}
			}
		}
	}
	return c
}

func readCase(o object, scope []expr) expr {
	c := caseExpr{Else: readExpr(o.object("else_expr"), scope)}
	for _, check := range o.objects("case_checks") {
		c.When = append(c.When, readExpr(check.object("when_expr"), scope))
		c.Then = append(c.Then, readExpr(check.object("then_expr"), scope))
	}
	return c
}

// readUnknown keeps a readable text of an expression.
func readUnknown(o object, scope []expr) expr {
	name := strings.ToLower(o.text("name"))
	if name == "" {
		name = strings.ToLower(o.text("type"))
	}
	args := readExprs(o, scope)
	if child := o.object("child"); child != nil {
		args = append(args, readExpr(child, scope))
	}
	return unknownExpr{name + "(" + list(args) + ")"}
}
