package teamuptest

import (
	"slices"
	"strconv"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// The customers report has the customers that the generator makes up.
var _ = serve(served{
	report: report.Customers, fields: customerFields,
	answers: map[string]report.Answer{"created_at_timeframe": {Column: "created_at", Operator: report.AtLeast}},
	odd: map[string]func(v any) func(row) bool{"active_memberships": func(v any) func(row) bool {
		return func(c row) bool {
			return slices.ContainsFunc(c.Active.V, func(m Membership) bool { return slices.Contains(v.([]int64), m.Membership.ID) })
		}
	}},
	hides:  []hiding{{parameter: report.Customers.Roles.Deleted, column: "deleted_at"}},
	custom: func(g *generator, c row, id int64) value { return g.customField(c.Customer, id) },
	source: func(s *Store) source { return &customerSource{s.gen, s.customers} },
})

// customerSource computes each customer when it is read.
type customerSource struct {
	generator
	count int
}

func (s *customerSource) size() int       { return s.count }
func (s *customerSource) scratch() row    { return row{Customer: &Customer{}} }
func (s *customerSource) clone(c row) row { return row{Customer: c.Customer.clone()} }

func (s *customerSource) read(scratch row, p int) row {
	s.fill(scratch.Customer, p)
	return scratch
}

func (s *customerSource) settle(c row, id int64) {
	c.ID = id
	c.normalise()
}

// remove sets deleted_at, if it is not set.
func (s *customerSource) remove(c row, now time.Time) {
	if !c.DeletedAt.Valid {
		c.DeletedAt = Some(now.UTC())
	}
}

// toggle changes something that a filter or a sort can see.
func (s *customerSource) toggle(d *draw, c row) {
	flip := func(b *Null[bool]) { *b = maybe(d, 100, !b.V) }
	switch d.n(9) {
	case 0:
		flip(&c.IsActive)
	case 1:
		flip(&c.IsClaimed)
	case 2:
		flip(&c.IsNew)
	case 3:
		flip(&c.IsLead)
	case 4:
		c.LastName = maybe(d, 100, oddly(d, lastNames, oddLastNames))
	case 5:
		c.CreatedAt = maybe(d, 50, s.ago(d, 400))
	case 6:
		c.DateOfBirth = maybe(d, 50, report.Date(d.n(18_000)))
	case 7:
		c.DeletedAt = Null[time.Time]{}
	case 8:
		c.Active = Some(slices.Clone(c.Inactive.V))
	}
}

// customFields is how many custom fields a business has: their ids are 1 to 20.
const customFields = 20

// customField is the value of one custom field: by its id a text, a number, a
// boolean or a date.
func (g *generator) customField(c *Customer, id int64) value {
	d := g.stream(int(c.ID), streamCustomField+uint64(id)<<4)
	if d.chance(200) {
		return value{}
	}
	switch n := d.n(5000); id % 4 {
	case 1:
		return textOf(Some(pick(&d, eventNames) + " #" + strconv.Itoa(n)))
	case 2:
		return value{kind: report.BigInt, n: int64(n)}
	case 3:
		return value{kind: report.Boolean, n: int64(n % 2)}
	default:
		return value{kind: report.DateKind, n: int64(12_000 + n)}
	}
}
