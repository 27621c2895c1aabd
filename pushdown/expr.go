package pushdown

import (
	"strings"

	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/report"
)

// expr is an expression over the columns of one scan: one of the types below. String
// returns its SQL, for people to read.
type expr interface {
	String() string
	truth(env) ternary
}

// columnExpr is a column of the report, or a field of one.
type columnExpr struct {
	Path string // the column's name, or the dotted name of a struct field
	Type report.Type
	of   *report.Report
}

// callColumn is a column of a call that is not a column of the report: a custom field or the
// business.
type callColumn struct {
	Index uint64 // its position among all columns of the call
	Name  string // as the statement calls it
}

// constantExpr is a value of the plan.
type constantExpr struct {
	Type  string // DuckDB's name of the type, such as "BIGINT"
	value value
}

// parameterExpr is an argument of the statement whose value the plan does not contain.
type parameterExpr struct {
	Identifier string // its number or its name
	Type       string // the type that it is compared as
}

// compareExpr is a comparison. Op is =, <>, <, <=, >, >=, IS DISTINCT FROM or
// IS NOT DISTINCT FROM.
type compareExpr struct {
	Op          string
	Left, Right expr
}

// andExpr is TRUE if all of its terms are.
type andExpr struct{ Terms []expr }

// orExpr is TRUE if one of its terms is.
type orExpr struct{ Terms []expr }

// notExpr negates.
type notExpr struct{ Term expr }

// isNullExpr is X IS NULL.
type isNullExpr struct{ X expr }

// inExpr is X IN (List).
type inExpr struct {
	X    expr
	List []expr
}

// caseExpr is CASE WHEN When[0] THEN Then[0] … ELSE Else END.
type caseExpr struct {
	When, Then []expr
	Else       expr
}

// castExpr is X::Type.
type castExpr struct {
	X    expr
	Type string
}

// callExpr is a call of a function or of an operator without its own type.
type callExpr struct {
	Name string
	Args []expr
	Type string // of the result
}

// unknownExpr is an expression of any other kind.
type unknownExpr struct{ Text string }

func (c columnExpr) String() string { return c.Path }

func (x callColumn) String() string {
	needsQuotes := func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }
	if x.Name != "" && strings.IndexFunc(x.Name, needsQuotes) < 0 {
		return x.Name
	}
	return sqltext.QuoteName(x.Name)
}

func (c constantExpr) String() string { return c.value.sql() }

func (p parameterExpr) String() string { return "$" + p.Identifier }

func (c compareExpr) String() string { return operand(c.Left) + " " + c.Op + " " + operand(c.Right) }

func (a andExpr) String() string { return join(a.Terms, " AND ") }

func (o orExpr) String() string { return join(o.Terms, " OR ") }

func (n notExpr) String() string {
	if x, ok := n.Term.(isNullExpr); ok {
		return operand(x.X) + " IS NOT NULL"
	}
	return "NOT " + operand(n.Term)
}

func (n isNullExpr) String() string { return operand(n.X) + " IS NULL" }

func (n inExpr) String() string { return operand(n.X) + " IN (" + list(n.List) + ")" }

func (c caseExpr) String() string {
	var b strings.Builder
	b.WriteString("CASE")
	for i := range c.When {
		b.WriteString(" WHEN " + c.When[i].String() + " THEN " + c.Then[i].String())
	}
	b.WriteString(" ELSE " + c.Else.String() + " END")
	return b.String()
}

func (c castExpr) String() string { return operand(c.X) + "::" + c.Type }

func (c callExpr) String() string {
	if len(c.Args) == 2 && strings.Trim(c.Name, "+-*/%<>~!|&^@") == "" {
		return operand(c.Args[0]) + " " + c.Name + " " + operand(c.Args[1])
	}
	return c.Name + "(" + list(c.Args) + ")"
}

func (u unknownExpr) String() string { return u.Text }

// operand returns x as text, in parentheses if it binds less tightly than a comparison.
func operand(x expr) string {
	switch x := x.(type) {
	case andExpr, orExpr, notExpr, compareExpr, inExpr, isNullExpr:
		return "(" + x.String() + ")"
	}
	return x.String()
}

// shownTerms is how many of a list are written; a list of ids may have thousands.
const shownTerms = 10

// list writes the first few.
func list(xs []expr) string {
	var parts []string
	for i, x := range xs {
		if i == shownTerms {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, x.String())
	}
	return strings.Join(parts, ", ")
}

func join(xs []expr, sep string) string {
	var parts []string
	for i, x := range xs {
		if i == shownTerms {
			parts = append(parts, "…")
			break
		}
		switch x.(type) {
		case andExpr, orExpr:
			parts = append(parts, "("+x.String()+")")
		default:
			parts = append(parts, x.String())
		}
	}
	return strings.Join(parts, sep)
}

// walk calls f for x and every expression in it.
func walk(x expr, f func(expr)) {
	f(x)
	for _, child := range children(x) {
		walk(child, f)
	}
}

// contains reports whether f is true for x or an expression in it.
func contains(x expr, f func(expr) bool) bool {
	found := false
	walk(x, func(x expr) { found = found || f(x) })
	return found
}

func children(x expr) []expr {
	switch x := x.(type) {
	case compareExpr:
		return []expr{x.Left, x.Right}
	case andExpr:
		return x.Terms
	case orExpr:
		return x.Terms
	case notExpr:
		return []expr{x.Term}
	case isNullExpr:
		return []expr{x.X}
	case inExpr:
		return append([]expr{x.X}, x.List...)
	case caseExpr:
		return append(append(append([]expr{}, x.When...), x.Then...), x.Else)
	case castExpr:
		return []expr{x.X}
	case callExpr:
		return x.Args
	}
	return nil
}
