package report

// columns is the report as the vendor documents it: its 41 columns in their
// order. Everything else (SQL types, Arrow schema, the values of the columns
// parameter, documentation) is derived from here.
var columns = []Field{
	col("id", BigInt, "Unique identifier of the customer"),
	col("full_name", Varchar, "Full name"),
	col("first_name", Varchar, "First name"),
	col("last_name", Varchar, "Last name"),
	col("email", Varchar, "Email address"),
	col("created_at", TimestampTZ, "When the customer was created"),
	col("deleted_at", TimestampTZ, "When the customer was deleted; such rows come only with include_deleted := true"),
	col("is_active", Boolean, "Whether the customer is active"),
	col("date_of_birth", DateKind, "Date of birth"),
	col("age", Integer, "Age in years"),
	col("phone_number", Varchar, "Phone number"),
	record("address", "Postal address",
		part("first_line", Varchar, "First line"),
		part("second_line", Varchar, "Second line"),
		part("city", Varchar, "City"),
		part("region", Varchar, "Region"),
		part("country", Varchar, "Country"),
		part("postal_code", Varchar, "Postal code")),
	col("days_until_birthday", Integer, "Days until the next birthday"),
	col("gender", Varchar, "Gender"),
	col("is_claimed", Boolean, "Whether the customer has claimed the account"),
	col("is_new", Boolean, "Whether the customer is new"),
	col("is_slipping_away", Boolean, "Whether the customer is considered to be slipping away"),
	col("registration_blocked", Boolean, "Whether the customer is blocked from registration"),
	col("has_failed_payments", Boolean, "Whether the customer has failed payments"),
	col("has_retry_payments", Boolean, "Whether the customer has payments in retry"),
	record("family", "The customer's family",
		part("id", BigInt, "Identifier of the family", "family.id", "family_id"),
		part("name", Varchar, "Name of the family", "family.name", "family_name"),
		part("role", Varchar, "The customer's role in the family, for example Manager or Member", "family.role", "family_role"),
		Field{Name: "managers", Type: listOf(reference()), Keys: []string{"family.managers", "family_managers"}, Doc: "The family's managers"}),
	record("venue", "The customer's venue",
		part("id", BigInt, "Identifier of the venue", "venue.id", "venue_id"),
		part("name", Varchar, "Name of the venue", "venue.name", "venue_name")),
	record("instructor", "The customer's instructor",
		part("id", BigInt, "Identifier of the instructor", "instructor.id", "instructor_id"),
		part("name", Varchar, "Name of the instructor", "instructor.name", "instructor_name")),
	col("referral_code", Varchar, "Referral code that the customer used"),
	col("thumbnail_url", Varchar, "Address of the customer's thumbnail image"),
	memberships("active_customer_memberships", "Memberships that are active"),
	memberships("inactive_customer_memberships", "Memberships that are inactive"),
	memberships("on_hold_customer_memberships", "Memberships that are on hold"),
	record("referring_member", "The member who referred the customer",
		part("id", BigInt, "Identifier of the referring member", "referring_member.id", "referring_member_id"),
		// The alias is misspelt in the vendor's documentation, so it is here.
		part("name", Varchar, "Name of the referring member", "referring_member.name", "referrering_member_name")),
	money("account_credit_balance", "Balance of the account credit"),
	col("last_payment_at", TimestampTZ, "When the last payment was made"),
	money("last_payment_amount", "Amount of the last payment"),
	col("registered_and_attended_count", Integer, "Number of events where the customer registered or attended"),
	col("registrations_count", Integer, "Number of events where the customer registered"),
	col("attendances_count", Integer, "Number of events where the customer attended"),
	col("late_cancels_count", Integer, "Number of events that the customer cancelled late"),
	col("no_shows_count", Integer, "Number of events where the customer did not show up"),
	record("latest_registration", "The latest registration or attendance",
		part("id", BigInt, "Identifier of the registration"),
		part("starts_at", TimestampTZ, "When the event starts"),
		part("name", Varchar, "Name of the event"),
		part("type", Varchar, "event or course_session")),
	record("emergency_contact", "Whom to call in an emergency",
		part("name", Varchar, "Name of the contact", "emergency_contact.name", "emergency_contact_name"),
		part("relationship", Varchar, "The contact's relationship to the customer", "emergency_contact.relationship", "emergency_contact_relationship"),
		part("phone", Varchar, "The contact's phone number", "emergency_contact.phone", "emergency_contact_phone")),
	record("lead_source", "Where the lead came from",
		part("name", Varchar, "Name of the lead source", "lead_source.name")),
	col("is_lead", Boolean, "Whether the customer is a lead"),
}

// ColumnID names the column that identifies a customer; paging is checked by it.
const ColumnID = "id"

// Columns returns the columns of the report in their documented order. The slice
// is the caller's own; what the fields point to is shared and must not be changed.
func Columns() []Field { return append([]Field(nil), columns...) }

// Column finds a column by its exact name.
func Column(name string) (Field, bool) {
	i, ok := columnIndex[name]
	if !ok {
		return Field{}, false
	}
	return columns[i], true
}

// Keys returns every value that the columns parameter takes, in documented order:
// each column's name and, after it, the keys of its parts.
func Keys() []string { return append([]string(nil), keys...) }

var (
	columnIndex = indexColumns()
	keys        = listKeys()
	keyOrder    = placesOf(keys)
)

func indexColumns() map[string]int {
	m := make(map[string]int, len(columns))
	for i, c := range columns {
		m[c.Name] = i
	}
	return m
}

func listKeys() []string {
	var all []string
	for _, c := range columns {
		all = append(all, c.Keys...)
		for _, f := range c.Type.Fields {
			all = append(all, f.Keys...)
		}
	}
	return all
}

// placesOf says where each key stands in the documented order.
func placesOf(list []string) map[string]int {
	m := make(map[string]int, len(list))
	for i, s := range list {
		m[s] = i
	}
	return m
}

func col(name string, k Kind, doc string) Field {
	return Field{Name: name, Type: Type{Kind: k}, Keys: []string{name}, Doc: doc}
}

func part(name string, k Kind, doc string, keys ...string) Field {
	return Field{Name: name, Type: Type{Kind: k}, Keys: keys, Doc: doc}
}

func record(name, doc string, fields ...Field) Field {
	return Field{Name: name, Type: Type{Kind: Struct, Fields: fields}, Keys: []string{name}, Doc: doc}
}

func listOf(t Type) Type { return Type{Kind: List, Elem: &t} }

// reference is the shape in which the report names another object.
func reference() Type {
	return Type{Kind: Struct, Fields: []Field{
		part("id", BigInt, "Identifier"),
		part("name", Varchar, "Name"),
	}}
}

func memberships(name, doc string) Field {
	return Field{Name: name, Keys: []string{name}, Doc: doc, Type: listOf(Type{Kind: Struct, Fields: []Field{
		part("id", BigInt, "Identifier of the customer's membership"),
		{Name: "membership", Type: reference(), Doc: "The membership"},
	}})}
}

func money(name, doc string) Field {
	return record(name, doc,
		part("decimal", Decimal, "The amount"),
		part("string", Varchar, "The amount as the business shows it, for example £45"),
		part("iso_currency_code", Varchar, "Currency, for example gbp"),
		part("currency_symbol", Varchar, "Symbol of the currency, for example £"),
		part("currency_symbol_position", Varchar, "before or after"))
}
