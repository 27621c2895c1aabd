package teamuptest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// filter is a query's WHERE: conditions on the measures of a row, and on the row.
type filter struct {
	measures []condition
	rows     []func(row) bool
}

// condition looks at the measures of a row.
type condition func(n []int64) bool

// match reports whether a row passes; r is called if the measures do not decide.
func (m *filter) match(n []int64, r func() row) bool {
	if n[0] == unknown {
		return false
	}
	for _, ok := range m.measures {
		if !ok(n) {
			return false
		}
	}
	for _, ok := range m.rows {
		if !ok(r()) {
			return false
		}
	}
	return true
}

// newFilter translates the query. It fails on a parameter or a trait that this server
// does not know: it would ignore it, and return rows that do not match. It also fails on
// a timeframe that does not parse.
func (s *served) newFilter(q report.Query, w *view) (*filter, error) {
	m := &filter{}
	roles := q.Report.Roles
	unfiltering := []string{roles.Columns, roles.Format, roles.Limit, roles.Offset, roles.Page, roles.PageSize, roles.Sort, roles.Fields}
	for _, h := range s.hides {
		unfiltering = append(unfiltering, h.parameter)
		if !report.Value[bool](q, h.parameter) {
			m.measures = append(m.measures, s.shown(h, w))
		}
	}
	for name := range q.Values() {
		p, _ := q.Report.Parameter(name)
		v := q.Get(name)
		if slices.Contains(unfiltering, name) {
			continue
		} else if odd := s.odd[name]; odd != nil {
			m.rows = append(m.rows, odd(v))
			continue
		}
		var c condition
		var err error
		if name == roles.AnyOf {
			c, err = s.hasOneOf(v.([]string), w)
		} else {
			c, err = s.condition(p, s.answer(p), v, w)
		}
		if err != nil {
			return nil, err
		}
		m.measures = append(m.measures, c)
	}
	return m, nil
}

// shown is true for the rows that come without the parameter.
func (s *served) shown(h hiding, w *view) condition {
	at := s.measure(h.column)
	if !h.future {
		return func(n []int64) bool { return n[at] == unknown }
	}
	tomorrow := int64(w.today+1) * day.Microseconds()
	return func(n []int64) bool { return n[at] < tomorrow }
}

// condition is a comparison of one field.
func (s *served) condition(p *report.Parameter, a report.Answer, v any, w *view) (condition, error) {
	refuse := func(want string) error {
		return &report.ParameterError{Parameter: p.Name, Value: "this parameter", Want: want}
	}
	if a.Column == "" {
		return nil, refuse("one that this server knows (httpsource/teamuptest)")
	}
	at := s.measure(a.Column)
	switch a.Operator {
	case report.Equal, report.Positive:
		wanted, isBool := v.(bool)
		if !isBool {
			h := hash(v.(string))
			return func(n []int64) bool { return n[at] == h }, nil
		}
		return s.truth(at, a.Operator == report.Positive, wanted, w), nil
	case report.OneOf:
		set, err := numbers(p, a, v)
		return func(n []int64) bool { return set[n[at]] }, err
	case report.Greater:
		bound := v.(int64)
		return func(n []int64) bool { return n[at] > bound }, nil
	case report.AtLeast, report.AtMost:
		return s.between(at, p, a, v, w)
	}
	return nil, refuse("one with an operator that this server knows (httpsource/teamuptest/filter.go)")
}

// truth is a parameter that asks for true, or for more than nothing, or for the opposite.
func (s *served) truth(at int, amount, wanted bool, w *view) condition {
	return func(n []int64) bool {
		known := n[at] != unknown
		yes := n[at] == 1
		if amount {
			yes = n[at] > 0 || known && n[at] < 0 && w.quirks.NegativeCredit
		}
		return yes == wanted && (known || w.quirks.NullIsFalse)
	}
}

// numbers are the measures that a list allows: of ids, also written as text, or of words.
func numbers(p *report.Parameter, a report.Answer, v any) (map[int64]bool, error) {
	set := map[int64]bool{}
	switch list := v.(type) {
	case []int64:
		for _, n := range list {
			set[n] = true
		}
	case []string:
		for _, word := range list {
			set[hash(a.Text(word))] = true
		}
	case string:
		for text := range strings.SplitSeq(list, ",") {
			id, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return nil, &report.ParameterError{Parameter: p.Name, Value: strconv.Quote(text), Want: "ids"}
			}
			set[id] = true
		}
	}
	return set, nil
}

// between compares times in whole microseconds: a bound between two of them is moved to
// the one inside.
func (s *served) between(at int, p *report.Parameter, a report.Answer, v any, w *view) (condition, error) {
	low, high := int64(unknown)+1, int64(-(unknown + 1))
	days := s.measures[at].kind == report.DateKind // a date counts as its midnight
	set := func(least, most int64) {
		if a.Operator == report.AtLeast {
			low = least
		} else {
			high = most
		}
	}
	var zone int64
	switch v := v.(type) {
	case report.Date:
		days = false
		set(int64(v), int64(v))
	case time.Time:
		set(v.Add(time.Microsecond-1).UnixMicro(), v.UnixMicro())
		zone = w.quirks.AgeZone.Microseconds()
	case string:
		from, to, err := timeframe(p.Name, v, w.today)
		if err != nil {
			return nil, err
		}
		low, high = from.UnixMicro(), to.UnixMicro()
	}
	return func(n []int64) bool {
		x := n[at]
		if x == unknown {
			return false
		}
		if days {
			x = x*day.Microseconds() - zone
		}
		return low <= x && x <= high
	}, nil
}

// hasOneOf is the parameter of traits.
func (s *served) hasOneOf(names []string, w *view) (condition, error) {
	var list []condition
	for _, name := range names {
		column, wanted := "", true
		for _, t := range s.report.Traits {
			// The opposite of a trait has no column of its own.
			if opposite := strings.TrimPrefix(name, "in"); column == "" && t.Column != "" && (t.Name == name || t.Name == opposite) {
				column, wanted = t.Column, t.Name == name
			}
		}
		if column == "" {
			return nil, &report.ParameterError{Parameter: s.report.Roles.AnyOf, Value: name, Want: "traits that this server knows (httpsource/teamuptest/filter.go)"}
		}
		list = append(list, s.truth(s.measure(column), false, wanted, plainly))
	}
	return func(n []int64) bool { return slices.ContainsFunc(list, func(c condition) bool { return c(n) }) }, nil
}
