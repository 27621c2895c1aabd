package teamuptest

import (
	"slices"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// The report of memberships has those that the lists of the customers name.
var _ = prepare(served{
	report: report.CustomerMemberships,
	answers: map[string]report.Answer{
		"has_active_hold":            {Column: "~on hold", Operator: report.Equal},
		"active_hold_start_date_gte": {Column: "~hold start", Operator: report.AtLeast},
		"active_hold_start_date_lte": {Column: "~hold start", Operator: report.AtMost},
		"active_hold_end_date_gte":   {Column: "~hold end", Operator: report.AtLeast},
		"active_hold_end_date_lte":   {Column: "~hold end", Operator: report.AtMost},
		"has_expiration_date":        {Column: "~expires", Operator: report.Equal},
		"membership_categories":      {Column: "~category", Operator: report.OneOf},
		"payment_processors":         {Column: "~processor", Operator: report.OneOf},
		"cancelled_at_timeframe":     {Column: "cancelled_date", Operator: report.AtLeast},
		"purchased_at_timeframe":     {Column: "purchase_date", Operator: report.AtLeast},
		"downgrade_date_timeframe":   {Column: "downgraded_date", Operator: report.AtLeast},
		"upgrade_date_timeframe":     {Column: "upgraded_date", Operator: report.AtLeast},
		"expiration_date_timeframe":  {Column: "expiration_date", Operator: report.AtLeast},
		"renewal_date_timeframe":     {Column: "renewal_date", Operator: report.AtLeast},
		"start_date_timeframe":       {Column: "start_date", Operator: report.AtLeast},
	},
}, []report.Field{
	hiddenField("~on hold", report.Boolean), hiddenField("~hold start", report.DateKind), hiddenField("~hold end", report.DateKind),
	hiddenField("~expires", report.Boolean), hiddenField("~category", report.BigInt), hiddenField("~processor", report.Varchar),
}, membershipRows)

func hiddenField(name string, kind report.Kind) report.Field {
	return report.Field{Name: name, Type: report.Type{Kind: kind}}
}

func membershipRows(s *Store, of *shape) (rows []*cells) {
	for c := range s.eachCustomer() {
		for i, h := range s.gen.holdings(c) {
			f := of.row(h.ID)
			f.time("updated_at", Some(h.updated))
			f.customer(c)
			f.ref("customer.venue", c.Venue)
			if c.Active.Valid {
				f.empty("other_active")
			}
			for _, o := range c.Active.V {
				if o.ID != h.ID {
					item := f.add("other_active")
					item.set("id", idOf(o.ID))
					item.ref("membership", Some(o.Membership))
				}
			}
			f.ref("membership", Some(h.Membership.Membership))
			f.text("type", h.kind)
			f.text("status", h.status)
			f.date("purchase_date", h.purchased)
			f.date("start_date", Some(h.start))
			f.date("expiration_date", h.expires)
			f.date("renewal_date", h.renews)
			if h.ended.Valid {
				f.date(h.status+"_date", h.ended)
			}
			f.time("completed_at", h.completed)
			f.truth("has_custom_limits", h.limits)
			f.truth("is_first_membership", Some(i == 0))
			f.money("billed_price", h.price)
			f.set("payment_processor", textOf(h.processor))
			f.set("cancellation_reason", textOf(h.reason))
			onHold := h.status == "hold"
			f.truth("~on hold", Some(onHold))
			f.truth("~expires", Some(h.expires.Valid))
			f.set("~category", idOf(h.Membership.Membership.ID%4+1))
			f.text("~processor", processorID(h.processor))
			if onHold {
				f.date("~hold start", Some(report.DateOf(h.updated)))
				f.date("~hold end", Some(report.DateOf(h.updated)+30))
			}
			rows = append(rows, f.cells)
		}
	}
	return rows
}

// holding is what there is to know of a membership that a customer has.
type holding struct {
	Membership
	kind, status                      string
	purchased, expires, renews, ended Null[report.Date]
	start                             report.Date
	updated                           time.Time
	completed                         Null[time.Time]
	limits                            Null[bool]
	price                             Money
	processor, reason                 Null[string]
}

var (
	processors = []string{"Stripe", "GoCardless", "Cash desk"}
	reasons    = []string{"Moved away", "Too expensive", "Injury", "No time", "Prefers \"outdoor\", says so"}
	ends       = []string{"cancelled", "cancelled", "cancelled", "completed", "completed", "upgraded", "downgraded"}
)

// processorID is a payment processor as the parameter payment_processors names it.
func processorID(name Null[string]) string {
	if i := slices.Index(processors, name.V); name.Valid && i >= 0 {
		return string(rune('1' + i))
	}
	return "none"
}

// holdings are a customer's memberships in ascending order of their ids.
func (g *generator) holdings(c *Customer) []holding {
	var list []holding
	for _, m := range c.Active.V {
		list = append(list, g.holding(c, m, "active"))
	}
	for _, m := range c.Inactive.V {
		list = append(list, g.holding(c, m, ""))
	}
	for _, m := range c.OnHold.V {
		list = append(list, g.holding(c, m, "hold"))
	}
	return list
}

// holding computes a membership; status is "" for one that has ended.
func (g *generator) holding(c *Customer, m Membership, status string) holding {
	d := g.stream(int(m.ID), streamHolding)
	at := slices.IndexFunc(memberships, func(r Ref) bool { return r.ID == m.Membership.ID })
	today := report.DateOf(g.anchor)
	h := holding{Membership: m, kind: []string{"recurring", "pack", "recurring", "prepaid"}[at%4], status: status, price: price(c, int64(2000+750*at))}
	since := today - 3*365
	if c.CreatedAt.Valid {
		since = max(since, report.DateOf(c.CreatedAt.V))
	}
	h.start = since + report.Date(d.n(int(max(1, today-since))))
	h.purchased = maybe(&d, 10, h.start-report.Date(d.n(5)))
	if h.kind != "recurring" || d.chance(200) {
		h.expires = Some(h.start + report.Date(30+d.n(500)))
		if status == "active" {
			h.expires = Some(max(h.expires.V, today+report.Date(d.n(90))))
		}
	}
	if h.kind == "recurring" && status == "active" {
		h.renews = maybe(&d, 20, today+report.Date(1+d.n(31)))
	}
	h.updated = g.ago(&d, 200)
	h.limits = maybe(&d, 20, d.chance(80))
	h.processor = maybe(&d, 150, pick(&d, processors))
	if status != "" {
		return h
	}
	h.status = pick(&d, ends)
	end := h.start + report.Date(d.n(int(today-h.start)+1))
	h.expires = Null[report.Date]{}
	switch h.status {
	case "completed":
		h.expires, h.completed = Some(end), Some(end.Time().Add(time.Duration(d.n(86400))*time.Second))
	case "cancelled":
		h.reason = maybe(&d, 300, pick(&d, reasons))
		fallthrough
	default:
		h.ended = Some(end)
	}
	return h
}

// price is an amount in hundredths, or in what the customer's currency has instead.
func price(c *Customer, hundredths int64) Money {
	currency := currencies[0]
	switch {
	case c.LastPayment.Valid:
		currency = c.LastPayment.V.Currency
	case c.AccountCredit.Valid:
		currency = c.AccountCredit.V.Currency
	}
	return Money{hundredths * currency.unit(), currency}
}

// eachCustomer are the customers that there are at the start; each until the next.
func (s *Store) eachCustomer() func(yield func(*Customer) bool) {
	return func(yield func(*Customer) bool) {
		var c Customer
		for p := range s.customers {
			s.gen.fill(&c, p)
			if !yield(&c) {
				return
			}
		}
	}
}
