package teamuptest

import (
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// instructors fills the list of a class, and the instructor that filters look at.
func (f filler) instructors(e class) {
	if !e.instructor.Valid {
		return
	}
	f.set("~instructor", idOf(e.instructor.V.ID))
	item := f.add("instructors")
	item.set("id", idOf(e.instructor.V.ID))
	item.set("name", textOf(e.instructor.V.Name))
}

// class is what there is to know of one.
type class struct {
	id              int64
	starts, updated time.Time
	minutes         int32
	status          string
	offering        Ref
	venue           Null[Ref]
	instructor      Null[Ref]
}

const classesPerDay = 12

var (
	offerings = refs(501, eventNames...)
	hours     = [classesPerDay]int{6, 7, 8, 9, 12, 13, 16, 17, 18, 19, 20, 21}
)

// classes is how many there are: one for each customer, of which the last begin today or
// later.
func (s *Store) classes() int { return s.customers }

// futureClasses is how many of the classes begin today or later.
func (s *Store) futureClasses() int { return min(14, s.classes()/classesPerDay/8) * classesPerDay }

// class computes the class at a position.
func (s *Store) class(p int) class {
	d := s.gen.stream(p, streamClass)
	past := s.classes() - s.futureClasses()
	today := report.DateOf(s.gen.anchor)
	slot := ((p-past)%classesPerDay + classesPerDay) % classesPerDay
	date := today + report.Date((p-past-slot)/classesPerDay)
	e := class{id: 40_000 + 3*int64(p), minutes: pick(&d, []int32{30, 45, 60, 60, 90}), status: "active"}
	e.starts = date.Time().Add(time.Duration(hours[slot])*time.Hour - 30*time.Minute*time.Duration(d.n(2))).In(zone(60 * d.n(2)))
	e.updated = e.starts.Add(-time.Duration(d.n(10*86400)) * time.Second)
	if e.updated.After(s.gen.anchor) {
		e.updated = s.gen.anchor.Add(-time.Duration(d.n(86400)) * time.Second)
	}
	e.offering = pick(&d, offerings)
	e.venue = maybe(&d, 30, venues[p%len(venues)])
	e.instructor = maybe(&d, 50, pick(&d, instructors))
	if d.chance(30) {
		e.status = "cancelled"
	}
	return e
}
