package teamuptest

import (
	"fmt"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// The report of invoices has those that pay for the customers' memberships, and of each
// customer the last payment.
var _ = prepare(served{
	report: report.Invoices,
	answers: map[string]report.Answer{
		"customer_memberships": {Column: "~customer membership", Operator: report.OneOf},
		"payment_processors":   {Column: "~processor", Operator: report.OneOf},
		"status":               {Column: "status", Operator: report.Equal},
		"credit_applied":       {Column: "~credit", Operator: report.Equal},
		"discount_applied":     {Column: "~discount", Operator: report.Equal},
		"due_date_timeframe":   {Column: "due_date", Operator: report.AtLeast},
		"paid_at_timeframe":    {Column: "paid_at", Operator: report.AtLeast},
	},
}, []report.Field{
	hiddenField("~customer membership", report.BigInt), hiddenField("~processor", report.BigInt),
	hiddenField("~credit", report.Boolean), hiddenField("~discount", report.Boolean),
}, invoiceRows)

// invoice is what there is to know of one.
type invoice struct {
	id        int64
	kind      string // purchase_type
	items     string
	due       report.Date
	total     Money
	paid      Null[time.Time]
	processor Null[string]
	holding   int64 // 0 for none
}

func invoiceRows(s *Store, of *shape) (rows []*cells) {
	for c := range s.eachCustomer() {
		if c.LastPayment.Valid {
			last := invoice{id: c.ID * 1000, kind: "store", items: "Water bottle", due: report.DateOf(c.LastPaymentAt.V), total: c.LastPayment.V, paid: c.LastPaymentAt}
			rows = append(rows, s.gen.invoice(of, c, last)...)
		}
		for _, h := range s.gen.holdings(c) {
			for _, i := range s.gen.payments(c, h) {
				rows = append(rows, s.gen.invoice(of, c, i)...)
			}
		}
	}
	return rows
}

// payments are the invoices for a membership, none paid after the customer's last payment.
func (g *generator) payments(c *Customer, h holding) (list []invoice) {
	d := g.stream(int(h.ID), streamInvoice)
	n := 1
	if h.kind == "recurring" {
		n += d.n(3)
	}
	today := report.DateOf(g.anchor)
	for k := range n {
		i := invoice{id: h.ID*10 + int64(2*k), kind: "membership", items: h.Membership.Membership.Name.V, due: h.start + report.Date(30*k), total: h.price, processor: h.processor, holding: h.ID}
		if i.due > today+30 {
			break
		}
		at := i.due.Time().Add(time.Duration(d.n(86400)) * time.Second)
		late := c.LastPaymentAt.Valid && at.After(c.LastPaymentAt.V)
		if i.due <= today && !late && !d.chance(80) {
			i.paid = Some(at)
		}
		list = append(list, i)
	}
	return list
}

// invoice fills a row, and perhaps one of a credit note that refunds it.
func (g *generator) invoice(of *shape, c *Customer, i invoice) []*cells {
	d := g.stream(int(i.id), streamInvoice)
	f := of.row(i.id)
	status := "unpaid"
	switch {
	case i.paid.Valid:
		status = "paid"
	case i.due < report.DateOf(g.anchor) && (c.HasFailedPayments.V || d.chance(300)):
		status = "failed"
	}
	confirmed := i.due.Time().Add(-time.Duration(d.n(3*86400)) * time.Second)
	share := func(perMille, hundredths int64) Money {
		if !d.chance(int(perMille)) {
			hundredths = 0
		}
		amount := i.total.Amount / 100 * hundredths
		return Money{amount - amount%i.total.Currency.unit(), i.total.Currency}
	}
	discount, credit, tax := share(80, 10), share(60, 25), share(500, 20)
	g.describeInvoice(f, c, i)
	f.text("status", status)
	f.truth("is_credit_note", Some(false))
	f.date("due_date", Some(i.due))
	f.time("confirmed_at", maybe(&d, 30, confirmed))
	f.time("paid_at", i.paid)
	f.time("updated_at", Some(confirmed.Add(time.Duration(d.n(40*86400))*time.Second)))
	f.money("total_amount", i.total)
	f.money("subtotal_amount", Money{i.total.Amount + discount.Amount - tax.Amount, i.total.Currency})
	f.money("discount_amount", discount)
	f.money("tax_amount", tax)
	f.money("credit_amount", credit)
	f.money("expected_payment_amount", Money{i.total.Amount - credit.Amount, i.total.Currency})
	f.truth("~credit", Some(credit.Amount != 0))
	f.truth("~discount", Some(discount.Amount != 0))
	if discount.Amount != 0 {
		f.text("discount_code.name", "Ten off")
		f.text("discount_code.code", pick(&d, codes))
	}
	g.payInvoice(f, &d, i, status, credit)
	if !i.paid.Valid || !d.chance(40) {
		return []*cells{f.cells}
	}
	back := min(report.DateOf(g.anchor), report.DateOf(i.paid.V)+report.Date(d.n(20)))
	f.money("refund_amount", i.total)
	f.date("refund_date", Some(back))
	return []*cells{f.cells, g.creditNote(of, c, i, back)}
}

// payInvoice fills how an invoice was paid, and with which credit.
func (g *generator) payInvoice(f filler, d *draw, i invoice, status string, credit Money) {
	if credit.Amount != 0 {
		f.add("applied_credits").set("amount.decimal", decimalText(credit))
	} else if !d.chance(100) {
		f.empty("applied_credits")
	}
	if i.paid.Valid {
		f.text("payout", fmt.Sprintf("PO-%d", report.DateOf(i.paid.V)/7))
		charge := f.add("charges")
		charge.time("created_at", i.paid)
		charge.time("confirmed_at", maybe(d, 50, i.paid.V.Add(time.Minute)))
		charge.set("amount.decimal", decimalText(Money{i.total.Amount - credit.Amount, i.total.Currency}))
		charge.text("amount.currency", i.total.Currency.Code)
	} else if status == "unpaid" {
		f.empty("charges")
	}
}

// creditNote returns the row of the credit note that refunds an invoice on a day.
func (g *generator) creditNote(of *shape, c *Customer, i invoice, back report.Date) *cells {
	note := of.row(i.id + 1)
	g.describeInvoice(note, c, i)
	note.text("number", fmt.Sprintf("CN-%d", i.id+1))
	note.text("status", "paid")
	note.truth("is_credit_note", Some(true))
	note.set("refunded_invoice.id", idOf(i.id))
	note.date("due_date", Some(back))
	note.time("updated_at", Some(back.Time()))
	note.money("total_amount", Money{-i.total.Amount, i.total.Currency})
	return note.cells
}

// describeInvoice fills what an invoice and its credit note have in common.
func (g *generator) describeInvoice(f filler, c *Customer, i invoice) {
	f.customer(c)
	f.ref("customer.venue", c.Venue)
	f.text("number", fmt.Sprintf("INV-%d", i.id))
	f.text("purchase_type", i.kind)
	f.text("purchase_items", i.items)
	f.set("payment_processor", textOf(i.processor))
	if i.holding > 0 {
		f.set("~customer membership", idOf(i.holding))
	}
	if i.processor.Valid {
		f.set("~processor", idOf(int64(processorID(i.processor)[0]-'0')))
	}
}

// decimalText is an amount as the report's charges have it: as text.
func decimalText(m Money) value {
	return textOf(Some(string(appendDecimal(nil, m.Amount, m.Currency.Digits))))
}
