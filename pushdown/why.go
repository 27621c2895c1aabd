package pushdown

import (
	"slices"
	"strings"

	"github.com/teamupsql/teamupsql/report"
)

// whyWidened returns the reason why a request returns more rows than satisfy a predicate
// that it carries.
func (r *request) whyWidened(names []string, c constraint) string {
	of := r.query.Report
	if !c.exact {
		return "the request covers a larger range"
	}
	for _, name := range names {
		if p, _ := of.Parameter(name); p.Answers.Reason != "" {
			return p.Answers.Reason
		}
	}
	for _, d := range of.Derived {
		if _, ok := c.sets[d.Column]; ok {
			return d.Reason
		}
	}
	for _, name := range names {
		if p, _ := of.Parameter(name); p.Answers.Operator == report.Greater {
			return "the only range parameter for " + p.Answers.Column + " is a lower bound"
		}
	}
	if slices.Contains(names, of.Roles.AnyOf) {
		return "a request can have only one " + of.Roles.AnyOf
	}
	for _, name := range names {
		p, _ := of.Parameter(name)
		if p.Answers.Operator == report.Equal {
			return "TeamUp does not document whether false includes NULL"
		}
		if p.Answers.Margin != 0 {
			return "the request covers an extra second because TeamUp does not document the precision of times"
		}
	}
	return "a request can have only one range for a column"
}

// whyLeft returns the reason why the report cannot filter by a predicate and, if there is
// one, what to write instead.
func (r *request) whyLeft(x expr, c constraint, e env) string {
	anyOf := r.query.Report.Roles.AnyOf
	switch {
	case len(c.masks()) > 0 && r.query.Has(anyOf):
		return "a request can have only one " + anyOf + ", and another predicate uses it"
	case len(columnsOf(x)) == 0 && len(e.extrasOf(x)) == 0 && contains(x, e.isProvider):
		return "only comparisons of the column itself select businesses"
	case len(columnsOf(x)) == 0 && len(e.extrasOf(x)) == 0:
		return "the predicate uses no column of the report"
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
	if _, or := x.(orExpr); or {
		only := "the report has no OR of these; only of ranges of one column"
		if anyOf != "" {
			only += " and of " + anyOf + "'s traits"
		}
		return only
	}
	return "the report has no parameter for this comparison"
}

// argumentIn returns the name of an argument of x, "" for none.
func argumentIn(x expr) (name string) {
	walk(x, func(x expr) {
		if p, ok := x.(parameterExpr); ok && name == "" {
			name = p.String()
		}
	})
	return name
}

// columnsOf lists the paths of x, each once.
func columnsOf(x expr) []string {
	var out []string
	walk(x, func(x expr) {
		if c, ok := x.(columnExpr); ok && !slices.Contains(out, c.Path) {
			out = append(out, c.Path)
		}
	})
	return out
}

// extrasOf lists the columns of x that are neither the report's nor the business.
func (e env) extrasOf(x expr) []string {
	var out []string
	walk(x, func(x expr) {
		if extra, ok := x.(callColumn); ok && !e.isProvider(x) && !slices.Contains(out, extra.String()) {
			out = append(out, extra.String())
		}
	})
	return out
}

// without returns the paths for which the report has no parameter.
func (r *request) without(paths []string) []string {
	return slices.DeleteFunc(paths, func(path string) bool { return len(r.query.Report.Filters(path)) > 0 })
}

// functionOf returns the first function or cast of a column in x, "" for none.
func functionOf(x expr) string {
	found := ""
	walk(x, func(x expr) {
		switch x := x.(type) {
		case callExpr:
			if found == "" && x.Name != "coalesce" && len(columnsOf(x)) > 0 {
				found = x.String()
			}
		case castExpr:
			if found == "" && len(columnsOf(x)) > 0 {
				found = x.String()
			}
		}
	})
	return found
}
