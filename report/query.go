package report

import (
	"errors"
	"fmt"
	"net/url"
	"sort"
	"strings"
	"time"
)

// Limits of a request, as the vendor documents them.
const (
	MaxLimit     = 100 // most rows in one answer, for limit and for page_size
	DefaultLimit = 50  // rows in an answer when neither limit nor page_size is given
	MaxIDs       = 100 // most ids that we put in one request; the vendor names no limit
)

// Values of the format parameter. The report's own default is csv.
const (
	FormatCSV  = "csv"
	FormatJSON = "json"
)

// Query holds a value for every documented parameter of the report. A nil field
// is a parameter that is not sent. A list that is empty but not nil means "any of
// none": no customer matches, see [Query.Nothing].
type Query struct {
	Columns  []string // values of [Keys]
	Format   string   // FormatJSON or FormatCSV, "" for not sent
	Limit    *int     // 0 to MaxLimit
	Offset   *int     // 0 or more
	Page     *int     // 1 or more
	PageSize *int     // 0 to MaxLimit
	Sort     []string // values of [Keys], a leading "-" for descending

	IDs  []int64 // customers, each 1 or more
	IDGT *int64  // only larger ids, 0 or more

	ActiveMemberships []int64 // customers with one of these memberships active, each 1 or more

	CreatedAtGTE       *time.Time // inclusive, years 1 to 9999
	CreatedAtLTE       *time.Time // inclusive, years 1 to 9999
	CreatedAtTimeframe *string    // the vendor's timeframe syntax, passed on as given

	DateOfBirthGTE *Date // inclusive, years 1 to 9999
	DateOfBirthLTE *Date // inclusive, years 1 to 9999

	LatestRegistrationStartsAtGTE *time.Time // inclusive, years 1 to 9999
	LatestRegistrationStartsAtLTE *time.Time // inclusive, years 1 to 9999

	ExtraCustomerFields []int64 // custom fields to add as columns, each 1 or more

	HasAccountCredit    *bool
	IncludeDeleted      *bool // the report's default is false
	IsActive            *bool
	IsClaimed           *bool
	IsNew               *bool
	IsSlippingAway      *bool
	RegistrationBlocked *bool

	IsAny []string // values of [Traits]
}

// ParameterError says that a parameter's value is not one that the report takes.
type ParameterError struct {
	Parameter string // the parameter's name
	Value     string // what was given, shortened
	Want      string // what is allowed
}

func (e *ParameterError) Error() string {
	return fmt.Sprintf("%s: %s is not allowed; give %s", e.Parameter, e.Value, e.Want)
}

// Validate checks every value against its documented range, format or
// enumeration. It reports all that is wrong, each as a [*ParameterError].
func (q Query) Validate() error {
	var errs []error
	for i := range parameters {
		if err := parameters[i].check(&q); err != nil {
			errs = append(errs, err)
		}
	}
	if (q.Page != nil || q.PageSize != nil) && (q.Limit != nil || q.Offset != nil) {
		errs = append(errs, &ParameterError{"page", "page with limit or offset", "one way of paging"})
	}
	return errors.Join(errs...)
}

// Nothing says that no customer can match, whatever the report holds: a list of
// ids, memberships or traits is empty, or the bounds of a range exclude each
// other. No request is needed then.
func (q Query) Nothing() bool {
	empty := func(n int, isNil bool) bool { return n == 0 && !isNil }
	switch {
	case empty(len(q.IDs), q.IDs == nil),
		empty(len(q.ActiveMemberships), q.ActiveMemberships == nil),
		empty(len(q.IsAny), q.IsAny == nil):
		return true
	case crossed(q.CreatedAtGTE, q.CreatedAtLTE, time.Time.After),
		crossed(q.LatestRegistrationStartsAtGTE, q.LatestRegistrationStartsAtLTE, time.Time.After),
		crossed(q.DateOfBirthGTE, q.DateOfBirthLTE, func(a, b Date) bool { return a > b }):
		return true
	}
	if q.IDs == nil || q.IDGT == nil {
		return false
	}
	for _, id := range q.IDs {
		if id > *q.IDGT {
			return false
		}
	}
	return true
}

func crossed[T any](low, high *T, after func(a, b T) bool) bool {
	return low != nil && high != nil && after(*low, *high)
}

// Values is the canonical form of the query: one value for each parameter that is
// set, arrays comma-separated without doubles (numbers and traits in ascending
// order, columns in the documented one), times as RFC 3339 in UTC. It does not
// validate.
func (q Query) Values() url.Values {
	v := url.Values{}
	for i := range parameters {
		if s, ok := parameters[i].encode(&q); ok {
			v.Set(parameters[i].Name, s)
		}
	}
	return v
}

// Encode is [Query.Values] as a query string, ordered by name. Commas, colons
// and the like stay readable, as RFC 3986 allows in a query.
func (q Query) Encode() string { return EncodeValues(q.Values()) }

// EncodeValues writes v as [Query.Encode] does.
func EncodeValues(v url.Values) string {
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	for _, name := range names {
		for _, s := range v[name] {
			if b.Len() > 0 {
				b.WriteByte('&')
			}
			b.WriteString(url.QueryEscape(name))
			b.WriteByte('=')
			b.WriteString(readable.Replace(url.QueryEscape(s)))
		}
	}
	return b.String()
}

var readable = strings.NewReplacer("%2C", ",", "%3A", ":", "%2F", "/", "%40", "@")

// ParseQuery reads what a request carries, the inverse of [Query.Values]. Unknown
// parameters and values that the report does not take are [*ParameterError]s,
// joined.
func ParseQuery(v url.Values) (Query, error) {
	var q Query
	var errs []error
	for name, values := range v {
		p, ok := parameterIndex[name]
		switch {
		case !ok:
			errs = append(errs, &ParameterError{name, "this parameter", "a documented one"})
		case len(values) != 1:
			errs = append(errs, &ParameterError{name, fmt.Sprintf("%d values", len(values)), "one value"})
		default:
			if err := p.parse(&q, values[0]); err != nil {
				errs = append(errs, err)
			}
		}
	}
	sort.Slice(errs, func(i, j int) bool { return errs[i].Error() < errs[j].Error() })
	if len(errs) == 0 {
		return q, q.Validate()
	}
	return q, errors.Join(errs...)
}
