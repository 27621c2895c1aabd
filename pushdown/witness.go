package pushdown

import (
	"math/bits"

	"github.com/teamupsql/teamupsql/report"
)

// witness is a row that satisfies c, as far as it is described: by path, a bool,
// an int64 or a report.Date; what is not in it may be NULL. ok is false where c is
// not exact, or a value of another type would be needed.
//
// Where only the number of rows matters, and each of them satisfies all
// predicates, so many witnesses are as good as the rows themselves.
func (c constraint) witness() (row map[string]any, ok bool) {
	if !c.exact || c.never {
		return nil, false
	}
	row = map[string]any{}
	for path, s := range c.sets {
		if row[path], ok = s.member(columnKind(path)); !ok {
			return nil, false
		}
	}
	for _, m := range c.any {
		if !c.hasTrait(row, m) && !c.giveTrait(row, m) {
			return nil, false
		}
	}
	return row, true
}

// member is a value of the set other than NULL.
func (s set) member(kind report.Kind) (any, bool) {
	if len(s.spans) == 0 {
		return nil, false
	}
	first := s.spans[0]
	switch kind {
	case report.Boolean:
		return first.lo == 1, true
	case report.BigInt:
		return min(max(first.lo, 1), first.hi), true
	case report.DateKind:
		// A day that text can show: the span may reach to the end of time.
		day := min(max(first.lo, int64(earliestDay)), first.hi)
		if day > int64(latestDay) {
			return nil, false
		}
		return report.Date(day), day >= int64(earliestDay)
	}
	return nil, false
}

// The days of the years 1 and 9999 that the report's form of a date can show.
var (
	earliestDay = mustDate("0001-01-01")
	latestDay   = mustDate("9999-12-31")
)

func mustDate(s string) report.Date {
	d, err := report.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func columnKind(path string) report.Kind {
	c, ok := report.Column(path)
	if !ok {
		return 0 // part of a struct: none is exact
	}
	return c.Type.Kind
}

func (c constraint) hasTrait(row map[string]any, m traitMask) bool {
	for _, t := range traitColumns(m) {
		if row[t] == true {
			return true
		}
	}
	return false
}

// giveTrait sets a trait of the mask that nothing else speaks of.
func (c constraint) giveTrait(row map[string]any, m traitMask) bool {
	for _, t := range traitColumns(m) {
		if _, taken := row[t]; !taken {
			row[t] = true
			return true
		}
	}
	return false
}

func traitColumns(m traitMask) []string {
	columns := make([]string, 0, bits.OnesCount16(uint16(m)))
	for i, t := range report.Traits() {
		if m&(1<<i) != 0 && t.Column != "" {
			columns = append(columns, t.Column)
		}
	}
	return columns
}
