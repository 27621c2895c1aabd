package pushdown

import (
	"maps"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// withDerived adds what derived columns say about those that they are derived from.
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

// yearsAgo is the range of dates since which h.lo to h.hi whole years have passed,
// widened by a margin in days on each side: the zone in which a report counts years need
// not be known, nor what it does on 29 February.
func yearsAgo(now time.Time, h span, margin int64) set {
	const oldest = 1500 // in years; beyond that a bound says nothing
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
