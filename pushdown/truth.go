package pushdown

import (
	"math/big"
	"slices"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// Session contains the values outside the statement's text that predicates depend on.
type Session struct {
	// Now is the time of the statement, from which ages are computed.
	Now time.Time
	// MaxIDs is the longest list of ids that takes fewer requests than the complete
	// report; 0 if that is unknown.
	MaxIDs int
	// Calendar is DuckDB's setting of this name. With a calendar other than "gregorian",
	// predicates on the date, month or year of a time are left to DuckDB.
	Calendar string
	// Provider is the business of the request if the call has a column with the business of
	// each row, at position ProviderAt. 0 means that there is no such column.
	Provider   int64
	ProviderAt uint64
}

// env is the context in which an expression is evaluated.
type env struct{ session Session }

// ternary describes the rows for which a predicate is TRUE, FALSE and NULL. Each of the
// three may contain too many rows, and is then not exact; none contains too few. NOT swaps
// the first two.
type ternary struct{ yes, no, null constraint }

// unknown is a predicate that nothing is known of.
func unknown() ternary { return ternary{everyRow(false), everyRow(false), everyRow(false)} }

// constantTruth is a predicate with the same value for every row.
func constantTruth(v value) ternary {
	t := ternary{noRow(), noRow(), noRow()}
	switch v.any {
	case nil:
		t.null = everyRow(true)
	case true:
		t.yes = everyRow(true)
	case false:
		t.no = everyRow(true)
	default:
		return unknown()
	}
	return t
}

func (t ternary) not() ternary { return ternary{t.no, t.yes, t.null} }

// is is t IS TRUE, which is never NULL.
func (t ternary) is() ternary { return ternary{t.yes, either(t.no, t.null), noRow()} }

func (t ternary) isNull() ternary { return ternary{t.null, either(t.yes, t.no), noRow()} }

func (c constantExpr) truth(env) ternary { return constantTruth(c.value) }

func (p parameterExpr) truth(env) ternary { return unknown() }

func (c columnExpr) truth(e env) ternary {
	if c.Type.Kind != report.Boolean {
		return unknown()
	}
	return compareExpr{"=", c, constantExpr{"BOOLEAN", value{true}}}.truth(e)
}

func (a andExpr) truth(e env) ternary {
	yes, no, null := e.each(a.Terms)
	return ternary{all(yes...), either(no...), inexact(either(null...))}
}

func (callColumn) truth(env) ternary { return unknown() }

func (o orExpr) truth(e env) ternary {
	yes, no, null := e.each(o.Terms)
	return ternary{either(yes...), all(no...), inexact(either(null...))}
}

// inexact marks a description as holding too many rows: TRUE AND NULL is NULL, but
// FALSE AND NULL is not.
func inexact(c constraint) constraint {
	c.exact = c.never
	return c
}

func (e env) each(terms []expr) (yes, no, null []constraint) {
	for _, x := range terms {
		t := x.truth(e)
		yes, no, null = append(yes, t.yes), append(no, t.no), append(null, t.null)
	}
	return yes, no, null
}

func (n notExpr) truth(e env) ternary { return n.Term.truth(e).not() }

func (n inExpr) truth(e env) ternary {
	terms := make([]expr, len(n.List))
	for i, x := range n.List {
		terms[i] = compareExpr{"=", n.X, x}
	}
	return orExpr{terms}.truth(e)
}

func (n isNullExpr) truth(e env) ternary {
	if c, ok := n.X.(columnExpr); ok && comparable(c.Type) {
		return ternary{rows(c, onlyNull(), true), rows(c, domain(c.Type), true), noRow()}
	}
	if v, ok := e.constant(n.X); ok {
		return constantTruth(value{v.isNull()})
	}
	if predicate(n.X) {
		return n.X.truth(e).isNull()
	}
	return unknown()
}

// truth evaluates the conditions in order: a result applies if its condition is TRUE and no
// earlier condition is.
func (c caseExpr) truth(e env) ternary {
	var yes, no, null []constraint
	var passed []constraint
	add := func(when constraint, then ternary) {
		here := all(append(slices.Clone(passed), when)...)
		yes = append(yes, all(here, then.yes))
		no = append(no, all(here, then.no))
		null = append(null, all(here, then.null))
	}
	for i := range c.When {
		w := c.When[i].truth(e)
		add(w.yes, c.Then[i].truth(e))
		passed = append(passed, w.is().no)
	}
	add(everyRow(true), c.Else.truth(e))
	return ternary{either(yes...), either(no...), either(null...)}
}

// each is the CASE with f applied to its results.
func (c caseExpr) each(f func(expr) expr) caseExpr {
	out := caseExpr{When: c.When, Else: f(c.Else)}
	for _, x := range c.Then {
		out.Then = append(out.Then, f(x))
	}
	return out
}

func (c castExpr) truth(e env) ternary {
	if c.Type == "BOOLEAN" && predicate(c.X) {
		return c.X.truth(e)
	}
	return unknown()
}

// truth of a call: COALESCE is the only one whose result can be a predicate that
// is understood.
func (c callExpr) truth(e env) ternary {
	if c.Name != "coalesce" || len(c.Args) == 0 {
		return unknown()
	}
	out := c.Args[len(c.Args)-1].truth(e)
	for _, x := range slices.Backward(c.Args[:len(c.Args)-1]) {
		t := x.truth(e)
		out = ternary{
			yes:  either(t.yes, all(t.null, out.yes)),
			no:   either(t.no, all(t.null, out.no)),
			null: all(t.null, out.null),
		}
	}
	return out
}

func (unknownExpr) truth(env) ternary { return unknown() }

// predicate reports whether x is a boolean expression that truth can evaluate.
func predicate(x expr) bool {
	switch x := x.(type) {
	case compareExpr, andExpr, orExpr, notExpr, isNullExpr, inExpr, caseExpr:
		return true
	case columnExpr:
		return x.Type.Kind == report.Boolean
	case constantExpr:
		return x.Type == "BOOLEAN"
	case parameterExpr:
		return x.Type == "BOOLEAN"
	case callExpr:
		return x.Type == "BOOLEAN"
	}
	return false
}

// isProvider reports whether x is the column of the business.
func (e env) isProvider(x expr) bool {
	extra, ok := x.(callColumn)
	return ok && e.session.Provider > 0 && extra.Index == e.session.ProviderAt
}

// constant returns the value of x if it is the same for all rows of a request: a constant,
// or the business.
func (e env) constant(x expr) (v value, ok bool) {
	switch x := x.(type) {
	case constantExpr:
		_, hidden := x.value.any.(opaque)
		return x.value, !hidden
	case callColumn:
		return value{new(big.Rat).SetInt64(e.session.Provider)}, e.isProvider(x)
	}
	return value{}, false
}
