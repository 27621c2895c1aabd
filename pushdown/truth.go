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
	// MostIDs is the longest list of ids that takes fewer requests than the complete
	// report; 0 if that is unknown.
	MostIDs int
	// Calendar is DuckDB's setting of this name. With a calendar other than "gregorian",
	// predicates on the date, month or year of a time are left to DuckDB.
	Calendar string
	// Provider is the business of the request if the call has a column with the business of
	// each row, at position ProviderAt. 0 means that there is no such column.
	Provider   int64
	ProviderAt uint64
}

// env is what an expression is evaluated in.
type env struct{ session Session }

// truth describes the rows for which a predicate is TRUE, FALSE and NULL. Each of
// the three may hold too many rows, and is then not exact; none holds too few. So
// NOT, which swaps the first two, needs no rule of its own.
type truth struct{ yes, no, null constraint }

// noIdea is a predicate that nothing is known of.
func noIdea() truth { return truth{everyRow(false), everyRow(false), everyRow(false)} }

// given is a predicate with the same value for every row.
func given(v value) truth {
	t := truth{noRow(), noRow(), noRow()}
	switch v.any {
	case nil:
		t.null = everyRow(true)
	case true:
		t.yes = everyRow(true)
	case false:
		t.no = everyRow(true)
	default:
		return noIdea()
	}
	return t
}

func (t truth) not() truth { return truth{t.no, t.yes, t.null} }

// is is t IS TRUE, which is never NULL.
func (t truth) is() truth { return truth{t.yes, either(t.no, t.null), noRow()} }

func (t truth) isNull() truth { return truth{t.null, either(t.yes, t.no), noRow()} }

func (c Constant) truth(env) truth { return given(c.value) }

func (p Parameter) truth(env) truth { return noIdea() }

func (c Column) truth(e env) truth {
	if c.Type.Kind != report.Boolean {
		return noIdea()
	}
	return Compare{"=", c, Constant{"BOOLEAN", value{true}}}.truth(e)
}

func (a And) truth(e env) truth {
	yes, no, null := e.each(a.Terms)
	return truth{all(yes...), either(no...), forget(either(null...))}
}

func (Extra) truth(env) truth { return noIdea() }

func (o Or) truth(e env) truth {
	yes, no, null := e.each(o.Terms)
	return truth{either(yes...), all(no...), forget(either(null...))}
}

// forget marks a description as holding too many rows: TRUE AND NULL is NULL, but
// FALSE AND NULL is not.
func forget(c constraint) constraint {
	c.exact = c.never
	return c
}

func (e env) each(terms []Expr) (yes, no, null []constraint) {
	for _, x := range terms {
		t := x.truth(e)
		yes, no, null = append(yes, t.yes), append(no, t.no), append(null, t.null)
	}
	return yes, no, null
}

func (n Not) truth(e env) truth { return n.Term.truth(e).not() }

func (n In) truth(e env) truth {
	terms := make([]Expr, len(n.List))
	for i, x := range n.List {
		terms[i] = Compare{"=", n.X, x}
	}
	return Or{terms}.truth(e)
}

func (n IsNull) truth(e env) truth {
	if c, ok := n.X.(Column); ok && comparable(c.Type) {
		return truth{rows(c, onlyNull(), true), rows(c, domain(c.Type), true), noRow()}
	}
	if v, ok := e.constant(n.X); ok {
		return given(value{v.isNull()})
	}
	if predicate(n.X) {
		return n.X.truth(e).isNull()
	}
	return noIdea()
}

// truth of a CASE tries its conditions in order: the i-th result counts where the
// i-th condition is TRUE and no earlier one is.
func (c Case) truth(e env) truth {
	var yes, no, null []constraint
	var passed []constraint
	add := func(when constraint, then truth) {
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
	return truth{either(yes...), either(no...), either(null...)}
}

// each is the CASE with f applied to its results.
func (c Case) each(f func(Expr) Expr) Case {
	out := Case{When: c.When, Else: f(c.Else)}
	for _, x := range c.Then {
		out.Then = append(out.Then, f(x))
	}
	return out
}

func (c Cast) truth(e env) truth {
	if c.Type == "BOOLEAN" && predicate(c.X) {
		return c.X.truth(e)
	}
	return noIdea()
}

// truth of a call: COALESCE is the only one whose result can be a predicate that
// is understood.
func (c Call) truth(e env) truth {
	if c.Name != "coalesce" || len(c.Args) == 0 {
		return noIdea()
	}
	out := c.Args[len(c.Args)-1].truth(e)
	for _, x := range slices.Backward(c.Args[:len(c.Args)-1]) {
		t := x.truth(e)
		out = truth{
			yes:  either(t.yes, all(t.null, out.yes)),
			no:   either(t.no, all(t.null, out.no)),
			null: all(t.null, out.null),
		}
	}
	return out
}

func (Unknown) truth(env) truth { return noIdea() }

// predicate says whether x is a boolean whose truth is worth asking for.
func predicate(x Expr) bool {
	switch x := x.(type) {
	case Compare, And, Or, Not, IsNull, In, Case:
		return true
	case Column:
		return x.Type.Kind == report.Boolean
	case Constant:
		return x.Type == "BOOLEAN"
	case Parameter:
		return x.Type == "BOOLEAN"
	case Call:
		return x.Type == "BOOLEAN"
	}
	return false
}

// isProvider says whether x is the column of the business.
func (e env) isProvider(x Expr) bool {
	extra, ok := x.(Extra)
	return ok && e.session.Provider > 0 && extra.Index == e.session.ProviderAt
}

// constant evaluates what does not depend on the row: a constant, or the business,
// since a request asks for the customers of one.
func (e env) constant(x Expr) (v value, ok bool) {
	switch x := x.(type) {
	case Constant:
		_, hidden := x.value.any.(opaque)
		return x.value, !hidden
	case Extra:
		return value{new(big.Rat).SetInt64(e.session.Provider)}, e.isProvider(x)
	}
	return value{}, false
}
