package pushdown

import (
	"math/bits"
	"slices"

	"github.com/teamupsql/teamupsql/report"
)

// traitMask is a set of a report's traits: bit i is Report.Traits[i].
type traitMask uint16

// traitOf is the mask of the trait that the boolean column of this path shows.
func traitOf(r *report.Report, path string) traitMask {
	for i, t := range r.Traits {
		if t.Column == path && path != "" {
			return 1 << i
		}
	}
	return 0
}

// in returns the traits of the mask.
func (m traitMask) in(r *report.Report) []report.Trait {
	var out []report.Trait
	for i, t := range r.Traits {
		if m&(1<<i) != 0 {
			out = append(out, t)
		}
	}
	return out
}

// names is the mask as values of the parameter.
func (m traitMask) names(r *report.Report) []string {
	var out []string
	for _, t := range m.in(r) {
		out = append(out, t.Name)
	}
	return out
}

// columns are the columns that show the traits of the mask.
func (m traitMask) columns(r *report.Report) []string {
	var out []string
	for _, t := range m.in(r) {
		out = append(out, t.Column)
	}
	return out
}

// maskOf returns the value of the parameter as a mask, 0 if a trait in it has no column.
func maskOf(q report.Query) traitMask {
	names := report.Value[[]string](q, q.Report.Roles.AnyOf)
	var m traitMask
	for i, t := range q.Report.Traits {
		if slices.Contains(names, t.Name) {
			if t.Column == "" {
				return 0
			}
			m |= 1 << i
		}
	}
	return m
}

// masks are the groups of traits of which every row of c has one.
func (c constraint) masks() []traitMask {
	out := slices.Clone(c.any)
	for path, s := range c.sets {
		if m := traitOf(c.of, path); m != 0 && onlyTrue(s) {
			out = append(out, m)
		}
	}
	return out
}

// traits is the narrowest of the masks, 0 for none.
func (c constraint) traits() traitMask {
	var best traitMask
	for _, m := range c.masks() {
		if best == 0 || narrower(m, best) {
			best = m
		}
	}
	return best
}

// narrower orders masks by the number of traits, and then in the order of Report.Traits, so
// that the choice does not depend on the order of a map.
func narrower(a, b traitMask) bool {
	if x, y := bits.OnesCount16(uint16(a)), bits.OnesCount16(uint16(b)); x != y {
		return x < y
	}
	return a < b
}
