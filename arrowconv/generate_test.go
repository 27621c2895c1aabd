package arrowconv_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// fullPage is an answer with that many customers and all 41 columns, shaped like
// the report's: some 1.6 KB a row, NULLs where there is nothing to say, text
// outside ASCII and escapes here and there. It is the same at every call.
func fullPage(rows int) []byte {
	return page(rows, func(row map[string]any) any { return ordered(row) })
}

// narrowPage has four columns of the same customers.
func narrowPage(rows int) []byte {
	return page(rows, func(row map[string]any) any {
		return members{{"id", row["id"]}, {"email", row["email"]}, {"is_active", row["is_active"]}, {"created_at", row["created_at"]}}
	})
}

func page(rows int, shape func(map[string]any) any) []byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	list := make([]any, rows)
	for i := range list {
		list[i] = shape(newCustomer(rnd, int64(i+1)))
	}
	body, err := json.Marshal(members{
		{"total", 50_000}, {"column_headers", headers()}, {"rows", list},
	})
	if err != nil {
		panic(err)
	}
	return body
}

// members is a JSON object whose members keep their order.
type members []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes them compactly, text in UTF-8.
func (m members) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, e := range m {
		if i > 0 {
			out = append(out, ',')
		}
		value, err := json.Marshal(e.value)
		if err != nil {
			return nil, err
		}
		out = append(fmt.Appendf(out, "%q:", e.name), value...)
	}
	return append(out, '}'), nil
}

// ordered puts a customer's values in the report's order.
func ordered(row map[string]any) members {
	var m members
	for _, c := range report.Customers.Columns {
		m = append(m, member{c.Name, row[c.Name]})
	}
	return m
}

func headers() []any {
	var list []any
	for _, c := range report.Customers.Columns {
		list = append(list, members{{"label", c.Doc}, {"key", c.Name}, {"sortable", len(c.Type.Fields) == 0}})
	}
	return list
}

func newCustomer(rnd *rand.Rand, id int64) map[string]any {
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	maybe := func(share float64, v any) any {
		if rnd.Float64() < share {
			return v
		}
		return nil
	}
	at := func() string {
		return time.Unix(1_700_000_000+rnd.Int64N(60_000_000), rnd.Int64N(1_000_000)*1000).UTC().Format("2006-01-02T15:04:05.999999Z07:00")
	}
	money := func() any {
		pence := rnd.IntN(50_000)
		return members{{"decimal", json.Number(fmt.Sprintf("%d.%02d", pence/100, pence%100))}, {"string", fmt.Sprintf("£%d.%02d", pence/100, pence%100)},
			{"iso_currency_code", "gbp"}, {"currency_symbol", "£"}, {"currency_symbol_position", "before"}}
	}
	memberships := func() any {
		list := make([]any, rnd.IntN(3))
		for i := range list {
			list[i] = members{{"id", rnd.IntN(1_000_000)}, {"membership", members{{"id", rnd.IntN(50)}, {"name", pick("Unlimited", "10er Karte", "Off-Peak \"Gold\"", "Probe-Abo für Einsteiger")}}}}
		}
		return list
	}
	person := func() any {
		return members{{"id", rnd.IntN(100_000)}, {"name", pick("Zoë Åkesson", "Li Wei 李伟", "Mary O'Neill", "Sam Smith")}}
	}
	first, last := pick("Anna", "Zoë", "Jürgen", "Mary", "伟", "Sam"), pick("Smith", "Åkesson", "O'Neill", "Müller", "李", "Nakamura")
	flag := func() bool { return rnd.IntN(2) == 0 }
	count := func() int { return rnd.IntN(300) }
	return map[string]any{
		"id": id, "full_name": first + " " + last, "first_name": first, "last_name": last,
		"email": fmt.Sprintf("customer%d@example.com", id), "created_at": at(), "deleted_at": maybe(0.02, at()),
		"is_active": flag(), "date_of_birth": maybe(0.8, fmt.Sprintf("%d-%02d-%02d", 1950+rnd.IntN(60), 1+rnd.IntN(12), 1+rnd.IntN(28))),
		"age": maybe(0.8, rnd.IntN(90)), "phone_number": maybe(0.7, fmt.Sprintf("+44 20 %08d", rnd.IntN(100_000_000))),
		"address": maybe(0.9, members{{"first_line", fmt.Sprintf("%d High Street", count())}, {"second_line", maybe(0.2, "Flat 2")}, {"city", pick("London", "Zürich", "東京")},
			{"region", maybe(0.5, "Greater London")}, {"country", "GB"}, {"postal_code", "SW1A 1AA"}}),
		"days_until_birthday": maybe(0.8, rnd.IntN(366)), "gender": maybe(0.6, pick("female", "male", "other")),
		"is_claimed": flag(), "is_new": flag(), "is_slipping_away": flag(), "registration_blocked": flag(),
		"has_failed_payments": flag(), "has_retry_payments": flag(),
		"family": maybe(0.3, members{{"id", count()}, {"name", last + " family"}, {"role", pick("Manager", "Member")}, {"managers", []any{person()}}}),
		"venue":  maybe(0.95, person()), "instructor": maybe(0.5, person()), "referral_code": maybe(0.2, "FRIEND10"),
		"thumbnail_url":               maybe(0.5, fmt.Sprintf("https://cdn.example.com/customers/%d/thumbnail.jpg?size=256x256", id)),
		"active_customer_memberships": memberships(), "inactive_customer_memberships": memberships(), "on_hold_customer_memberships": []any{},
		"referring_member": maybe(0.1, person()), "account_credit_balance": maybe(0.9, money()),
		"last_payment_at": maybe(0.7, at()), "last_payment_amount": maybe(0.7, money()),
		"registered_and_attended_count": count(), "registrations_count": count(), "attendances_count": count(), "late_cancels_count": count(), "no_shows_count": count(),
		"latest_registration": maybe(0.7, members{{"id", count()}, {"starts_at", at()}, {"name", pick("Yoga Flow", "HIIT & Core", "Pilates für alle")}, {"type", pick("event", "course_session")}}),
		"emergency_contact":   maybe(0.6, members{{"name", pick("Jo", "Kim")}, {"relationship", pick("parent", "partner")}, {"phone", "+44 7700 900000"}}),
		"lead_source":         maybe(0.3, members{{"name", pick("Instagram", "Walk-in")}}), "is_lead": flag(),
	}
}
