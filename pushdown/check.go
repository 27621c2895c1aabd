package pushdown

import "slices"

// Check tests rows of a response against the predicates of a scan that the translation
// understood. If a row does not pass, the server did not filter as requested.
type Check struct {
	rows    constraint
	columns []string
}

// check returns the check for c, whose columns are ordered by name.
func (c constraint) check() Check {
	var columns []string
	for path := range c.sets {
		columns = append(columns, path)
	}
	for _, m := range c.any {
		columns = append(columns, m.columns(c.of)...)
	}
	slices.Sort(columns)
	return Check{c, slices.Compact(columns)}
}

// Columns returns the columns that Passes reads: names, or dotted names of struct fields.
func (c Check) Columns() []string { return c.columns }

// Passes reports whether a row satisfies the predicates. value returns the row's value
// of a column; ok is false for NULL. Booleans are 0 and 1, dates are days since
// 1970-01-01, times are microseconds, and decimals are units of the last digit.
func (c Check) Passes(value func(column string) (v int64, ok bool)) bool {
	if c.rows.never {
		return false
	}
	for path, s := range c.rows.sets {
		if v, ok := value(path); ok && !s.contains(v) || !ok && !s.null {
			return false
		}
	}
	for _, m := range c.rows.any {
		if !slices.ContainsFunc(m.columns(c.rows.of), func(column string) bool {
			v, ok := value(column)
			return ok && v == 1
		}) {
			return false
		}
	}
	return true
}

// contains reports whether v is one of the values of s.
func (s set) contains(v int64) bool {
	_, found := slices.BinarySearchFunc(s.spans, v, func(p span, v int64) int {
		switch {
		case p.hi < v:
			return -1
		case p.lo > v:
			return 1
		}
		return 0
	})
	return found
}
