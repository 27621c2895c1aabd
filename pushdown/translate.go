package pushdown

import (
	"github.com/teamupsql/teamupsql/report"
)

// Outcome is how a request treats a predicate.
type Outcome uint8

// The outcomes.
const (
	Left    Outcome = iota // the request ignores the predicate; DuckDB evaluates it
	Widened                // the request returns a superset of the matching rows; DuckDB filters it
	Exact                  // every row of the response satisfies the predicate
)

// String returns the outcome in one word.
func (o Outcome) String() string { return [...]string{"left", "widened", "exact"}[o] }

// PredicateResult is the outcome of one predicate, with the reason.
type PredicateResult struct {
	Predicate  string // SQL with the report's column names
	Outcome    Outcome
	Parameters []string // parameters of the request for this predicate
	// Why is the reason why the predicate is not exact and, if possible, how to rewrite it.
	// Empty for Exact.
	Why string
}

// Translation is the request of a scan, with the outcome of each predicate.
type Translation struct {
	// Query is the intersection of the named parameters and the predicates. It contains no
	// columns and no paging.
	Query report.Query
	// Nothing reports whether no row can satisfy the predicates, so that no request is
	// needed.
	Nothing bool
	// Exact reports whether the response contains exactly the rows that satisfy all
	// predicates.
	Exact bool
	// Check tests whether the rows of a response satisfy the predicates. Unless Exact, it
	// can be less strict than the predicates.
	Check Check
	// Results has one entry for each predicate of the scan.
	Results []PredicateResult
}

// Translate returns the request that returns every row that satisfies the scan's
// predicates. named contains the parameters that the user passed to the table function.
// They always apply; a predicate on the same column can only narrow them.
func (s Scan) Translate(named report.Query, session Session) Translation {
	e := env{session}
	derived := make([]constraint, len(s.predicates))
	for i, x := range s.predicates {
		derived[i] = x.truth(e).yes
	}
	total := all(derived...)
	req := newRequest(named, session)
	req.add(total)
	out := Translation{Query: req.query, Nothing: req.nothing, Exact: true, Check: total.check()}
	for i, x := range s.predicates {
		f := req.result(x, derived[i], e)
		out.Exact = out.Exact && f.Outcome == Exact
		out.Results = append(out.Results, f)
	}
	return out
}

// providerHeader is the header that selects the business of a request. Predicates on the
// business are sent with it.
const providerHeader = "TeamUp-Provider-ID"

// result returns how the request treats one predicate, for which alone c would be
// requested.
func (r *request) result(x expr, c constraint, e env) PredicateResult {
	f := PredicateResult{Predicate: x.String(), Parameters: r.carries(c)}
	switch {
	case r.nothing, c.exact && r.guarantees(c):
		f.Outcome = Exact
	case len(f.Parameters) > 0:
		f.Outcome, f.Why = Widened, r.whyWidened(f.Parameters, c)
	default:
		f.Why = r.whyLeft(x, c, e)
	}
	if f.Outcome == Exact && contains(x, e.isProvider) {
		f.Parameters = append(f.Parameters, providerHeader)
	}
	return f
}
