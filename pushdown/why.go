package pushdown

import (
	"slices"
	"strings"

	"github.com/teamupsql/teamupsql/report"
)

// whyWidened returns the reason why a request returns more rows than satisfy a predicate
// that it carries.
func whyWidened(parameters []string, c constraint) string {
	_, aged := c.sets["age"]
	switch {
	case !c.exact:
		return "the request covers a larger range"
	case slices.Contains(parameters, "has_account_credit"):
		return "TeamUp does not document what counts as account credit"
	case aged:
		return "the request covers two extra days because TeamUp does not document the time zone that it uses to compute age"
	case slices.Contains(parameters, "id_gt"):
		return "the only range parameter for id is a lower bound"
	case slices.Contains(parameters, "is_any"):
		return "a request can have only one is_any"
	}
	for _, name := range parameters {
		p, _ := report.FindParameter(name)
		if p.Answers.Operator == report.Equal {
			return "TeamUp does not document whether false includes NULL"
		}
		if p.Answers.Slack != 0 {
			return "the request covers an extra second because TeamUp does not document the precision of times"
		}
	}
	return "a request can have only one range for a column"
}

// whyLeft returns the reason why the report cannot filter by a predicate and, if there is
// one, what to write instead.
func (r *request) whyLeft(x Expr, c constraint, e env) string {
	switch {
	case slices.ContainsFunc(c.masks(), func(traitMask) bool { return r.query.IsAny != nil }):
		return "a request can have only one is_any, and another predicate uses it"
	case len(columnsOf(x)) == 0 && len(e.extrasOf(x)) == 0 && has(x, e.isProvider):
		return "only comparisons of the column itself select businesses"
	case len(columnsOf(x)) == 0 && len(e.extrasOf(x)) == 0:
		return "the predicate uses no column of the report"
	}
	if names := append(without(columnsOf(x)), e.extrasOf(x)...); len(names) > 0 {
		verb := " has"
		if len(names) > 1 {
			verb = " have"
		}
		return strings.Join(names, ", ") + verb + " no parameter in this report"
	}
	if p := argumentIn(x); p != "" {
		return "the value of argument " + p + " is not known when the statement is planned"
	}
	if f := functionOf(x); f != "" && c.unlimited() {
		return "the report cannot compute " + f + "; compare the column itself"
	}
	if _, or := x.(Or); or {
		return "the report has no OR of these; only of ranges of one column and of is_any's traits"
	}
	return "the report has no parameter for this comparison"
}

// argumentIn returns the name of an argument of x, "" for none.
func argumentIn(x Expr) (name string) {
	walk(x, func(x Expr) {
		if p, ok := x.(Parameter); ok && name == "" {
			name = p.String()
		}
	})
	return name
}

// columnsOf lists the paths of x, each once.
func columnsOf(x Expr) []string {
	var out []string
	walk(x, func(x Expr) {
		if c, ok := x.(Column); ok && !slices.Contains(out, c.Path) {
			out = append(out, c.Path)
		}
	})
	return out
}

// extrasOf lists the columns of x that are neither the report's nor the business.
func (e env) extrasOf(x Expr) []string {
	var out []string
	walk(x, func(x Expr) {
		if extra, ok := x.(Extra); ok && !e.isProvider(x) && !slices.Contains(out, extra.String()) {
			out = append(out, extra.String())
		}
	})
	return out
}

// without are the paths that no parameter answers.
func without(paths []string) []string {
	return slices.DeleteFunc(paths, func(path string) bool {
		if path == "age" || path == creditPath || traitOf(path) != 0 {
			return true
		}
		return slices.ContainsFunc(parameters, func(p report.Parameter) bool { return p.Answers.Column == path })
	})
}

// functionOf is a function of a column in x that stands in the way, "" for none.
func functionOf(x Expr) string {
	found := ""
	walk(x, func(x Expr) {
		switch x := x.(type) {
		case Call:
			if found == "" && x.Name != "coalesce" && len(columnsOf(x)) > 0 {
				found = x.String()
			}
		case Cast:
			if found == "" && len(columnsOf(x)) > 0 {
				found = x.String()
			}
		}
	})
	return found
}
