package teamuptest

import (
	"slices"
	"strconv"

	"github.com/teamupsql/teamupsql/report"
)

// field is a column of the report, or a part of one, as read from a customer. It
// is one of three: scalar, struct (parts), or list.
type field struct {
	name   string
	prefix string // the name as JSON, with its colon
	scalar func(*Customer, *view) value

	parts []field
	known func(*Customer) bool // of a struct: whether it is not NULL

	list func([]byte, *Customer, *view) []byte // writes the list as JSON
}

// fields contains the report's columns by name.
var fields = completed(indexFields(
	plain("id", func(c *Customer, _ *view) value { return idOf(c.ID) }),
	plain("full_name", func(c *Customer, _ *view) value { return textOf(c.FullName()) }),
	plain("first_name", func(c *Customer, _ *view) value { return textOf(c.FirstName) }),
	plain("last_name", func(c *Customer, _ *view) value { return textOf(c.LastName) }),
	plain("email", func(c *Customer, _ *view) value { return textOf(c.Email) }),
	plain("created_at", func(c *Customer, _ *view) value { return timeOf(c.CreatedAt) }),
	plain("deleted_at", func(c *Customer, _ *view) value { return timeOf(c.DeletedAt) }),
	plain("is_active", func(c *Customer, _ *view) value { return boolOf(c.IsActive) }),
	plain("date_of_birth", func(c *Customer, _ *view) value { return dateOf(c.DateOfBirth) }),
	plain("age", func(c *Customer, w *view) value { return intOf(c.Age(w.ageToday)) }),
	plain("phone_number", func(c *Customer, _ *view) value { return textOf(c.PhoneNumber) }),
	object("address", func(c *Customer) bool { return c.Address.Valid },
		plain("first_line", func(c *Customer, _ *view) value { return textOf(c.Address.V.FirstLine) }),
		plain("second_line", func(c *Customer, _ *view) value { return textOf(c.Address.V.SecondLine) }),
		plain("city", func(c *Customer, _ *view) value { return textOf(c.Address.V.City) }),
		plain("region", func(c *Customer, _ *view) value { return textOf(c.Address.V.Region) }),
		plain("country", func(c *Customer, _ *view) value { return textOf(c.Address.V.Country) }),
		plain("postal_code", func(c *Customer, _ *view) value { return textOf(c.Address.V.PostalCode) })),
	plain("days_until_birthday", func(c *Customer, w *view) value { return intOf(c.DaysUntilBirthday(w.ageToday)) }),
	plain("gender", func(c *Customer, _ *view) value { return textOf(c.Gender) }),
	plain("is_claimed", func(c *Customer, _ *view) value { return boolOf(c.IsClaimed) }),
	plain("is_new", func(c *Customer, _ *view) value { return boolOf(c.IsNew) }),
	plain("is_slipping_away", func(c *Customer, _ *view) value { return boolOf(c.IsSlippingAway) }),
	plain("registration_blocked", func(c *Customer, _ *view) value { return boolOf(c.RegistrationBlocked) }),
	plain("has_failed_payments", func(c *Customer, _ *view) value { return boolOf(c.HasFailedPayments) }),
	plain("has_retry_payments", func(c *Customer, _ *view) value { return boolOf(c.HasRetryPayments) }),
	object("family", func(c *Customer) bool { return c.Family.Valid },
		plain("id", func(c *Customer, _ *view) value { return idOf(c.Family.V.ID) }),
		plain("name", func(c *Customer, _ *view) value { return textOf(c.Family.V.Name) }),
		plain("role", func(c *Customer, _ *view) value { return textOf(c.Family.V.Role) }),
		field{name: "managers", list: appendManagers}),
	reference("venue", func(c *Customer) *Null[Ref] { return &c.Venue }),
	reference("instructor", func(c *Customer) *Null[Ref] { return &c.Instructor }),
	plain("referral_code", func(c *Customer, _ *view) value { return textOf(c.ReferralCode) }),
	plain("thumbnail_url", func(c *Customer, _ *view) value { return textOf(c.ThumbnailURL) }),
	held("active_customer_memberships", func(c *Customer) *Null[[]Membership] { return &c.Active }),
	held("inactive_customer_memberships", func(c *Customer) *Null[[]Membership] { return &c.Inactive }),
	held("on_hold_customer_memberships", func(c *Customer) *Null[[]Membership] { return &c.OnHold }),
	reference("referring_member", func(c *Customer) *Null[Ref] { return &c.ReferringMember }),
	amount("account_credit_balance", func(c *Customer) *Null[Money] { return &c.AccountCredit }),
	plain("last_payment_at", func(c *Customer, _ *view) value { return timeOf(c.LastPaymentAt) }),
	amount("last_payment_amount", func(c *Customer) *Null[Money] { return &c.LastPayment }),
	plain("registered_and_attended_count", func(c *Customer, _ *view) value { return intOf(c.RegisteredAndAttended) }),
	plain("registrations_count", func(c *Customer, _ *view) value { return intOf(c.Registrations) }),
	plain("attendances_count", func(c *Customer, _ *view) value { return intOf(c.Attendances) }),
	plain("late_cancels_count", func(c *Customer, _ *view) value { return intOf(c.LateCancels) }),
	plain("no_shows_count", func(c *Customer, _ *view) value { return intOf(c.NoShows) }),
	object("latest_registration", func(c *Customer) bool { return c.LatestRegistration.Valid },
		plain("id", func(c *Customer, _ *view) value { return idOf(c.LatestRegistration.V.ID) }),
		plain("starts_at", func(c *Customer, _ *view) value { return timeOf(Some(c.LatestRegistration.V.StartsAt)) }),
		plain("name", func(c *Customer, _ *view) value { return textOf(Some(c.LatestRegistration.V.Name)) }),
		plain("type", func(c *Customer, _ *view) value { return textOf(Some(c.LatestRegistration.V.Type)) })),
	object("emergency_contact", func(c *Customer) bool { return c.EmergencyContact.Valid },
		plain("name", func(c *Customer, _ *view) value { return textOf(c.EmergencyContact.V.Name) }),
		plain("relationship", func(c *Customer, _ *view) value { return textOf(c.EmergencyContact.V.Relationship) }),
		plain("phone", func(c *Customer, _ *view) value { return textOf(c.EmergencyContact.V.Phone) })),
	object("lead_source", func(c *Customer) bool { return c.LeadSource.Valid },
		plain("name", func(c *Customer, _ *view) value { return textOf(c.LeadSource.V.Name) })),
	plain("is_lead", func(c *Customer, _ *view) value { return boolOf(c.IsLead) }),
))

// completed adds the columns of the report that the list lacks.
func completed(list map[string]*field) map[string]*field {
	m := map[string]*field{}
	for _, c := range report.Customers.Columns {
		f := complete(list[c.Name], c)
		m[c.Name] = &f
	}
	return m
}

// complete adds the fields of a struct that f lacks, to any depth. Columns without a
// generator are NULL.
func complete(f *field, c report.Field) field {
	isStruct := c.Type.Kind == report.Struct
	switch {
	case f != nil && isStruct == (f.parts != nil):
	case isStruct:
		f = &field{name: c.Name, known: func(*Customer) bool { return false }}
	case c.Type.Kind == report.List:
		f = &field{name: c.Name, list: func(dst []byte, _ *Customer, _ *view) []byte { return append(dst, "null"...) }}
	default:
		f = &field{name: c.Name, scalar: func(*Customer, *view) value { return value{} }}
	}
	if !isStruct {
		return *f
	}
	var parts []field
	for _, p := range c.Type.Fields {
		var part *field
		if i := slices.IndexFunc(f.parts, func(have field) bool { return have.name == p.Name }); i >= 0 {
			part = &f.parts[i]
		}
		parts = append(parts, complete(part, p))
	}
	return object(f.name, f.known, parts...)
}

func indexFields(list ...field) map[string]*field {
	m := make(map[string]*field, len(list))
	for i := range list {
		m[list[i].name] = &list[i]
	}
	return m
}

func plain(name string, read func(*Customer, *view) value) field {
	return field{name: name, scalar: read}
}

func object(name string, known func(*Customer) bool, parts ...field) field {
	for i := range parts {
		parts[i].prefix = `"` + parts[i].name + `":`
	}
	return field{name: name, known: known, parts: parts}
}

func reference(name string, at func(*Customer) *Null[Ref]) field {
	return object(name, func(c *Customer) bool { return at(c).Valid },
		plain("id", func(c *Customer, _ *view) value { return idOf(at(c).V.ID) }),
		plain("name", func(c *Customer, _ *view) value { return textOf(at(c).V.Name) }))
}

func amount(name string, at func(*Customer) *Null[Money]) field {
	return object(name, func(c *Customer) bool { return at(c).Valid },
		plain("decimal", func(c *Customer, _ *view) value { return decimalOf(at(c).V) }),
		plain("string", func(c *Customer, _ *view) value { return textOf(Some(at(c).V.String())) }),
		plain("iso_currency_code", func(c *Customer, _ *view) value { return textOf(Some(at(c).V.Currency.Code)) }),
		plain("currency_symbol", func(c *Customer, _ *view) value { return textOf(Some(at(c).V.Currency.Symbol)) }),
		plain("currency_symbol_position", func(c *Customer, _ *view) value {
			if at(c).V.Currency.After {
				return textOf(Some("after"))
			}
			return textOf(Some("before"))
		}))
}

// String is the amount as a business shows it: £45, £1234.50, 12.00 €.
func (m Money) String() string {
	digits := m.Currency.Digits
	if !m.Currency.After && m.Amount%10_000 == 0 {
		digits = 0
	}
	b := make([]byte, 0, 32)
	if m.Currency.After {
		return string(append(append(appendDecimal(b, m.Amount, digits), ' '), m.Currency.Symbol...))
	}
	if m.Amount < 0 {
		b, m.Amount = append(b, '-'), -m.Amount
	}
	return string(appendDecimal(append(b, m.Currency.Symbol...), m.Amount, digits))
}

func held(name string, at func(*Customer) *Null[[]Membership]) field {
	return field{name: name, list: func(dst []byte, c *Customer, w *view) []byte {
		return appendList(dst, *at(c), func(dst []byte, m Membership) []byte {
			dst = w.append(append(dst, `{"id":`...), idOf(m.ID))
			return append(appendRef(append(dst, `,"membership":`...), m.Membership, w), '}')
		})
	}}
}

func appendManagers(dst []byte, c *Customer, w *view) []byte {
	return appendList(dst, c.Family.V.Managers, func(dst []byte, r Ref) []byte { return appendRef(dst, r, w) })
}

func appendRef(dst []byte, r Ref, w *view) []byte {
	dst = w.append(append(dst, `{"id":`...), idOf(r.ID))
	return append(w.append(append(dst, `,"name":`...), textOf(r.Name)), '}')
}

func appendList[T any](dst []byte, list Null[[]T], item func([]byte, T) []byte) []byte {
	if !list.Valid {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for i, v := range list.V {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = item(dst, v)
	}
	return append(dst, ']')
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
