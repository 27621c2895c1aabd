package teamuptest

import (
	"strings"

	"github.com/teamupsql/teamupsql/report"
)

// The report of classes has twelve a day, with as many attendances as the report of those
// has for each.
var _ = prepare(served{
	report: report.Classes,
	answers: map[string]report.Answer{
		"durations":   {Column: "duration_minutes", Operator: report.OneOf},
		"instructors": {Column: "~instructor", Operator: report.OneOf},
		"status":      {Column: "status", Operator: report.Equal},
		"timeframe":   {Column: "starts_at", Operator: report.AtLeast},
	},
	hides: []hiding{{parameter: "include_future", column: "starts_at", future: true}},
}, []report.Field{hiddenField("~instructor", report.BigInt)}, classRows)

func classRows(s *Store, of *shape) (rows []*cells) {
	counts := map[int]map[string]int32{}
	for v := range s.eachVisit() {
		if counts[v.class] == nil {
			counts[v.class] = map[string]int32{}
		}
		counts[v.class][v.status]++
	}
	for p := range s.classes() {
		e := s.class(p)
		f := of.row(e.id)
		f.time("starts_at", Some(e.starts))
		f.time("updated_at", Some(e.updated))
		f.text("status", e.status)
		f.ref("offering_type", Some(e.offering))
		f.ref("venue", e.venue)
		f.instructors(e)
		f.text("start_time", e.starts.Format("15:04"))
		f.set("duration_minutes", intOf(Some(e.minutes)))
		f.text("day_of_week", strings.ToLower(e.starts.Weekday().String()))
		f.set("attendance_count", intOf(Some(counts[p]["attended"])))
		f.set("late_cancel_count", intOf(Some(counts[p]["late cancelled"])))
		f.set("no_show_count", intOf(Some(counts[p]["no show"])))
		rows = append(rows, f.cells)
	}
	return rows
}
