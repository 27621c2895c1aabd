package report

import "slices"

// Invoices is the report of invoices, as TeamUp documents it, without legacy_mapping,
// an object whose fields are not documented.
var Invoices = must(Report{
	Name: "invoices", Row: "invoice", Function: "teamup_invoices", Path: "/reports/invoices/data",
	Columns: invoiceColumns, Parameters: invoiceParameters, Key: "id",
	Roles:  rolesWith(Roles{}),
	Filled: []string{"id", "updated_at"},
})

var invoiceColumns = []Field{
	col("id", BigInt, "Unique identifier of the invoice"),
	col("due_date", DateKind, "When the invoice is due"),
	col("confirmed_at", TimestampTZ, "When the invoice was confirmed"),
	col("paid_at", TimestampTZ, "When the invoice was paid"),
	col("status", Varchar, "Status; TeamUp does not document its values"),
	col("is_credit_note", Boolean, "Whether the invoice is a credit note"),
	record("refunded_invoice", "The invoice that a credit note refunds",
		part("id", BigInt, "Identifier of the refunded invoice", "refunded_invoice.id", "refunded_invoice_id")),
	col("number", Varchar, "Number of the invoice"),
	record("customer", "The customer",
		part("id", BigInt, "Identifier of the customer", "customer.id", "customer_id"),
		part("name", Varchar, "Name of the customer", "customer.name", "customer_name"),
		part("email", Varchar, "Email address of the customer", "customer.email", "customer_email"),
		within("venue", "The customer's venue", []string{"customer.venue"},
			part("id", BigInt, "Identifier of the venue", "customer.venue.id", "customer_venue_id"),
			part("name", Varchar, "Name of the venue", "customer.venue.name", "customer_venue_name"))),
	money("total_amount", "Total amount"),
	money("subtotal_amount", "Amount before discounts, taxes and credits"),
	money("discount_amount", "Amount of discounts"),
	money("tax_amount", "Amount of taxes"),
	money("credit_amount", "Amount of credits"),
	money("adjustment_amount", "Amount of adjustments"),
	money("expected_payment_amount", "Amount of the payment that is expected"),
	money("refund_amount", "Amount that was refunded"),
	col("refund_date", DateKind, "When the refund was made"),
	record("discount_code", "The discount code",
		part("name", Varchar, "Name of the discount code", "discount_code.name", "discount_code_name"),
		part("code", Varchar, "The code itself", "discount_code.code")),
	col("payment_processor", Varchar, "What processes the payment"),
	col("purchase_type", Varchar, "class, course, course_session, membership or store"),
	col("purchase_items", Varchar, "What was purchased"),
	col("payout", Varchar, "The payout that contains the payment"),
	{Name: "applied_credits", Keys: []string{"applied_credits"}, Doc: "Credits that the invoice uses", Type: listOf(Type{Kind: Struct, Fields: []Field{
		{Name: "amount", Type: Type{Kind: Struct, Fields: []Field{part("decimal", Decimal, "The amount")}}, Doc: "Amount of the credit"},
	}})},
	{Name: "charges", Keys: []string{"charges"}, Doc: "Charges of the invoice", Type: listOf(Type{Kind: Struct, Fields: []Field{
		part("created_at", TimestampTZ, "When the charge was created"),
		{Name: "amount", Type: Type{Kind: Struct, Fields: []Field{
			part("decimal", Decimal, "The amount"),
			part("currency", Varchar, "Currency, for example gbp"),
		}}, Doc: "Amount of the charge"},
		part("confirmed_at", TimestampTZ, "When the charge was confirmed"),
	}})},
	col("updated_at", TimestampTZ, "When the invoice was last changed"),
}

var invoiceParameters = slices.Concat(engineParameters,
	[]Parameter{
		above("invoices"),
		idList("customers", "customer.id", "Only invoices of these customers"),
		idList("customer_memberships", "", "Only invoices for these memberships of customers"),
		idList("payment_processors", "", "Only invoices of these payment processors"),
		wordList("purchase_types", "any of class, course, course_session, membership, store", "Only invoices for purchases of these types",
			Answer{Column: "purchase_type"}, "class", "course", "course_session", "membership", "store"),
		{Name: "status", Type: text, Want: wantText, Doc: "Only invoices with this status, passed on as given"},
		truth("credit_applied", "", "Whether invoices use credit"),
		truth("discount_applied", "", "Whether invoices have a discount"),
	},
	times("confirmed_at", "Only invoices confirmed", precisely("confirmed_at")),
	dates("due_date", "Only invoices due", exactly("due_date")),
	times("paid_at", "Only invoices paid", precisely("paid_at")),
	[]Parameter{
		timeframe("due_date_timeframe", "Only invoices due"),
		timeframe("paid_at_timeframe", "Only invoices paid"),
	},
	times("updated_at", "Only invoices last changed", precisely("updated_at")))
