package teamuptest

// customerFields reads the columns of a customer that this server has values for.
var customerFields = []field{
	plain("id", func(c row, _ *view) value { return idOf(c.ID) }),
	plain("full_name", func(c row, _ *view) value { return textOf(c.FullName()) }),
	plain("first_name", func(c row, _ *view) value { return textOf(c.FirstName) }),
	plain("last_name", func(c row, _ *view) value { return textOf(c.LastName) }),
	plain("email", func(c row, _ *view) value { return textOf(c.Email) }),
	plain("created_at", func(c row, _ *view) value { return timeOf(c.CreatedAt) }),
	plain("deleted_at", func(c row, _ *view) value { return timeOf(c.DeletedAt) }),
	plain("is_active", func(c row, _ *view) value { return boolOf(c.IsActive) }),
	plain("date_of_birth", func(c row, _ *view) value { return dateOf(c.DateOfBirth) }),
	plain("age", func(c row, w *view) value { return intOf(c.Age(w.ageToday)) }),
	plain("phone_number", func(c row, _ *view) value { return textOf(c.PhoneNumber) }),
	object("address", func(c row) bool { return c.Address.Valid },
		plain("first_line", func(c row, _ *view) value { return textOf(c.Address.V.FirstLine) }),
		plain("second_line", func(c row, _ *view) value { return textOf(c.Address.V.SecondLine) }),
		plain("city", func(c row, _ *view) value { return textOf(c.Address.V.City) }),
		plain("region", func(c row, _ *view) value { return textOf(c.Address.V.Region) }),
		plain("country", func(c row, _ *view) value { return textOf(c.Address.V.Country) }),
		plain("postal_code", func(c row, _ *view) value { return textOf(c.Address.V.PostalCode) })),
	plain("days_until_birthday", func(c row, w *view) value { return intOf(c.DaysUntilBirthday(w.ageToday)) }),
	plain("gender", func(c row, _ *view) value { return textOf(c.Gender) }),
	plain("is_claimed", func(c row, _ *view) value { return boolOf(c.IsClaimed) }),
	plain("is_new", func(c row, _ *view) value { return boolOf(c.IsNew) }),
	plain("is_slipping_away", func(c row, _ *view) value { return boolOf(c.IsSlippingAway) }),
	plain("registration_blocked", func(c row, _ *view) value { return boolOf(c.RegistrationBlocked) }),
	plain("has_failed_payments", func(c row, _ *view) value { return boolOf(c.HasFailedPayments) }),
	plain("has_retry_payments", func(c row, _ *view) value { return boolOf(c.HasRetryPayments) }),
	object("family", func(c row) bool { return c.Family.Valid },
		plain("id", func(c row, _ *view) value { return idOf(c.Family.V.ID) }),
		plain("name", func(c row, _ *view) value { return textOf(c.Family.V.Name) }),
		plain("role", func(c row, _ *view) value { return textOf(c.Family.V.Role) }),
		field{name: "managers", list: appendManagers}),
	reference("venue", func(c row) *Null[Ref] { return &c.Venue }),
	reference("instructor", func(c row) *Null[Ref] { return &c.Instructor }),
	plain("referral_code", func(c row, _ *view) value { return textOf(c.ReferralCode) }),
	plain("thumbnail_url", func(c row, _ *view) value { return textOf(c.ThumbnailURL) }),
	held("active_customer_memberships", func(c row) *Null[[]Membership] { return &c.Active }),
	held("inactive_customer_memberships", func(c row) *Null[[]Membership] { return &c.Inactive }),
	held("on_hold_customer_memberships", func(c row) *Null[[]Membership] { return &c.OnHold }),
	reference("referring_member", func(c row) *Null[Ref] { return &c.ReferringMember }),
	amount("account_credit_balance", func(c row) *Null[Money] { return &c.AccountCredit }),
	plain("last_payment_at", func(c row, _ *view) value { return timeOf(c.LastPaymentAt) }),
	amount("last_payment_amount", func(c row) *Null[Money] { return &c.LastPayment }),
	plain("registered_and_attended_count", func(c row, _ *view) value { return intOf(c.RegisteredAndAttended) }),
	plain("registrations_count", func(c row, _ *view) value { return intOf(c.Registrations) }),
	plain("attendances_count", func(c row, _ *view) value { return intOf(c.Attendances) }),
	plain("late_cancels_count", func(c row, _ *view) value { return intOf(c.LateCancels) }),
	plain("no_shows_count", func(c row, _ *view) value { return intOf(c.NoShows) }),
	object("latest_registration", func(c row) bool { return c.LatestRegistration.Valid },
		plain("id", func(c row, _ *view) value { return idOf(c.LatestRegistration.V.ID) }),
		plain("starts_at", func(c row, _ *view) value { return timeOf(Some(c.LatestRegistration.V.StartsAt)) }),
		plain("name", func(c row, _ *view) value { return textOf(Some(c.LatestRegistration.V.Name)) }),
		plain("type", func(c row, _ *view) value { return textOf(Some(c.LatestRegistration.V.Type)) })),
	object("emergency_contact", func(c row) bool { return c.EmergencyContact.Valid },
		plain("name", func(c row, _ *view) value { return textOf(c.EmergencyContact.V.Name) }),
		plain("relationship", func(c row, _ *view) value { return textOf(c.EmergencyContact.V.Relationship) }),
		plain("phone", func(c row, _ *view) value { return textOf(c.EmergencyContact.V.Phone) })),
	object("lead_source", func(c row) bool { return c.LeadSource.Valid },
		plain("name", func(c row, _ *view) value { return textOf(c.LeadSource.V.Name) })),
	plain("is_lead", func(c row, _ *view) value { return boolOf(c.IsLead) }),
}

func plain(name string, read func(row, *view) value) field { return field{name: name, scalar: read} }

func object(name string, known func(row) bool, parts ...field) field {
	return field{name: name, known: known, parts: parts}
}

func reference(name string, at func(row) *Null[Ref]) field {
	return object(name, func(c row) bool { return at(c).Valid },
		plain("id", func(c row, _ *view) value { return idOf(at(c).V.ID) }),
		plain("name", func(c row, _ *view) value { return textOf(at(c).V.Name) }))
}

func amount(name string, at func(row) *Null[Money]) field {
	f := object(name, func(c row) bool { return at(c).Valid })
	for _, part := range moneyParts {
		f.parts = append(f.parts, plain(part, func(c row, _ *view) value { return moneyPart(part, at(c).V) }))
	}
	return f
}

// moneyParts are the fields of an amount.
var moneyParts = []string{"decimal", "string", "iso_currency_code", "currency_symbol", "currency_symbol_position"}

func moneyPart(name string, m Money) value {
	switch name {
	case "decimal":
		return decimalOf(m)
	case "string":
		return textOf(Some(m.String()))
	case "iso_currency_code":
		return textOf(Some(m.Currency.Code))
	case "currency_symbol":
		return textOf(Some(m.Currency.Symbol))
	}
	if m.Currency.After {
		return textOf(Some("after"))
	}
	return textOf(Some("before"))
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

func held(name string, at func(row) *Null[[]Membership]) field {
	return field{name: name, list: func(dst []byte, c row, w *view) []byte {
		return appendList(dst, *at(c), func(dst []byte, m Membership) []byte {
			dst = w.append(append(dst, `{"id":`...), idOf(m.ID))
			return append(appendRef(append(dst, `,"membership":`...), m.Membership, w), '}')
		})
	}}
}

func appendManagers(dst []byte, c row, w *view) []byte {
	return appendList(dst, c.Family.V.Managers, func(dst []byte, r Ref) []byte { return appendRef(dst, r, w) })
}

func appendRef(dst []byte, r Ref, w *view) []byte {
	dst = w.append(append(dst, `{"id":`...), idOf(r.ID))
	return append(w.append(append(dst, `,"name":`...), textOf(r.Name)), '}')
}
