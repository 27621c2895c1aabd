package pushdown

import (
	"math/bits"
	"slices"

	"github.com/teamupsql/teamupsql/report"
)

// traitMask holds traits of the is_any parameter, bit i for the i-th of report.Traits.
type traitMask uint16

// traitOf is the mask of the trait that the boolean column of this path shows.
func traitOf(path string) traitMask { return traitByColumn[path] }

var traitByColumn = func() map[string]traitMask {
	m := map[string]traitMask{}
	for i, t := range report.Traits() {
		if t.Column != "" {
			m[t.Column] = 1 << i
		}
	}
	return m
}()

// names is the mask as values of the is_any parameter.
func (m traitMask) names() []string {
	var out []string
	for i, t := range report.Traits() {
		if m&(1<<i) != 0 {
			out = append(out, t.Name)
		}
	}
	return out
}

// maskOf reads a value of is_any; 0 where a trait has no column.
func maskOf(names []string) traitMask {
	var m traitMask
	for i, t := range report.Traits() {
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
		if m := traitOf(path); m != 0 && onlyTrue(s) {
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

// narrower orders masks by the number of traits, and then in the vendor's order,
// so that the choice does not depend on the order of a map.
func narrower(a, b traitMask) bool {
	if x, y := bits.OnesCount16(uint16(a)), bits.OnesCount16(uint16(b)); x != y {
		return x < y
	}
	return a < b
}
