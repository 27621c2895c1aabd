package pushdown

import (
	"strings"

	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/report"
)

// Expr is an expression over the columns of one scan: a [Column], an [Extra], a
// [Constant], [Parameter], [Compare], [And], [Or], [Not], [IsNull], [In], [Case], [Cast],
// [Call] or [Unknown]. String returns its SQL, for people to read.
type Expr interface {
	String() string
	truth(env) truth
}

// Column is a column of the report, or a field of one.
type Column struct {
	Path string // the column's name, or the dotted name of a struct field
	Type report.Type
	of   *report.Report
}

// Extra is a column of a call that is not a column of the report: a custom field or the
// business.
type Extra struct {
	Index uint64 // its position among all columns of the call
	Name  string // as the statement calls it
}

// Constant is a value of the plan.
type Constant struct {
	Type  string // DuckDB's name of the type, such as "BIGINT"
	value value
}

// Parameter is an argument of the statement whose value the plan does not contain.
type Parameter struct {
	Identifier string // its number or its name
	Type       string // the type that it is compared as
}

// Compare is a comparison. Op is =, <>, <, <=, >, >=, IS DISTINCT FROM or
// IS NOT DISTINCT FROM.
type Compare struct {
	Op          string
	Left, Right Expr
}

// And is TRUE if all of its terms are.
type And struct{ Terms []Expr }

// Or is TRUE if one of its terms is.
type Or struct{ Terms []Expr }

// Not negates.
type Not struct{ Term Expr }

// IsNull is X IS NULL.
type IsNull struct{ X Expr }

// In is X IN (List).
type In struct {
	X    Expr
	List []Expr
}

// Case is CASE WHEN When[0] THEN Then[0] … ELSE Else END.
type Case struct {
	When, Then []Expr
	Else       Expr
}

// Cast is X::Type.
type Cast struct {
	X    Expr
	Type string
}

// Call is a call of a function, or of an operator without a type of its own here.
type Call struct {
	Name string
	Args []Expr
	Type string // of the result
}

// Unknown is an expression of any other kind.
type Unknown struct{ Text string }

func (c Column) String() string { return c.Path }

func (x Extra) String() string {
	needsQuotes := func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }
	if x.Name != "" && strings.IndexFunc(x.Name, needsQuotes) < 0 {
		return x.Name
	}
	return sqltext.QuoteName(x.Name)
}

func (c Constant) String() string { return c.value.sql() }

func (p Parameter) String() string { return "$" + p.Identifier }

func (c Compare) String() string { return operand(c.Left) + " " + c.Op + " " + operand(c.Right) }

func (a And) String() string { return join(a.Terms, " AND ") }

func (o Or) String() string { return join(o.Terms, " OR ") }

func (n Not) String() string {
	if x, ok := n.Term.(IsNull); ok {
		return operand(x.X) + " IS NOT NULL"
	}
	return "NOT " + operand(n.Term)
}

func (n IsNull) String() string { return operand(n.X) + " IS NULL" }

func (n In) String() string { return operand(n.X) + " IN (" + list(n.List) + ")" }

func (c Case) String() string {
	var b strings.Builder
	b.WriteString("CASE")
	for i := range c.When {
		b.WriteString(" WHEN " + c.When[i].String() + " THEN " + c.Then[i].String())
	}
	b.WriteString(" ELSE " + c.Else.String() + " END")
	return b.String()
}

func (c Cast) String() string { return operand(c.X) + "::" + c.Type }

func (c Call) String() string {
	if len(c.Args) == 2 && strings.Trim(c.Name, "+-*/%<>~!|&^@") == "" {
		return operand(c.Args[0]) + " " + c.Name + " " + operand(c.Args[1])
	}
	return c.Name + "(" + list(c.Args) + ")"
}

func (u Unknown) String() string { return u.Text }

// operand puts what binds less tightly than a comparison in parentheses.
func operand(x Expr) string {
	switch x := x.(type) {
	case And, Or, Not, Compare, In, IsNull:
		return "(" + x.String() + ")"
	}
	return x.String()
}

// shownTerms is how many of a list are written; a list of ids may have thousands.
const shownTerms = 10

// list writes the first few.
func list(xs []Expr) string {
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

func join(xs []Expr, sep string) string {
	var parts []string
	for i, x := range xs {
		if i == shownTerms {
			parts = append(parts, "…")
			break
		}
		switch x.(type) {
		case And, Or:
			parts = append(parts, "("+x.String()+")")
		default:
			parts = append(parts, x.String())
		}
	}
	return strings.Join(parts, sep)
}

// walk calls f for x and every expression in it.
func walk(x Expr, f func(Expr)) {
	f(x)
	for _, child := range children(x) {
		walk(child, f)
	}
}

// has says whether x or an expression in it is one that f looks for.
func has(x Expr, f func(Expr) bool) bool {
	found := false
	walk(x, func(x Expr) { found = found || f(x) })
	return found
}

func children(x Expr) []Expr {
	switch x := x.(type) {
	case Compare:
		return []Expr{x.Left, x.Right}
	case And:
		return x.Terms
	case Or:
		return x.Terms
	case Not:
		return []Expr{x.Term}
	case IsNull:
		return []Expr{x.X}
	case In:
		return append([]Expr{x.X}, x.List...)
	case Case:
		return append(append(append([]Expr{}, x.When...), x.Then...), x.Else)
	case Cast:
		return []Expr{x.X}
	case Call:
		return x.Args
	}
	return nil
}
