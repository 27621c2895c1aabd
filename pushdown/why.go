package pushdown

import (
	"slices"
	"strings"

	"github.com/teamupsql/teamupsql/report"
)

// whyWidened says what the request cannot do of a predicate that it helps with.
func whyWidened(x Expr, c constraint) string {
	if !c.exact {
		return "the request holds a wider range, DuckDB sees to the rest"
	}
	return "the report's bounds are not exact enough, DuckDB checks again"
}

// whyLeft says what keeps the report from doing a predicate, and what could be
// written instead.
func (r *request) whyLeft(x Expr, c constraint) string {
	switch {
	case slices.ContainsFunc(c.masks(), func(traitMask) bool { return r.query.IsAny != nil }):
		return "the report takes one is_any, and it is used already"
	case len(columnsOf(x)) == 0:
		return "it is not about a column of the report"
	}
	if names := without(columnsOf(x)); len(names) > 0 {
		verb := " has"
		if len(names) > 1 {
			verb = " have"
		}
		return strings.Join(names, ", ") + verb + " no parameter in this report"
	}
	if f := functionOf(x); f != "" {
		return "the report cannot compute " + f + "; compare the column itself"
	}
	if _, or := x.(Or); or {
		return "the report has no OR of these; only of ranges of one column and of is_any's traits"
	}
	return "the report has no parameter for this comparison"
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

// without are the paths that no parameter answers.
func without(paths []string) []string {
	return slices.DeleteFunc(paths, func(path string) bool {
		if path == "age" || path == creditPath || traitOf(path) != 0 {
			return true
		}
		return slices.ContainsFunc(report.Parameters(), func(p report.Parameter) bool { return p.Answers.Column == path })
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
