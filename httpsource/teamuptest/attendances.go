package teamuptest

import (
	"slices"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// The report of attendances has the customers' attendances of classes.
var _ = prepare(served{
	report: report.Attendances,
	answers: map[string]report.Answer{
		"attendance_status": {Column: "status", Operator: report.OneOf, Texts: statusTexts()},
		"booking_sources":   {Column: "~source", Operator: report.OneOf},
		"event_types":       {Column: "~event type", Operator: report.OneOf},
		"instructors":       {Column: "~instructor", Operator: report.OneOf},
		"event_timeframe":   {Column: "event.starts_at", Operator: report.AtLeast},
	},
	hides: []hiding{{parameter: "include_future", column: "event.starts_at", future: true}},
}, []report.Field{
	hiddenField("~source", report.Varchar), hiddenField("~event type", report.Varchar), hiddenField("~instructor", report.BigInt),
}, attendanceRows)

func statusTexts() map[string]string {
	p, _ := report.Attendances.Parameter("status")
	return p.Answers.Texts
}

var sourceNames = []string{"Website", "App", "Front desk"}

func attendanceRows(s *Store, of *shape) (rows []*cells) {
	for v := range s.eachVisit() {
		e := s.class(v.class)
		f := of.row(v.id)
		f.customer(v.customer)
		f.set("customer.thumbnail_url", textOf(v.customer.ThumbnailURL))
		f.set("event.id", idOf(e.id))
		f.time("event.starts_at", Some(e.starts))
		f.time("event.ends_at", Some(e.starts.Add(time.Duration(e.minutes)*time.Minute)))
		f.set("event.name", textOf(e.offering.Name))
		f.ref("offering_type", Some(e.offering))
		f.ref("venue", e.venue)
		f.instructors(e)
		f.text("status", v.status)
		f.text("booking_method", v.method)
		if v.membership.ID > 0 {
			f.set("customer_membership.id", idOf(v.membership.ID))
			f.ref("customer_membership.membership", Some(v.membership.Membership))
		}
		f.set("booking_source", textOf(v.source))
		f.time("checkin.ocurred_at", v.checkin)
		f.truth("is_first_attendance", v.first)
		f.time("updated_at", Some(v.updated))
		f.text("~source", sourceID(v.source))
		f.text("~event type", "class")
		rows = append(rows, f.cells)
	}
	return rows
}

// sourceID is a booking source as the parameter booking_sources names it.
func sourceID(name Null[string]) string {
	if i := slices.Index(sourceNames, name.V); name.Valid && i >= 0 {
		return string(rune('1' + i))
	}
	return "none"
}

// visit is an attendance of a class.
type visit struct {
	id             int64
	customer       *Customer // until the next visit
	class          int       // its position
	status, method string
	membership     Membership
	source         Null[string]
	checkin        Null[time.Time]
	first          Null[bool]
	updated        time.Time
}

// maxVisits is how many attendances a customer has. Customers with more registrations
// than that have only the latest.
const maxVisits = 9

// eachVisit are the attendances of the customers that there are at the start.
func (s *Store) eachVisit() func(yield func(visit) bool) {
	return func(yield func(visit) bool) {
		for c := range s.eachCustomer() {
			for _, v := range s.visits(c) {
				if !yield(v) {
					return
				}
			}
		}
	}
}

// visits are a customer's attendances: of one with few, as many of each status as the
// customers report counts.
func (s *Store) visits(c *Customer) (list []visit) {
	d := s.gen.stream(int(c.ID), streamVisit)
	n := int(c.Attendances.V + c.LateCancels.V + c.NoShows.V)
	whole := n <= maxVisits
	past := s.classes() - s.futureClasses()
	if past == 0 {
		return nil
	}
	since := past
	if c.CreatedAt.Valid {
		since = min(since, classesPerDay*max(3, int(report.DateOf(s.gen.anchor)-report.DateOf(c.CreatedAt.V))))
	}
	for k := range min(n, maxVisits) {
		v := visit{id: c.ID*100 + int64(k), customer: c, status: "attended", method: "free", class: past - 1 - d.n(since), first: maybe(&d, 20, false)}
		switch {
		case whole && k >= int(c.Attendances.V+c.LateCancels.V), !whole && d.chance(60):
			v.status = "no show"
		case whole && k >= int(c.Attendances.V), !whole && d.chance(80):
			v.status = "late cancelled"
		case !whole && s.futureClasses() > 0 && d.chance(50):
			v.status, v.class = "registered", past+d.n(s.futureClasses())
		}
		switch held := c.Active.V; {
		case len(held) > 0 && !d.chance(100):
			v.method, v.membership = "membership", pick(&d, held)
		case d.chance(700):
			v.method = "drop-in"
		}
		e := s.class(v.class)
		for ; e.status == "cancelled" && v.class > 0; e = s.class(v.class) {
			v.class--
		}
		v.source = maybe(&d, 100, pick(&d, sourceNames))
		v.updated = e.updated
		if v.status == "attended" {
			v.checkin = maybe(&d, 50, e.starts.Add(-time.Duration(d.n(900))*time.Second))
			v.updated = e.starts.Add(time.Duration(d.n(7200)) * time.Second)
		}
		list = append(list, v)
	}
	if whole {
		s.markFirst(list)
	}
	return list
}

// markFirst sets first for the earliest class that the customer attended, unless it is unknown.
func (s *Store) markFirst(list []visit) {
	first := -1
	for i, v := range list {
		if v.status == "attended" && (first < 0 || s.class(v.class).starts.Before(s.class(list[first].class).starts)) {
			first = i
		}
	}
	if first >= 0 && list[first].first.Valid {
		list[first].first.V = true
	}
}
