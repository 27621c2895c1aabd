package teamuptest

import (
	"strconv"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

const (
	day       = 24 * time.Hour
	dataYears = 8  // the oldest customers, before the anchor
	newDays   = 30 // a customer is new for so long
)

// ago returns a random time in the last days before the anchor, more often a late one, in
// one of the zones. Half of the times are full seconds.
func (g *generator) ago(d *draw, days int) time.Time {
	span := uint64(days) * uint64(day/time.Microsecond)
	back := d.next() % span
	back = back / 1000 * (d.next() % 1000) // a product is small more often than not
	t := g.anchor.Add(-time.Duration(back) * time.Microsecond)
	if d.chance(500) {
		t = t.Truncate(time.Second)
	}
	return t.In(pick(d, zones))
}

// history sets when the customer came and, perhaps, left.
func (g *generator) history(c *Customer, d *draw) {
	c.CreatedAt = maybe(d, 3, g.ago(d, dataYears*365))
	if d.chance(20) {
		c.CreatedAt = Some(pick(d, edges))
	}
	if d.chance(60) {
		c.DeletedAt = Some(g.ago(d, 400))
		if c.CreatedAt.Valid && c.DeletedAt.V.Before(c.CreatedAt.V) {
			c.DeletedAt = Some(c.CreatedAt.V.Add(time.Hour))
		}
	}
	c.LastPaymentAt = maybe(d, 350, g.ago(d, 500))
}

func (g *generator) traits(c *Customer, d *draw) {
	c.IsActive = maybe(d, 10, d.chance(640))
	c.IsClaimed = maybe(d, 10, d.chance(550))
	isNew := c.CreatedAt.Valid && report.DateOf(c.CreatedAt.V.UTC()) >= report.DateOf(g.anchor)-newDays
	c.IsNew = maybe(d, 10, isNew)
	c.IsSlippingAway = maybe(d, 10, d.chance(90))
	c.RegistrationBlocked = maybe(d, 10, d.chance(30))
	c.HasFailedPayments = maybe(d, 10, d.chance(50))
	c.HasRetryPayments = maybe(d, 10, d.chance(20))
	c.IsLead = maybe(d, 10, d.chance(80))
	if c.IsLead.V || d.chance(100) {
		c.LeadSource = maybe(d, 50, LeadSource{maybe(d, 20, pick(d, leadSources))})
	}
}

// familySize neighbours are a family, if they are one at all.
const familySize = 4

func (g *generator) relations(c *Customer, d *draw, position int, managers []Ref) {
	if !d.chance(40) {
		c.Venue = Some(venues[min(d.n(len(venues)), d.n(len(venues)))])
	}
	c.Instructor = maybe(d, 450, pick(d, instructors))
	c.ReferralCode = maybe(d, 850, pick(d, codes))
	if d.chance(300) {
		c.ThumbnailURL = Some("https://images.example.com/c/" + strconv.FormatInt(c.ID, 36) + ".jpg?size=120&v=" + strconv.Itoa(d.n(9)))
	}
	if position > 0 && d.chance(110) {
		c.ReferringMember = Some(g.ref(d.n(position)))
	}
	g.family(c, position, managers)
}

func (g *generator) family(c *Customer, position int, managers []Ref) {
	block := position / familySize
	d := g.stream(block, streamFamily)
	if !d.chance(350) {
		return
	}
	first := block * familySize
	count := min(d.n(3), 2) // a family may lack a manager
	role := "Member"
	if position-first < count {
		role = "Manager"
	}
	f := Family{ID: 5_000 + int64(block), Role: maybe(&d, 20, role)}
	if _, last := g.names(first); last.Valid {
		f.Name = maybe(&d, 30, "The "+last.V+" family")
	}
	if !d.chance(30) {
		if managers == nil {
			managers = []Ref{}
		}
		for i := range count {
			managers = append(managers, g.ref(first+i))
		}
		f.Managers = Some(managers)
	}
	c.Family = Some(f)
}

func (g *generator) money(c *Customer, d *draw) {
	currency := currencies[max(0, d.n(2*len(currencies))-len(currencies))] // the first one mostly
	unit := currency.unit()
	if c.LastPaymentAt.Valid {
		c.LastPayment = maybe(d, 20, Money{int64(d.n(30_000)) * unit, currency})
	}
	var credit int64
	switch k := d.n(100); {
	case k < 12:
		credit = int64(1+d.n(20_000)) * unit
	case k < 14:
		credit = -int64(1+d.n(5_000)) * unit
	}
	c.AccountCredit = maybe(d, 100, Money{credit, currency})
}

// unit is the smallest amount that is shown.
func (c Currency) unit() int64 {
	unit := int64(1)
	for range 4 - c.Digits {
		unit *= 10
	}
	return unit
}

func (g *generator) attendance(c *Customer, d *draw) {
	n := int32(d.n(40) * d.n(12))
	late, missed := n/9, n/13
	c.Registrations = maybe(d, 15, n)
	c.Attendances = maybe(d, 15, n-late-missed)
	c.RegisteredAndAttended = maybe(d, 15, n+n-late-missed)
	c.LateCancels = maybe(d, 15, late)
	c.NoShows = maybe(d, 15, missed)
	if n == 0 {
		return
	}
	r := Registration{ID: 5_000_000_000 + c.ID*3, StartsAt: g.ago(d, 400).Add(time.Duration(d.n(14*24)) * time.Hour), Name: pick(d, eventNames), Type: "event"}
	if d.chance(300) {
		r.Type = "course_session"
	}
	if d.chance(20) {
		r.StartsAt = pick(d, edges)
	}
	c.LatestRegistration = Some(r)
}
