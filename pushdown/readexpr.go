package pushdown

import "strings"

// readExpr reads an expression whose BOUND_REFs count the columns of scope, the
// output of the operator below.
func readExpr(o object, scope []Expr) Expr {
	switch o.text("expression_class") {
	case "BOUND_REF":
		if i, ok := o.uint("index"); ok && i < uint64(len(scope)) {
			return scope[i]
		}
	case "BOUND_CONSTANT":
		v := o.object("value")
		return Constant{typeName(v.object("type")), readValue(v)}
	case "BOUND_PARAMETER":
		return readParameter(o)
	case "BOUND_COMPARISON":
		if op, ok := comparisons[o.text("type")]; ok {
			return Compare{op, readExpr(o.object("left"), scope), readExpr(o.object("right"), scope)}
		}
	case "BOUND_BETWEEN":
		return readBetween(o, scope)
	case "BOUND_CONJUNCTION":
		switch terms := readExprs(o, scope); o.text("type") {
		case "CONJUNCTION_AND":
			return And{terms}
		case "CONJUNCTION_OR":
			return Or{terms}
		}
	case "BOUND_OPERATOR":
		return readOperator(o, scope)
	case "BOUND_FUNCTION":
		return readCall(o, scope)
	case "BOUND_CAST":
		if !o.flag("try_cast") {
			return Cast{readExpr(o.object("child"), scope), typeName(o.object("return_type"))}
		}
	case "BOUND_CASE":
		return readCase(o, scope)
	}
	return unknown(o, scope)
}

var comparisons = map[string]string{
	"COMPARE_EQUAL": "=", "COMPARE_NOTEQUAL": "<>",
	"COMPARE_LESSTHAN": "<", "COMPARE_LESSTHANOREQUALTO": "<=",
	"COMPARE_GREATERTHAN": ">", "COMPARE_GREATERTHANOREQUALTO": ">=",
	"COMPARE_DISTINCT_FROM": isDistinct, "COMPARE_NOT_DISTINCT_FROM": notDistinct,
}

func readExprs(o object, scope []Expr) []Expr {
	var out []Expr
	for _, child := range o.objects("children") {
		out = append(out, readExpr(child, scope))
	}
	return out
}

func readParameter(o object) Expr {
	return Parameter{Identifier: o.text("identifier"), Type: typeName(o.object("return_type"))}
}

func readBetween(o object, scope []Expr) Expr {
	x := readExpr(o.object("input"), scope)
	from, to := ">", "<"
	if o.flag("lower_inclusive") {
		from = ">="
	}
	if o.flag("upper_inclusive") {
		to = "<="
	}
	return And{[]Expr{
		Compare{from, x, readExpr(o.object("lower"), scope)},
		Compare{to, x, readExpr(o.object("upper"), scope)},
	}}
}

func readOperator(o object, scope []Expr) Expr {
	args := readExprs(o, scope)
	switch kind := o.text("type"); {
	case kind == "OPERATOR_NOT" && len(args) == 1:
		return Not{args[0]}
	case kind == "OPERATOR_IS_NULL" && len(args) == 1:
		return IsNull{args[0]}
	case kind == "OPERATOR_IS_NOT_NULL" && len(args) == 1:
		return Not{IsNull{args[0]}}
	case kind == "COMPARE_IN" && len(args) > 1:
		return In{args[0], args[1:]}
	case kind == "COMPARE_NOT_IN" && len(args) > 1:
		return Not{In{args[0], args[1:]}}
	case kind == "OPERATOR_COALESCE" && len(args) > 0:
		return Call{"coalesce", args, typeName(o.object("return_type"))}
	}
	return unknown(o, scope)
}

// readCall reads a function. A part of a struct is a function of the struct in the
// plan, and a column here.
func readCall(o object, scope []Expr) Expr {
	c := Call{o.text("name"), readExprs(o, scope), typeName(o.object("return_type"))}
	if (c.Name == "struct_extract" || c.Name == "array_extract") && len(c.Args) == 2 {
		column, ok := c.Args[0].(Column)
		field, ok2 := c.Args[1].(Constant)
		if name, isText := field.value.any.(string); ok && ok2 && isText {
			for _, f := range column.Type.Fields {
				if strings.EqualFold(f.Name, name) {
					return Column{column.Path + "." + f.Name, f.Type, column.of}
				}
			}
		}
	}
	return c
}

func readCase(o object, scope []Expr) Expr {
	c := Case{Else: readExpr(o.object("else_expr"), scope)}
	for _, check := range o.objects("case_checks") {
		c.When = append(c.When, readExpr(check.object("when_expr"), scope))
		c.Then = append(c.Then, readExpr(check.object("then_expr"), scope))
	}
	return c
}

// unknown keeps what a person would want to read of an expression.
func unknown(o object, scope []Expr) Expr {
	name := strings.ToLower(o.text("name"))
	if name == "" {
		name = strings.ToLower(o.text("type"))
	}
	args := readExprs(o, scope)
	if child := o.object("child"); child != nil {
		args = append(args, readExpr(child, scope))
	}
	return Unknown{name + "(" + list(args) + ")"}
}
