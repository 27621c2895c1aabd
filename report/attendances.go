package report

import "slices"

// Attendances is the report of customers' attendances of events, as TeamUp documents
// it.
var Attendances = must(Report{
	Name: "attendances", Row: "attendance", Function: "teamup_attendances", Path: "/reports/attendances/data",
	Columns: attendanceColumns, Parameters: attendanceParameters, Key: "id",
	Roles:  rolesWith(Roles{}),
	Filled: []string{"id", "updated_at"},
})

var attendanceColumns = []Field{
	col("id", BigInt, "Unique identifier of the attendance"),
	col("updated_at", TimestampTZ, "When the attendance was last changed"),
	record("customer", "The customer",
		part("id", BigInt, "Identifier of the customer", "customer.id", "customer_id"),
		part("name", Varchar, "Name of the customer", "customer.name", "customer_name"),
		part("email", Varchar, "Email address of the customer", "customer.email", "customer_email"),
		part("thumbnail_url", Varchar, "Address of the customer's thumbnail image", "customer.thumbnail_url", "customer_thumbnail_url")),
	record("event", "The class or appointment",
		part("id", BigInt, "Identifier of the event", "event.id", "event_id"),
		part("starts_at", TimestampTZ, "When the event starts", "event.starts_at", "event_starts_at"),
		part("ends_at", TimestampTZ, "When the event ends", "event.ends_at", "event_ends_at"),
		part("name", Varchar, "Name of the event", "event.name", "event_name")),
	record("offering_type", "What is offered",
		part("id", BigInt, "Identifier of the offering type", "offering_type.id", "offering_type_id"),
		part("name", Varchar, "Name of the offering type", "offering_type.name", "offering_type_name")),
	record("venue", "Where the event takes place",
		part("id", BigInt, "Identifier of the venue", "venue.id", "venue_id"),
		part("name", Varchar, "Name of the venue", "venue.name", "venue_name")),
	{Name: "instructors", Type: listOf(reference()), Keys: []string{"instructors"}, Doc: "The event's instructors"},
	col("booking_method", Varchar, "membership, drop-in or free"),
	record("customer_membership", "The customer's membership by which the event was booked",
		part("id", BigInt, "Identifier of the customer's membership", "customer_membership.id", "customer_membership_id"),
		within("membership", "The membership", []string{"customer_membership.membership"},
			part("id", BigInt, "Identifier of the membership", "customer_membership.membership.id", "membership_id"),
			part("name", Varchar, "Name of the membership", "customer_membership.membership.name", "membership_name"))),
	col("booking_source", Varchar, "Where the booking was made"),
	col("status", Varchar, "attended, registered, no show or late cancelled"),
	record("checkin", "The check-in",
		// The name is misspelt in TeamUp's documentation, so it is here.
		part("ocurred_at", TimestampTZ, "When the customer checked in", "checkin.ocurred_at", "checkin_ocurred_at")),
	col("is_first_attendance", Boolean, "Whether it is the customer's first attendance"),
}

// statusTexts are statuses that the report spells in another way than the parameters.
var statusTexts = map[string]string{"no_show": "no show", "late_cancelled": "late cancelled"}

var attendanceParameters = slices.Concat(engineParameters,
	[]Parameter{
		above("attendances"),
		idList("customers", "customer.id", "Only attendances of these customers"),
		idList("customer_memberships", "customer_membership.id", "Only attendances booked by these memberships of customers"),
		idList("memberships", "customer_membership.membership.id", "Only attendances booked by these memberships"),
		idList("offering_types", "offering_type.id", "Only attendances of events of these offering types"),
		idList("venues", "venue.id", "Only attendances of events at these venues"),
		wordList("status", "any of attended, registered, no_show, late_cancelled", "Only attendances with one of these statuses",
			Answer{Column: "status", Texts: statusTexts}, "attended", "registered", "no_show", "late_cancelled"),
		wordList("attendance_status", "any of attended, registered, no_show, late_cancelled", "Only attendances with one of these statuses; TeamUp documents it besides status",
			Answer{}, "attended", "registered", "no_show", "late_cancelled"),
		wordList("booking_methods", "any of membership, dropin, free", "Only attendances booked in one of these ways",
			Answer{Column: "booking_method", Texts: map[string]string{"dropin": "drop-in"}}, "membership", "dropin", "free"),
		wordList("booking_sources", "ids of booking sources, or none", "Only attendances booked from one of these sources", Answer{}),
		wordList("event_types", "any of appointment, class", "Only attendances of events of these types", Answer{}, "appointment", "class"),
		{Name: "instructors", Type: text, Want: wantText, Doc: "Only attendances of events of these instructors, passed on as given"},
		truth("include_future", "", "Whether to include attendances of future events; the default of the API is false"),
	},
	times("event_start", "Only attendances of events that start", Answer{Column: "event.starts_at", Margin: dateMargin, Reason: dateReason}),
	[]Parameter{timeframe("event_timeframe", "Only attendances of events")},
	times("updated_at", "Only attendances last changed", precisely("updated_at")))
