package teamuptest

import (
	"strconv"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// generator computes customers from a seed and their position. The same seed and position
// always give the same customer.
type generator struct {
	seed   uint64
	anchor time.Time // the current time of the data: no customer is created later
}

// draw is a stream of random numbers (splitmix64, which needs no set-up).
type draw uint64

func (d *draw) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	return mix(uint64(*d))
}

// n is a number from 0 to n-1.
func (d *draw) n(n int) int { return int(d.next() >> 33 % uint64(n)) }

// chance is true in so many of a thousand cases.
func (d *draw) chance(perMille int) bool { return d.n(1000) < perMille }

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// The streams of a customer: names are drawn apart, since relatives show them too.
const (
	streamCustomer = iota + 1
	streamName
	streamFamily
	streamOrder
	streamCustomField
	streamHolding
	streamInvoice
	streamVisit
	streamClass
)

func (g *generator) stream(position int, stream uint64) draw {
	return draw(mix(g.seed ^ mix(uint64(position)<<16|stream)))
}

// idGap is the mean distance of neighbouring ids.
const idGap = 7

// id grows with the position, with gaps.
func (g *generator) id(position int) int64 {
	return 100_000 + idGap*int64(position) + int64(mix(g.seed^uint64(position))%idGap)
}

// position finds the customer of an id; ok is false for the ids in the gaps.
func (g *generator) position(id int64) (p int, ok bool) {
	p = int((id - 100_000) / idGap)
	return p, id >= 100_000 && g.id(p) == id
}

func pick[T any](d *draw, list []T) T { return list[d.n(len(list))] }

// maybe is NULL in so many of a thousand cases.
func maybe[T any](d *draw, perMille int, v T) Null[T] {
	if d.chance(perMille) {
		return Null[T]{}
	}
	return Some(v)
}

func oddly(d *draw, usual, odd []string) string {
	if d.chance(120) {
		return pick(d, odd)
	}
	return pick(d, usual)
}

func (g *generator) names(position int) (first, last Null[string]) {
	d := g.stream(position, streamName)
	first = maybe(&d, 8, oddly(&d, firstNames, oddFirstNames))
	last = maybe(&d, 20, oddly(&d, lastNames, oddLastNames))
	if !first.Valid && d.chance(500) {
		last = Null[string]{}
	}
	return first, last
}

func (g *generator) ref(position int) Ref {
	var c Customer
	c.FirstName, c.LastName = g.names(position)
	return Ref{g.id(position), c.FullName()}
}

// fill computes the customer at a position into c, whose lists it reuses.
func (g *generator) fill(c *Customer, position int) {
	d := g.stream(position, streamCustomer)
	active, inactive, onHold := c.Active.V[:0], c.Inactive.V[:0], c.OnHold.V[:0]
	managers := c.Family.V.Managers.V[:0]
	*c = Customer{ID: g.id(position)}
	c.FirstName, c.LastName = g.names(position)
	g.person(c, &d, position)
	g.history(c, &d)
	g.traits(c, &d)
	g.relations(c, &d, position, managers)
	c.Active = holdings(&d, active, c.ID, 1, 350)
	c.Inactive = holdings(&d, inactive, c.ID, 2, 300)
	c.OnHold = holdings(&d, onHold, c.ID, 3, 900)
	g.money(c, &d)
	g.attendance(c, &d)
}

func (g *generator) person(c *Customer, d *draw, position int) {
	email := append(make([]byte, 0, 40), pick(d, asciiNames)...)
	email = strconv.AppendInt(append(email, '.'), int64(position), 10)
	email = append(append(email, '@'), mailHosts[max(0, d.n(40)-40+len(mailHosts))]...)
	c.Email = maybe(d, 60, string(email))
	phone := strconv.AppendInt(append(make([]byte, 0, 16), "+4477"...), int64(10_000_000+d.n(89_999_999)), 10)
	c.PhoneNumber = maybe(d, 150, string(phone))
	c.Gender = maybe(d, 250, genders[d.n(9)%len(genders)])
	if c.DateOfBirth = maybe(d, 120, report.DateOf(g.anchor)-report.Date(6*365+d.n(80*365))); d.chance(8) {
		c.DateOfBirth = Some(leapDays[d.n(len(leapDays))])
	}
	if !d.chance(200) {
		c.Address = Some(Address{
			FirstLine:  maybe(d, 20, strconv.Itoa(1+d.n(300))+" "+pick(d, streets)),
			SecondLine: maybe(d, 700, "Flat "+strconv.Itoa(1+d.n(60))),
			City:       maybe(d, 20, pick(d, cities)),
			Region:     maybe(d, 300, pick(d, regions)),
			Country:    maybe(d, 20, pick(d, countries)),
			PostalCode: maybe(d, 40, strconv.Itoa(100000 + d.n(900000))[1:]), // may begin with 0
		})
	}
	if d.chance(700) {
		c.EmergencyContact = Some(EmergencyContact{
			Name:         maybe(d, 50, oddly(d, firstNames, oddFirstNames)),
			Relationship: maybe(d, 200, pick(d, relations)),
			Phone:        maybe(d, 100, "+49 "+strconv.Itoa(100000+d.n(899999))),
		})
	}
}

var leapDays = []report.Date{leapDay(1960), leapDay(1988), leapDay(1996), leapDay(2000), leapDay(2004), leapDay(2012)}

func leapDay(year int) report.Date {
	return report.DateOf(time.Date(year, time.February, 29, 0, 0, 0, 0, time.UTC))
}

// holdings returns no memberships in none of a thousand cases, and NULL in a few.
func holdings(d *draw, list []Membership, owner int64, kind int64, none int) Null[[]Membership] {
	if d.chance(10) {
		return Null[[]Membership]{}
	}
	if list == nil {
		list = []Membership{}
	}
	if d.chance(none) {
		return Some(list)
	}
	for i := range int64(1 + d.n(6)*d.n(6)/8) {
		list = append(list, Membership{owner*100 + kind*20 + i, pick(d, memberships)})
	}
	return Some(list)
}
