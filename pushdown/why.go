package pushdown

import (
	"slices"
	"strings"

	"github.com/teamupsql/teamupsql/report"
)

// whyWidened says what the request cannot do of a predicate that it helps with.
func (r *request) whyWidened(names []string, c constraint) string {
	of := r.query.Report
	if !c.exact {
		return "the request asks for a range around it"
	}
	for _, name := range names {
		if p, _ := of.Parameter(name); p.Answers.Doubt != "" {
			return p.Answers.Doubt
		}
	}
	for _, d := range of.Derived {
		if _, ok := c.sets[d.Column]; ok {
			return d.Doubt
		}
	}
	for _, name := range names {
		if p, _ := of.Parameter(name); p.Answers.Operator == report.Greater {
			return "the report takes a lower bound of " + p.Answers.Column + " only"
		}
	}
	if slices.Contains(names, of.Roles.AnyOf) {
		return "the report takes one " + of.Roles.AnyOf + " only"
	}
	for _, name := range names {
		p, _ := of.Parameter(name)
		if p.Answers.Operator == report.Equal {
			return "whether the report takes NULL for false is not published"
		}
		if p.Answers.Slack != 0 {
			return "times are asked for with a second to spare, since the report's precision is not published"
		}
	}
	return "the report takes one range of a column"
}

// whyLeft says what keeps the report from doing a predicate, and what could be
// written instead.
func (r *request) whyLeft(x Expr, c constraint, e env) string {
	anyOf := r.query.Report.Roles.AnyOf
	switch {
	case len(c.masks()) > 0 && r.query.Has(anyOf):
		return "the report takes one " + anyOf + ", and it is used already"
	case len(columnsOf(x)) == 0 && len(e.extrasOf(x)) == 0 && has(x, e.isProvider):
		return "businesses are chosen by comparisons of the column itself"
	case len(columnsOf(x)) == 0 && len(e.extrasOf(x)) == 0:
		return "it is not about a column of the report"
	}
	if names := append(r.without(columnsOf(x)), e.extrasOf(x)...); len(names) > 0 {
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
		only := "the report has no OR of these; only of ranges of one column"
		if anyOf != "" {
			only += " and of " + anyOf + "'s traits"
		}
		return only
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
func (r *request) without(paths []string) []string {
	return slices.DeleteFunc(paths, func(path string) bool { return len(r.query.Report.Filters(path)) > 0 })
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
