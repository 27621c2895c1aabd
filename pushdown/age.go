package pushdown

import (
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// withBirthDates adds what an age says about the date of birth.
func (r *request) withBirthDates(sets map[string]set) map[string]set {
	age, ok := sets["age"]
	h, ok2 := age.hull()
	if !ok || !ok2 || age.null || r.now.IsZero() {
		return sets
	}
	born := bornBetween(r.now, h)
	if s, ok := sets["date_of_birth"]; ok {
		born = born.intersect(s)
	}
	out := map[string]set{}
	for path, s := range sets {
		out[path] = s
	}
	out["date_of_birth"] = born
	return out
}

// ageSlack widens birth dates that are derived from an age, in days: the zone in
// which the report counts ages is not published, nor what it does on 29 February.
const ageSlack = 2

// bornBetween is the range of birth dates for ages from h.lo to h.hi.
func bornBetween(now time.Time, h span) set {
	const oldest = 1500 // in years; beyond that a bound says nothing
	from, to := int64(least), int64(most)
	ago := func(years int64) int64 {
		return int64(report.DateOf(now.UTC().AddDate(-int(years), 0, 0)))
	}
	if h.hi < oldest {
		from = ago(max(h.hi, -oldest)+1) - ageSlack
	}
	if h.lo > -oldest {
		to = ago(min(h.lo, oldest)) + ageSlack
	}
	return values(from, to)
}
