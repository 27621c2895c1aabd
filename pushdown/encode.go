package pushdown

import (
	"math"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// encode is what p can carry of s: the value to send, and the rows that then
// arrive. ok is false where that is nothing.
func encode(p report.Parameter, s set, longest uint64) (v any, arrive set, ok bool) {
	h, ok := s.hull()
	if !ok || s.null {
		return nil, set{}, false
	}
	switch p.Answers.Operator {
	case report.Equal:
		return onlyTrue(s), truthSet(onlyTrue(s)), onlyTrue(s) || onlyFalse(s)
	case report.OneOf:
		ids, ok := enumerate(s, longest)
		return ids, s, ok
	case report.Greater:
		return h.lo - 1, values(h.lo, most), h.lo >= 1
	case report.AtLeast:
		v, at, ok := bound(p, plus(h.lo, -slackOf(p)), h.lo > least)
		return v, values(at, most), ok
	case report.AtMost:
		v, at, ok := bound(p, plus(h.hi, slackOf(p)), h.hi < most)
		return v, values(least, at), ok
	}
	return nil, set{}, false
}

// truthSet is what arrives for a boolean parameter. The vendor does not say whether
// NULL counts as false.
func truthSet(b bool) set {
	if b {
		return values(1, 1)
	}
	s := values(0, 0)
	s.null = true
	return s
}

func slackOf(p report.Parameter) int64 {
	if p.Type.Kind == report.TimestampTZ {
		return p.Answers.Slack.Microseconds()
	}
	return int64(p.Answers.Slack / (24 * time.Hour))
}

// enumerate lists ids where a list is cheaper than a scan: those that were named
// one by one, and ranges that fit one request. Ids below 1 cannot be sent.
func enumerate(s set, longest uint64) ([]int64, bool) {
	var count uint64
	named := true
	for _, p := range s.spans {
		if p.lo < 1 || uint64(p.hi)-uint64(p.lo) > longest {
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

// The first and last moments that the report's form can name, see report.Query.
var (
	firstMoment = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	lastMoment  = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
)

// bound is the value of a parameter that is a lower or upper bound, and where it
// lies. A bound beyond what the report can name is moved inwards if it still
// bounds then, and otherwise dropped.
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

// meaning is what a parameter that is set in q says: a set of its column's values.
func meaning(p report.Parameter, q report.Query) (set, bool) {
	text, ok := p.Text(&q)
	if !ok || p.Answers.Column == "" {
		return set{}, false
	}
	switch p.Answers.Operator {
	case report.Equal:
		return truthSet(text == "true"), true
	case report.OneOf:
		var all []set
		for _, id := range q.IDs {
			all = append(all, values(id, id))
		}
		return union(all...), true
	case report.Greater:
		return values(plus(*q.IDGT, 1), most), *q.IDGT < most
	}
	at, ok := moment(p, text)
	if p.Answers.Operator == report.AtLeast {
		return values(at, most), ok
	}
	return values(least, at), ok
}

// moment reads a date or time in documented form.
func moment(p report.Parameter, text string) (int64, bool) {
	if p.Type.Kind == report.DateKind {
		d, err := report.ParseDate(text)
		return int64(d), err == nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	return t.UnixMicro(), err == nil
}

// tighter says whether the value v of p asks for fewer rows than the set old,
// which p has already.
func tighter(p report.Parameter, v any, old set) bool {
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
