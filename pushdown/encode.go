package pushdown

import (
	"math"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// encode returns the value of p for s, a set of values of a column of the kind, and the
// rows that the report then returns. ok is false if p cannot express a condition on s.
func encode(p report.Parameter, column report.Kind, s set, longest uint64) (v any, arrive set, ok bool) {
	h, ok := s.hull()
	if !ok || s.null {
		return nil, set{}, false
	}
	if column == report.DateKind && p.Type.Kind == report.TimestampTZ {
		h = span{startOf(h.lo), plus(startOf(plus(h.hi, 1)), -1)}
	}
	switch p.Answers.Operator {
	case report.Equal:
		return onlyTrue(s), truthSet(onlyTrue(s)), onlyTrue(s) || onlyFalse(s)
	case report.OneOf:
		if isWords(p) {
			list, ok := words(p, s)
			return list, anyValue(), ok
		}
		list, ok := enumerate(s, p.Min, longest)
		return list, s, ok
	case report.Positive:
		return true, anyValue(), h.lo > 0
	case report.Greater:
		return h.lo - 1, values(h.lo, maxValue), h.lo > p.Min
	case report.AtLeast:
		v, at, ok := bound(p, plus(h.lo, -marginOf(p)), h.lo > minValue)
		return v, values(at, maxValue), ok
	case report.AtMost:
		v, at, ok := bound(p, plus(h.hi, marginOf(p)), h.hi < maxValue)
		return v, values(minValue, at), ok
	}
	return nil, set{}, false
}

// truthSet returns the rows for a value of a boolean parameter. TeamUp does not document
// whether false includes NULL.
func truthSet(b bool) set {
	if b {
		return values(1, 1)
	}
	s := values(0, 0)
	s.null = true
	return s
}

// startOf returns the first microsecond of a day, or an end of the numbers for a day
// beyond them.
func startOf(day int64) int64 {
	switch {
	case day > maxValue/microsOfDay:
		return maxValue
	case day < minValue/microsOfDay:
		return minValue
	}
	return day * microsOfDay
}

func marginOf(p report.Parameter) int64 {
	if p.Type.Kind == report.TimestampTZ {
		return p.Answers.Margin.Microseconds()
	}
	return int64(p.Answers.Margin / (24 * time.Hour))
}

// enumerate returns the values of s if a list of them takes fewer requests than a scan:
// single values, and ranges that fit into one request. Values below lowest cannot be sent.
func enumerate(s set, lowest int64, longest uint64) ([]int64, bool) {
	var count uint64
	named := true
	for _, p := range s.spans {
		if p.lo < lowest || uint64(p.hi)-uint64(p.lo) > longest {
			return nil, false
		}
		count += uint64(p.hi) - uint64(p.lo) + 1
		named = named && p.lo == p.hi
		if count > longest {
			return nil, false
		}
	}
	if !named && count > report.MaxIDs {
		return nil, false
	}
	ids := make([]int64, 0, count)
	for _, p := range s.spans {
		for id := p.lo; ; id++ {
			ids = append(ids, id)
			if id == p.hi {
				break
			}
		}
	}
	return ids, true
}

// The first and last moments that a report's form can name, see report.Parameter.Check.
var (
	firstMoment = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	lastMoment  = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
)

// bound returns the value of a parameter that is a lower or upper bound, and the bound as a
// number. A bound outside the range of the parameter is moved into it, or dropped if it
// then excludes nothing.
func bound(p report.Parameter, at int64, bounded bool) (v any, moved int64, ok bool) {
	first, last := firstMoment.UnixMicro(), lastMoment.UnixMicro()
	if p.Type.Kind == report.DateKind {
		first, last = floorDiv(first, microsOfDay), floorDiv(last, microsOfDay)
	}
	lower := p.Answers.Operator == report.AtLeast
	switch {
	case !bounded, lower && at <= first, !lower && at >= last:
		return nil, 0, false
	case at < first:
		at = first
	case at > last:
		at = last
	}
	if p.Type.Kind == report.DateKind {
		return report.Date(at), at, at > math.MinInt32 && at < math.MaxInt32
	}
	return time.UnixMicro(at).UTC(), at, true
}

// meaning returns the set of column values that the parameter's value in q selects. ok is
// false if p is not set or its operator is not supported.
func meaning(p report.Parameter, q report.Query) (set, bool) {
	var at int64
	switch v := q.Get(p.Name).(type) {
	case bool:
		return truthSet(v), p.Answers.Operator == report.Equal
	case []int64:
		var all []set
		for _, n := range v {
			all = append(all, values(n, n))
		}
		return union(all...), p.Answers.Operator == report.OneOf
	case int64:
		return values(plus(v, 1), maxValue), p.Answers.Operator == report.Greater && v < maxValue
	case time.Time:
		at = v.UnixMicro()
	case report.Date:
		at = int64(v)
	}
	switch p.Answers.Operator {
	case report.AtLeast:
		return values(at, maxValue), q.Has(p.Name)
	case report.AtMost:
		return values(minValue, at), q.Has(p.Name)
	}
	return set{}, false
}

// isNarrower reports whether the value v of p selects fewer rows than old, the set of its
// current value.
func isNarrower(p report.Parameter, v any, old set) bool {
	h, _ := old.hull()
	var at int64
	switch v := v.(type) {
	case time.Time:
		at = v.UnixMicro()
	case report.Date:
		at = int64(v)
	case int64:
		at = v + 1
	case bool:
		return false
	}
	if p.Answers.Operator == report.AtMost {
		return at < h.hi
	}
	return at > h.lo
}
