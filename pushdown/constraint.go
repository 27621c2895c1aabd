package pushdown

import (
	"cmp"
	"math/bits"

	"github.com/teamupsql/teamupsql/report"
)

// constraint describes rows: the value of each path is in its set, and the row has at least
// one trait of each mask. everyRow(true) is every row.
type constraint struct {
	sets  map[string]set // by path, never the set of everything
	any   []traitMask
	never bool // no row at all; sets and any are empty then
	// exact reports whether the described rows are exactly the rows in question. Otherwise
	// they are a superset. No row is always exact.
	exact bool
	of    *report.Report // nil if it has no sets
}

func everyRow(exact bool) constraint { return constraint{exact: exact} }

func noRow() constraint { return constraint{never: true, exact: true} }

func rows(column columnExpr, s set, exact bool) constraint {
	if s.empty() {
		return noRow()
	}
	c := constraint{exact: exact, of: column.of}
	c.put(column.Path, s)
	return c
}

// unlimited reports whether every row satisfies c.
func (c constraint) unlimited() bool { return !c.never && len(c.sets) == 0 && len(c.any) == 0 }

// all describes the rows that satisfy every one of cs.
func all(cs ...constraint) constraint {
	out := everyRow(true)
	byPath := map[string][]set{}
	for _, c := range cs {
		if c.never {
			return c
		}
		out.exact, out.of = out.exact && c.exact, cmp.Or(out.of, c.of)
		for path, s := range c.sets {
			byPath[path] = append(byPath[path], s)
		}
		out.any = append(out.any, c.any...)
	}
	for path, sets := range byPath {
		s := intersection(sets)
		if s.empty() {
			return noRow()
		}
		out.put(path, s)
	}
	return out
}

// either describes the rows that satisfy at least one of cs. If that cannot be expressed,
// the result describes more rows and is not exact.
func either(cs ...constraint) constraint {
	live := make([]constraint, 0, len(cs))
	exact := true
	out := constraint{}
	for _, c := range cs {
		exact, out.of = exact && c.exact, cmp.Or(out.of, c.of)
		if !c.never {
			live = append(live, c)
		}
	}
	switch len(live) {
	case 0:
		return noRow()
	case 1:
		return live[0]
	}
	for path := range live[0].sets {
		if sets, ok := onPath(live, path); ok {
			out.put(path, union(sets...))
		}
	}
	mask, traitsOnly := joinTraits(live)
	if bits.OnesCount16(uint16(mask)) > 1 {
		out.any = append(out.any, mask)
	}
	out.exact = exact && (traitsOnly || samePath(live) || anyUnlimited(live))
	return out
}

func (c *constraint) put(path string, s set) {
	if s.complement().empty() {
		return
	}
	if c.sets == nil {
		c.sets = map[string]set{}
	}
	c.sets[path] = s
}

// onPath returns the sets of one path. ok is false unless all of cs have one.
func onPath(cs []constraint, path string) (sets []set, ok bool) {
	for _, c := range cs {
		s, ok := c.sets[path]
		if !ok {
			return nil, false
		}
		sets = append(sets, s)
	}
	return sets, true
}

func samePath(cs []constraint) bool {
	for path := range cs[0].sets {
		for _, c := range cs {
			if _, ok := c.sets[path]; !ok || len(c.sets) != 1 || len(c.any) != 0 {
				return false
			}
		}
		return true
	}
	return false
}

func anyUnlimited(cs []constraint) bool {
	for _, c := range cs {
		if c.unlimited() {
			return true
		}
	}
	return false
}

// joinTraits returns a mask of traits of which every row of cs has at least one, 0 for
// none. only reports whether cs have no other conditions.
func joinTraits(cs []constraint) (mask traitMask, only bool) {
	only = true
	for _, c := range cs {
		m := c.traits()
		if m == 0 {
			return 0, false
		}
		mask |= m
		only = only && len(c.sets)+len(c.any) == 1
	}
	return mask, only
}

func onlyTrue(s set) bool { return !s.null && len(s.spans) == 1 && s.spans[0] == span{1, 1} }

func onlyFalse(s set) bool { return !s.null && len(s.spans) == 1 && s.spans[0] == span{0, 0} }
