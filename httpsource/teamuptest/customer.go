package teamuptest

import (
	"slices"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// Null is a value that may be NULL. Valid reports whether it is not NULL.
type Null[T any] struct {
	V     T
	Valid bool
}

// Some is the value v, not NULL.
func Some[T any](v T) Null[T] { return Null[T]{v, true} }

// Customer is one row of the report before it is written. The zero value has only NULLs.
// Full name, age and days until the birthday are not stored, because they follow from the
// other fields and the clock.
type Customer struct {
	ID                  int64 // set by the [Store], never changed
	FirstName, LastName Null[string]
	Email               Null[string]
	CreatedAt           Null[time.Time] // shown in its own zone, kept to the microsecond
	DeletedAt           Null[time.Time] // if set, only requests with include_deleted return the customer
	DateOfBirth         Null[report.Date]
	PhoneNumber         Null[string]
	Address             Null[Address]
	Gender              Null[string]

	IsActive, IsClaimed, IsNew, IsSlippingAway               Null[bool]
	RegistrationBlocked, HasFailedPayments, HasRetryPayments Null[bool]
	IsLead                                                   Null[bool]

	Family                     Null[Family]
	Venue, Instructor          Null[Ref]
	ReferringMember            Null[Ref]
	ReferralCode, ThumbnailURL Null[string]
	Active, Inactive, OnHold   Null[[]Membership]

	AccountCredit, LastPayment Null[Money]
	LastPaymentAt              Null[time.Time]

	RegisteredAndAttended, Registrations, Attendances Null[int32]
	LateCancels, NoShows                              Null[int32]

	LatestRegistration Null[Registration]
	EmergencyContact   Null[EmergencyContact]
	LeadSource         Null[LeadSource]
}

// Ref names another object of the business.
type Ref struct {
	ID   int64
	Name Null[string]
}

// Address is a postal address.
type Address struct {
	FirstLine, SecondLine, City, Region, Country, PostalCode Null[string]
}

// Family is a customer's family, seen from that customer.
type Family struct {
	ID         int64
	Name, Role Null[string]
	Managers   Null[[]Ref]
}

// Membership is a membership of a customer. ID identifies this membership of this customer.
type Membership struct {
	ID         int64
	Membership Ref
}

// Money is an amount in ten-thousandths of its currency's unit.
type Money struct {
	Amount   int64
	Currency Currency
}

// Currency is how a business writes a currency.
type Currency struct {
	Code, Symbol string
	After        bool // the symbol follows the amount
	Digits       int  // shown after the point, 0 to 4
}

// Registration is the event that a customer registered for last.
type Registration struct {
	ID         int64
	StartsAt   time.Time
	Name, Type string
}

// EmergencyContact is whom to call.
type EmergencyContact struct{ Name, Relationship, Phone Null[string] }

// LeadSource is the origin of a lead.
type LeadSource struct{ Name Null[string] }

// FullName is first and last name, or the one that is known.
func (c *Customer) FullName() Null[string] {
	switch {
	case c.FirstName.Valid && c.LastName.Valid:
		return Some(c.FirstName.V + " " + c.LastName.V)
	case c.FirstName.Valid:
		return c.FirstName
	}
	return c.LastName
}

// Age returns the number of birthdays up to and including the given day. A birthday on 29
// February is on 1 March in other years.
func (c *Customer) Age(today report.Date) Null[int32] {
	if !c.DateOfBirth.Valid {
		return Null[int32]{}
	}
	now, born := today.Time(), c.DateOfBirth.V.Time()
	age := now.Year() - born.Year()
	if birthday(born, now.Year()) > today {
		age--
	}
	return Some(int32(age))
}

// DaysUntilBirthday is 0 on the birthday itself.
func (c *Customer) DaysUntilBirthday(today report.Date) Null[int32] {
	if !c.DateOfBirth.Valid {
		return Null[int32]{}
	}
	now, born := today.Time(), c.DateOfBirth.V.Time()
	next := birthday(born, now.Year())
	if next < today {
		next = birthday(born, now.Year()+1)
	}
	return Some(int32(next - today))
}

// birthday normalises 29 February to 1 March as time.Date does.
func birthday(born time.Time, year int) report.Date {
	return report.DateOf(time.Date(year, born.Month(), born.Day(), 0, 0, 0, 0, time.UTC))
}

// clone copies the lists too, which the generator reuses.
func (c *Customer) clone() *Customer {
	d := *c
	d.Active.V, d.Inactive.V, d.OnHold.V = slices.Clone(c.Active.V), slices.Clone(c.Inactive.V), slices.Clone(c.OnHold.V)
	d.Family.V.Managers.V = slices.Clone(c.Family.V.Managers.V)
	return &d
}

// normalise cuts times to the microsecond, in which the filters compare.
func (c *Customer) normalise() {
	for _, t := range []*time.Time{&c.CreatedAt.V, &c.DeletedAt.V, &c.LastPaymentAt.V, &c.LatestRegistration.V.StartsAt} {
		*t = t.Truncate(time.Microsecond)
	}
}
