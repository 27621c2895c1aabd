package pushdown

import (
	"math"
	"slices"
)

// span is the closed interval [lo, hi] of 64-bit integers.
type span struct{ lo, hi int64 }

const (
	minValue = math.MinInt64
	maxValue = math.MaxInt64
)

// set is a set of a column's values. All types that the report can compare are represented
// as integers: false and true as 0 and 1, dates in days, times in microseconds, money in
// ten-thousandths.
//
// The spans are ascending and disjoint. Adjacent spans are not joined: [5,5] [6,6] are two
// ids in a list, [5,6] is a range, and they lead to different requests.
type set struct {
	spans []span
	null  bool // whether NULL belongs to it
}

func values(lo, hi int64) set {
	if lo > hi {
		return set{}
	}
	return set{spans: []span{{lo, hi}}}
}

// someValue is every value but NULL; anyValue is NULL too.
func someValue() set { return values(minValue, maxValue) }

func anyValue() set { return set{spans: []span{{minValue, maxValue}}, null: true} }

func onlyNull() set { return set{null: true} }

func (s set) empty() bool { return len(s.spans) == 0 && !s.null }

// hull returns the smallest span that contains all values. ok is false if there are none.
func (s set) hull() (span, bool) {
	if len(s.spans) == 0 {
		return span{}, false
	}
	return span{s.spans[0].lo, s.spans[len(s.spans)-1].hi}, true
}

func union(sets ...set) set {
	var out set
	for _, s := range sets {
		out.spans = append(out.spans, s.spans...)
		out.null = out.null || s.null
	}
	slices.SortFunc(out.spans, func(a, b span) int {
		if a.lo < b.lo {
			return -1
		}
		if a.lo > b.lo {
			return 1
		}
		return 0
	})
	kept := out.spans[:0]
	for _, p := range out.spans {
		if n := len(kept); n > 0 && p.lo <= kept[n-1].hi {
			kept[n-1].hi = max(kept[n-1].hi, p.hi)
			continue
		}
		kept = append(kept, p)
	}
	out.spans = kept
	return out
}

func (s set) intersect(t set) set {
	out := set{null: s.null && t.null}
	for i, j := 0, 0; i < len(s.spans) && j < len(t.spans); {
		a, b := s.spans[i], t.spans[j]
		if lo, hi := max(a.lo, b.lo), min(a.hi, b.hi); lo <= hi {
			out.spans = append(out.spans, span{lo, hi})
		}
		if a.hi < b.hi {
			i++
		} else {
			j++
		}
	}
	return out
}

// complement is every value, and NULL, that is not in s.
func (s set) complement() set {
	out := set{null: !s.null}
	next, open := int64(minValue), true
	for _, p := range s.spans {
		if p.lo > next {
			out.spans = append(out.spans, span{next, p.lo - 1})
		}
		if open = p.hi < maxValue; !open {
			break
		}
		next = p.hi + 1
	}
	if open {
		out.spans = append(out.spans, span{next, maxValue})
	}
	return out
}

// intersection returns the intersection of sets. Many sets, as from NOT IN with a long
// list, are complemented and united, which takes one sort instead of a pass for each.
func intersection(sets []set) set {
	const few = 8
	if len(sets) > few {
		others := make([]set, len(sets))
		for i, s := range sets {
			others[i] = s.complement()
		}
		return union(others...).complement()
	}
	out := anyValue()
	for _, s := range sets {
		out = out.intersect(s)
	}
	return out
}

func (s set) within(t set) bool { return s.intersect(t.complement()).empty() }

// plus returns a + b, or the nearest end of the range on overflow. The ends mean
// "unbounded" and stay as they are.
func plus(a, b int64) int64 {
	switch {
	case a == minValue || a == maxValue:
		return a
	case b > 0 && a > maxValue-b:
		return maxValue
	case b < 0 && a < minValue-b:
		return minValue
	}
	return a + b
}
