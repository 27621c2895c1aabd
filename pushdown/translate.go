package pushdown

import (
	"github.com/teamupsql/teamupsql/report"
)

// Outcome is what becomes of a predicate.
type Outcome uint8

// The outcomes.
const (
	Left    Outcome = iota // DuckDB does it, the request does not help
	Widened                // the request leaves rows out, DuckDB the rest of them
	Exact                  // every row of the answer satisfies the predicate
)

// String is the outcome in one word.
func (o Outcome) String() string { return [...]string{"left", "widened", "exact"}[o] }

// Fate is what becomes of one predicate, and why.
type Fate struct {
	Predicate  string // as SQL, with the report's names of the columns
	Outcome    Outcome
	Parameters []string // of the request, that carry it
	// Why says what keeps the predicate from being exact, and where it can be
	// rewritten, how. Empty for Exact.
	Why string
}

// Translation is what a scan asks for.
type Translation struct {
	// Query is the named parameters and, intersected with them, the predicates. It
	// holds no columns and no paging.
	Query report.Query
	// Nothing says that no row can satisfy the predicates: no request is needed.
	Nothing bool
	// Exact says that the answer holds just the rows that satisfy all predicates.
	Exact bool
	// Check tests whether the rows of a response satisfy the predicates. It is as
	// strict as the predicates only if Exact.
	Check Check
	// Fates has an entry for each of the scan's predicates.
	Fates []Fate
}

// Translate says what to ask of the report so that no row that satisfies the
// scan's predicates is missing. named are the parameters that the user gave to the
// table function: they stay in force, and a predicate on the same thing narrows
// them.
func (s Scan) Translate(named report.Query, session Session) Translation {
	e := env{session}
	derived := make([]constraint, len(s.Predicates))
	for i, x := range s.Predicates {
		derived[i] = x.truth(e).yes
	}
	total := all(derived...)
	req := newRequest(named, session)
	req.add(total)
	out := Translation{Query: req.query, Nothing: req.nothing, Exact: true, Check: total.check()}
	for i, x := range s.Predicates {
		f := req.fate(x, derived[i], e)
		out.Exact = out.Exact && f.Outcome == Exact
		out.Fates = append(out.Fates, f)
	}
	return out
}

// providerHeader is the header by which a request chooses the business, and so what
// carries a predicate on it.
const providerHeader = "TeamUp-Provider-ID"

// fate says what the request does for one predicate, which alone asks for c.
func (r *request) fate(x Expr, c constraint, e env) Fate {
	f := Fate{Predicate: x.String(), Parameters: r.carries(c)}
	switch {
	case r.nothing, c.exact && r.guarantees(c):
		f.Outcome = Exact
	case len(f.Parameters) > 0:
		f.Outcome, f.Why = Widened, r.whyWidened(f.Parameters, c)
	default:
		f.Why = r.whyLeft(x, c, e)
	}
	if f.Outcome == Exact && has(x, e.isProvider) {
		f.Parameters = append(f.Parameters, providerHeader)
	}
	return f
}
