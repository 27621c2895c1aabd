package report

import "time"

// Parameter describes one query parameter of the report.
type Parameter struct {
	Name string
	Type Type   // the SQL type of its value; arrays are lists
	Want string // what values are allowed, as an error message puts it
	Doc  string // one line, without a full stop
	// Engine marks the parameters that belong to paging and projection, which are
	// the engine's own business: they are not named parameters of the SQL function.
	Engine bool
	// Answers says which predicate on which column the parameter carries to the
	// report. Its zero value: none, the parameter is reached only by name.
	Answers Answer

	codec
}

// Operator is the comparison that a parameter carries out on a column.
type Operator uint8

// The operators, as the report documents them.
const (
	NoOperator Operator = iota
	Equal               // column = value
	Greater             // column > value
	AtLeast             // column >= value
	AtMost              // column <= value
	OneOf               // column IN (values)
)

// Answer ties a parameter to the predicate that it carries out.
type Answer struct {
	Column   string // a column's name, or the dotted name of a struct's part
	Operator Operator
	// Slack is by how much a bound is widened before it is sent, because the vendor
	// does not publish how precisely the report compares. Zero: the bound is exact.
	Slack time.Duration
}

// timeSlack widens time bounds: the report shows times to the microsecond or to
// the second, and does not say with which of the two it compares.
const timeSlack = time.Second

// parameters are the report's documented query parameters.
var parameters = []Parameter{
	{Name: "columns", Type: texts, Want: "names of columns", Engine: true,
		Doc: "The columns to include", codec: columnList(func(q *Query) *[]string { return &q.Columns })},
	{Name: "format", Type: text, Want: "csv or json", Engine: true,
		Doc: "The form of the answer; the report's default is csv", codec: enumerated(func(q *Query) *string { return &q.Format }, FormatCSV, FormatJSON)},
	{Name: "limit", Type: integer, Want: "0 to 100", Engine: true,
		Doc: "Rows in the answer; the report's default is 50", codec: number(func(q *Query) **int { return &q.Limit }, 0, MaxLimit)},
	{Name: "offset", Type: integer, Want: "0 or more", Engine: true,
		Doc: "Rows to leave out first", codec: number(func(q *Query) **int { return &q.Offset }, 0, maxInt)},
	{Name: "page", Type: integer, Want: "1 or more", Engine: true,
		Doc: "The page to answer", codec: number(func(q *Query) **int { return &q.Page }, 1, maxInt)},
	{Name: "page_size", Type: integer, Want: "0 to 100", Engine: true,
		Doc: "Rows in a page", codec: number(func(q *Query) **int { return &q.PageSize }, 0, MaxLimit)},
	{Name: "sort", Type: texts, Want: "names of columns, with - in front for descending", Engine: true,
		Doc: "The order of the rows", codec: sortList(func(q *Query) *[]string { return &q.Sort })},

	{Name: "ids", Type: bigints, Want: "whole numbers of 1 or more",
		Doc: "Only these customers", Answers: Answer{Column: "id", Operator: OneOf}, codec: idList(func(q *Query) *[]int64 { return &q.IDs })},
	{Name: "id_gt", Type: bigint, Want: "0 or more",
		Doc: "Only customers with a larger id", Answers: Answer{Column: "id", Operator: Greater}, codec: number(func(q *Query) **int64 { return &q.IDGT }, 0, maxInt64)},
	{Name: "active_memberships", Type: bigints, Want: "whole numbers of 1 or more",
		Doc: "Only customers who have one of these memberships active", codec: idList(func(q *Query) *[]int64 { return &q.ActiveMemberships })},
	{Name: "created_at_gte", Type: timestamp, Want: "a time of the years 1 to 9999",
		Doc: "Only customers created at this time or later", Answers: Answer{"created_at", AtLeast, timeSlack}, codec: instant(func(q *Query) **time.Time { return &q.CreatedAtGTE })},
	{Name: "created_at_lte", Type: timestamp, Want: "a time of the years 1 to 9999",
		Doc: "Only customers created at this time or earlier", Answers: Answer{"created_at", AtMost, timeSlack}, codec: instant(func(q *Query) **time.Time { return &q.CreatedAtLTE })},
	{Name: "created_at_timeframe", Type: text, Want: "text of 1 to 200 characters in the vendor's timeframe syntax",
		Doc: "Only customers created within a timeframe, passed on as given", codec: freeText(func(q *Query) **string { return &q.CreatedAtTimeframe })},
	{Name: "date_of_birth_gte", Type: date, Want: "a date of the years 1 to 9999",
		Doc: "Only customers born on this date or later", Answers: Answer{"date_of_birth", AtLeast, 0}, codec: day(func(q *Query) **Date { return &q.DateOfBirthGTE })},
	{Name: "date_of_birth_lte", Type: date, Want: "a date of the years 1 to 9999",
		Doc: "Only customers born on this date or earlier", Answers: Answer{"date_of_birth", AtMost, 0}, codec: day(func(q *Query) **Date { return &q.DateOfBirthLTE })},
	{Name: "latest_registration_starts_at_gte", Type: timestamp, Want: "a time of the years 1 to 9999",
		Doc: "Only customers whose latest-registered event starts at this time or later", Answers: Answer{"latest_registration.starts_at", AtLeast, timeSlack}, codec: instant(func(q *Query) **time.Time { return &q.LatestRegistrationStartsAtGTE })},
	{Name: "latest_registration_starts_at_lte", Type: timestamp, Want: "a time of the years 1 to 9999",
		Doc: "Only customers whose latest-registered event starts at this time or earlier", Answers: Answer{"latest_registration.starts_at", AtMost, timeSlack}, codec: instant(func(q *Query) **time.Time { return &q.LatestRegistrationStartsAtLTE })},
	{Name: "extra_customer_fields", Type: bigints, Want: "whole numbers of 1 or more",
		Doc: "Custom fields by their ids, at most 50: each is a column after the report's columns", codec: idList(func(q *Query) *[]int64 { return &q.ExtraCustomerFields })},
	{Name: "has_account_credit", Type: boolean, Want: "true or false",
		Doc: "Whether customers have account credit", codec: truth(func(q *Query) **bool { return &q.HasAccountCredit })},
	{Name: "include_deleted", Type: boolean, Want: "true or false",
		Doc: "Whether to include deleted customers; the report's default is false", codec: truth(func(q *Query) **bool { return &q.IncludeDeleted })},
	{Name: "is_active", Type: boolean, Want: "true or false",
		Doc: "Whether customers are active", Answers: Answer{"is_active", Equal, 0}, codec: truth(func(q *Query) **bool { return &q.IsActive })},
	{Name: "is_claimed", Type: boolean, Want: "true or false",
		Doc: "Whether customers are claimed", Answers: Answer{"is_claimed", Equal, 0}, codec: truth(func(q *Query) **bool { return &q.IsClaimed })},
	{Name: "is_new", Type: boolean, Want: "true or false",
		Doc: "Whether customers are new", Answers: Answer{"is_new", Equal, 0}, codec: truth(func(q *Query) **bool { return &q.IsNew })},
	{Name: "is_slipping_away", Type: boolean, Want: "true or false",
		Doc: "Whether customers are slipping away", Answers: Answer{"is_slipping_away", Equal, 0}, codec: truth(func(q *Query) **bool { return &q.IsSlippingAway })},
	{Name: "registration_blocked", Type: boolean, Want: "true or false",
		Doc: "Whether customers are blocked from registration", Answers: Answer{"registration_blocked", Equal, 0}, codec: truth(func(q *Query) **bool { return &q.RegistrationBlocked })},
	{Name: "is_any", Type: texts, Want: "any of new, claimed, slipping_away, inactive, active, registration_blocked, lead",
		Doc: "Only customers with one of these traits", codec: traitList(func(q *Query) *[]string { return &q.IsAny })},
}

var (
	boolean   = Type{Kind: Boolean}
	integer   = Type{Kind: Integer}
	bigint    = Type{Kind: BigInt}
	text      = Type{Kind: Varchar}
	date      = Type{Kind: DateKind}
	timestamp = Type{Kind: TimestampTZ}
	bigints   = listOf(bigint)
	texts     = listOf(text)
)

// Parameters returns the report's query parameters. The slice is the caller's own.
func Parameters() []Parameter { return append([]Parameter(nil), parameters...) }

// FindParameter finds a parameter by its exact name.
func FindParameter(name string) (Parameter, bool) {
	p, ok := parameterIndex[name]
	if !ok {
		return Parameter{}, false
	}
	return *p, true
}

var parameterIndex = indexParameters()

func indexParameters() map[string]*Parameter {
	m := make(map[string]*Parameter, len(parameters))
	for i := range parameters {
		p := &parameters[i]
		p.codec.name, p.codec.want = p.Name, p.Want
		m[p.Name] = p
	}
	return m
}

// Trait is a value of the is_any parameter.
type Trait struct {
	Name string
	// Column is the boolean column that is true for just the customers with the
	// trait; "" where the vendor does not say which that is.
	Column string
}

// Traits returns the values of is_any. The vendor does not define "inactive" (it
// may leave leads out), so it stands for no column.
func Traits() []Trait { return append([]Trait(nil), traits...) }

var traits = []Trait{
	{"new", "is_new"},
	{"claimed", "is_claimed"},
	{"slipping_away", "is_slipping_away"},
	{"inactive", ""},
	{"active", "is_active"},
	{"registration_blocked", "registration_blocked"},
	{"lead", "is_lead"},
}
