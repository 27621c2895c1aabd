package pushdown

import (
	"fmt"
	"math/big"

	"github.com/teamupsql/teamupsql/report"
)

// converse is the operator with its sides exchanged.
var converse = map[string]string{
	"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<=",
	isDistinct: isDistinct, notDistinct: notDistinct,
}

const (
	isDistinct  = "IS DISTINCT FROM"
	notDistinct = "IS NOT DISTINCT FROM"
)

func (c compareExpr) truth(e env) ternary {
	if v, ok := e.constant(c.Right); ok {
		return e.compare(c.Left, c.Op, v)
	}
	if v, ok := e.constant(c.Left); ok {
		return e.compare(c.Right, converse[c.Op], v)
	}
	return unknown()
}

// compare is x op v.
func (e env) compare(x expr, op string, v value) ternary {
	switch op {
	case isDistinct:
		return e.compare(x, notDistinct, v).not()
	case "<>":
		return e.compare(x, "=", v).not()
	}
	if v.isNull() {
		if op == notDistinct {
			return isNullExpr{x}.truth(e)
		}
		return constantTruth(v)
	}
	if w, ok := e.constant(x); ok {
		return compareConstants(w, op, v)
	}
	if l, ok := e.columnFuncOf(x); ok {
		return l.compare(op, v)
	}
	if c, ok := x.(caseExpr); ok {
		return c.each(func(then expr) expr { return compareExpr{op, then, constantExpr{value: v}} }).truth(e)
	}
	if b, ok := v.any.(bool); ok && predicate(x) {
		return compareTruth(x.truth(e), op, b)
	}
	return unknown()
}

// compareConstants is w op v for values that do not depend on the row; v is not NULL.
func compareConstants(w value, op string, v value) ternary {
	var equal bool
	a, numbers := w.any.(*big.Rat)
	b, ok := v.any.(*big.Rat)
	switch w.any.(type) {
	case nil:
		if op == notDistinct {
			return constantTruth(value{false})
		}
		return constantTruth(w)
	case *big.Rat:
		if !ok {
			return unknown()
		}
		equal = a.Cmp(b) == 0
	case bool, string:
		if fmt.Sprintf("%T", w.any) != fmt.Sprintf("%T", v.any) {
			return unknown()
		}
		equal = w.any == v.any
	default:
		return unknown()
	}
	switch {
	case op == "=" || op == notDistinct:
		return constantTruth(value{equal})
	case !numbers:
		return unknown()
	}
	return constantTruth(value{map[string]bool{
		"<": a.Cmp(b) < 0, "<=": a.Cmp(b) <= 0, ">": a.Cmp(b) > 0, ">=": a.Cmp(b) >= 0,
	}[op]})
}

// compareTruth is the comparison of a predicate with TRUE or FALSE.
func compareTruth(t ternary, op string, b bool) ternary {
	if !b {
		t = t.not()
	}
	switch op {
	case "=":
		return t
	case notDistinct:
		return t.is()
	}
	return unknown()
}

// compare returns the rows for which the comparison of the function with v is TRUE, FALSE
// and NULL.
func (l columnFunc) compare(op string, v value) ternary {
	b, ok := l.preimage(v)
	if !ok || l.equal && op != "=" && op != notDistinct {
		return unknown()
	}
	yes, no := b.split(op)
	dom := domain(l.column.Type)
	at := func(s set) constraint { return rows(l.column, s, !b.fuzzy) }
	t := ternary{at(yes.intersect(dom)), at(no.intersect(dom)), at(onlyNull())}
	switch {
	case b.fuzzy && op == notDistinct:
		return ternary{t.yes, everyRow(false), noRow()}
	case b.fuzzy: // a function may be NULL for a column value that is not
		t.null = everyRow(false)
	case op == notDistinct:
		no.null = true
		return ternary{t.yes, at(no.intersect(withNull(dom))), noRow()}
	}
	return t
}

// preimage is the range [low, high] of column values for which a function of the column equals
// a given value. If the function never returns that value, the range is empty: high is
// low-1, and the value falls between high and low.
type preimage struct {
	low, high int64
	// outside is -1 if the given value is below all column values, 1 if it is above them,
	// otherwise 0.
	outside int
	// fuzzy reports whether a comparison with a value in the range may be TRUE or FALSE.
	fuzzy bool
}

// split returns the column values for which the comparison may be TRUE and FALSE.
func (b preimage) split(op string) (yes, no set) {
	var below, above set
	equal := values(b.low, b.high)
	switch {
	case b.outside > 0:
		below, equal = someValue(), set{}
	case b.outside < 0:
		above, equal = someValue(), set{}
	default:
		if b.low > minValue {
			below = values(minValue, b.low-1)
		}
		if b.high < maxValue {
			above = values(b.high+1, maxValue)
		}
	}
	switch op {
	case "=", notDistinct:
		yes, no = equal, union(below, above)
	case "<":
		yes, no = below, union(equal, above)
	case "<=":
		yes, no = union(below, equal), above
	case ">":
		yes, no = above, union(below, equal)
	case ">=":
		yes, no = union(equal, above), below
	default:
		return someValue(), someValue()
	}
	if b.fuzzy {
		yes, no = union(yes, equal), union(no, equal)
	}
	return yes, no
}

// comparable reports whether a [set] can contain values of the type.
func comparable(t report.Type) bool {
	switch t.Kind {
	case report.Boolean, report.Integer, report.BigInt, report.DateKind, report.TimestampTZ, report.Decimal:
		return true
	}
	return false
}

// domain is every value of a type but NULL.
func domain(t report.Type) set {
	if t.Kind == report.Boolean {
		return values(0, 1)
	}
	return someValue()
}

func withNull(s set) set { s.null = true; return s }
