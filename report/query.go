package report

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"sort"
	"strings"
	"time"
)

// Query contains values of a report's parameters. A parameter without a value is not sent.
// An empty list matches no row, see [Query.Nothing].
//
// A value is a bool, int64, string, [Date] or time.Time according to the parameter's kind,
// or []int64 or []string for a list.
type Query struct {
	Report *Report
	values map[string]any // nil for none
}

// Query returns a query without parameters.
func (r *Report) Query() Query { return Query{Report: r} }

// With returns the query with another value of a parameter. An int counts as int64, and
// nil, also a nil slice, as no value. The value is not checked, see [Query.Validate].
func (q Query) With(name string, v any) Query {
	switch list := v.(type) {
	case int:
		v = int64(list)
	case []int64:
		if list == nil {
			v = nil
		}
	case []string:
		if list == nil {
			v = nil
		}
	}
	if v == nil && !q.Has(name) {
		return q
	}
	values := make(map[string]any, len(q.values)+1)
	maps.Copy(values, q.values)
	values[name] = v
	if v == nil {
		if delete(values, name); len(values) == 0 {
			values = nil
		}
	}
	q.values = values
	return q
}

// Without returns the query without values of these parameters.
func (q Query) Without(names ...string) Query {
	for _, name := range names {
		q = q.With(name, nil)
	}
	return q
}

// Get returns the value of a parameter, nil for none.
func (q Query) Get(name string) any { return q.values[name] }

// Has reports whether a parameter has a value.
func (q Query) Has(name string) bool { return q.values[name] != nil }

// Value returns the value of a parameter; the zero value if it has none of this type.
func Value[T any](q Query, name string) T {
	v, _ := q.values[name].(T)
	return v
}

// Filters returns the query without the columns and custom fields.
func (q Query) Filters() Query { return q.Without(q.Report.Roles.Columns, q.Report.Roles.Fields) }

// ParameterError indicates an invalid value of a parameter.
type ParameterError struct {
	Parameter string // the parameter's name
	Value     string // the value, shortened
	Want      string // the allowed values
}

func (e *ParameterError) Error() string {
	return fmt.Sprintf("%s: %s is not allowed; give %s", e.Parameter, e.Value, e.Want)
}

// Validate checks the type of every value and its documented range, format or
// enumeration. It reports all that is wrong, each as a [*ParameterError].
func (q Query) Validate() error {
	if q.Report == nil {
		return errors.New("report: the query is of no report; begin with report.Customers.Query()")
	}
	var errs []error
	for i := range q.Report.Parameters {
		p := &q.Report.Parameters[i]
		if v := q.values[p.Name]; v != nil {
			if err := p.Check(v); err != nil {
				errs = append(errs, err)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(q.values)) {
		if _, ok := q.Report.Parameter(name); !ok {
			errs = append(errs, unknown(name))
		}
	}
	roles := q.Report.Roles
	if (q.Has(roles.Page) || q.Has(roles.PageSize)) && (q.Has(roles.Limit) || q.Has(roles.Offset)) {
		errs = append(errs, &ParameterError{roles.Page, roles.Page + " with " + roles.Limit + " or " + roles.Offset, "one way of paging"})
	}
	return errors.Join(errs...)
}

func unknown(name string) error { return &ParameterError{name, "this parameter", "a documented one"} }

// Nothing reports whether no row can match, whatever the report contains: a list that
// chooses rows is empty, or the parameters on a column exclude each other. No request
// is needed then.
func (q Query) Nothing() bool {
	if q.Report == nil {
		return false
	}
	for _, p := range q.Report.Parameters {
		v := q.values[p.Name]
		if v == nil || p.Engine || p.Name == q.Report.Roles.Fields {
			continue
		}
		if numbers, ok := v.([]int64); ok && len(numbers) == 0 {
			return true
		}
		if words, ok := v.([]string); ok && len(words) == 0 {
			return true
		}
		for _, other := range q.Report.Parameters {
			if p.Answers.Column != "" && other.Answers.Column == p.Answers.Column && exclude(p, v, other, q.values[other.Name]) {
				return true
			}
		}
	}
	return false
}

// exclude reports whether no value of a column is both at least v, or one of v, and at
// most w, or above w.
func exclude(p Parameter, v any, other Parameter, w any) bool {
	switch operators := [2]Operator{p.Answers.Operator, other.Answers.Operator}; {
	case w == nil:
		return false
	case operators == [2]Operator{AtLeast, AtMost}:
		switch v := v.(type) {
		case time.Time:
			high, ok := w.(time.Time)
			return ok && v.After(high)
		case Date:
			high, ok := w.(Date)
			return ok && v > high
		}
	case operators == [2]Operator{OneOf, Greater}:
		ids, ok := v.([]int64)
		bound, ok2 := w.(int64)
		return ok && ok2 && !slices.ContainsFunc(ids, func(id int64) bool { return id > bound })
	}
	return false
}

// Values is the canonical form of the query: one value for each parameter that is
// set, arrays comma-separated without doubles (numbers in ascending order, words in
// the order of [Parameter.Words]), times as RFC 3339 in UTC. It does not validate.
func (q Query) Values() url.Values {
	values := url.Values{}
	for name, v := range q.values {
		if p, ok := q.Report.Parameter(name); ok {
			values.Set(name, p.text(v))
		}
	}
	return values
}

// Encode is [Query.Values] as a query string, ordered by name. Commas, colons
// and the like stay readable, as RFC 3986 allows in a query.
func (q Query) Encode() string { return EncodeValues(q.Values()) }

// EncodeValues writes v as [Query.Encode] does.
func EncodeValues(v url.Values) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(v)) {
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

// Parse parses the parameters of a request, the inverse of [Query.Values]. It returns a
// joined [*ParameterError] for each unknown parameter and invalid value.
func (r *Report) Parse(v url.Values) (Query, error) {
	q := r.Query()
	var errs []error
	for name, texts := range v {
		p, ok := r.Parameter(name)
		switch {
		case !ok:
			errs = append(errs, unknown(name))
		case len(texts) != 1:
			errs = append(errs, &ParameterError{name, fmt.Sprintf("%d values", len(texts)), "one value"})
		default:
			value, err := p.parse(texts[0])
			if err != nil {
				errs = append(errs, err)
			}
			q = q.With(name, value)
		}
	}
	sort.Slice(errs, func(i, j int) bool { return errs[i].Error() < errs[j].Error() })
	if len(errs) == 0 {
		return q, q.Validate()
	}
	return q, errors.Join(errs...)
}
