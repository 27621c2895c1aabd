package pushdown

import (
	"maps"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// withDerived adds the conditions on the base columns that follow from conditions on
// derived columns.
func (r *request) withDerived(sets map[string]set) map[string]set {
	for _, d := range r.query.Report.Derived {
		years, ok := sets[d.Column]
		h, ok2 := years.hull()
		if !ok || !ok2 || years.null || r.now.IsZero() {
			continue
		}
		from := yearsAgo(r.now, h, int64(d.Margin))
		if s, ok := sets[d.From]; ok {
			from = from.intersect(s)
		}
		sets = maps.Clone(sets)
		sets[d.From] = from
	}
	return sets
}

// yearsAgo returns the dates since which between h.lo and h.hi complete years have passed,
// with a margin in days on each side. The margin covers the unknown time zone of the report
// and its treatment of 29 February.
func yearsAgo(now time.Time, h span, margin int64) set {
	const oldest = 1500 // in years; larger bounds are ignored
	from, to := int64(minValue), int64(maxValue)
	ago := func(years int64) int64 {
		return int64(report.DateOf(now.UTC().AddDate(-int(years), 0, 0)))
	}
	if h.hi < oldest {
		from = ago(max(h.hi, -oldest)+1) - margin
	}
	if h.lo > -oldest {
		to = ago(min(h.lo, oldest)) + margin
	}
	return values(from, to)
}
