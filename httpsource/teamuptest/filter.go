package teamuptest

import (
	"math/bits"
	"slices"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// filter is the filter of a query as conditions on facts.
type filter []condition

type condition func(*facts) bool

func (m filter) match(f *facts) bool {
	if !f.exists {
		return false
	}
	for _, ok := range m {
		if !ok(f) {
			return false
		}
	}
	return true
}

var roles = report.Customers.Roles

// filters has the parameters that choose customers, by their names. Each makes a
// condition of the parameter's value. A parameter that is neither here nor in
// unfiltering is refused: this server would ignore it, and return customers who do not
// match.
var filters = map[string]func(v any, w *view) (condition, error){
	roles.Keys: plainly(func(ids []int64) condition {
		set := make(map[int64]bool, len(ids))
		for _, id := range ids {
			set[id] = true
		}
		return func(f *facts) bool { return set[f.id] }
	}),
	roles.KeyAbove:       plainly(func(id int64) condition { return func(f *facts) bool { return f.id > id } }),
	"active_memberships": plainly(holdsOneOf),
	"created_at_gte":     plainly(func(t time.Time) condition { return between(created, &t, nil) }),
	"created_at_lte":     plainly(func(t time.Time) condition { return between(created, nil, &t) }),
	"created_at_timeframe": func(v any, w *view) (condition, error) {
		from, to, err := timeframe(v.(string), w.today)
		return between(created, &from, &to), err
	},
	"latest_registration_starts_at_gte": plainly(func(t time.Time) condition { return between(starts, &t, nil) }),
	"latest_registration_starts_at_lte": plainly(func(t time.Time) condition { return between(starts, nil, &t) }),
	"date_of_birth_gte": plainly(func(d report.Date) condition {
		return func(f *facts) bool { return f.born != unknownDay && f.born >= int32(d) }
	}),
	"date_of_birth_lte": plainly(func(d report.Date) condition {
		return func(f *facts) bool { return f.born != unknownDay && f.born <= int32(d) }
	}),
	"is_active":            truth(traitActive),
	"is_claimed":           truth(traitClaimed),
	"is_new":               truth(traitNew),
	"is_slipping_away":     truth(traitSlipping),
	"registration_blocked": truth(traitBlocked),
	"has_account_credit":   truth(traitCredit),
	roles.AnyOf:            hasOneOf,
}

// plainly is a filter that needs nothing but the value.
func plainly[T any](make func(v T) condition) func(any, *view) (condition, error) {
	return func(v any, _ *view) (condition, error) { return make(v.(T)), nil }
}

// unfiltering are the parameters that choose no customers, or do so when they are
// absent.
var unfiltering = map[string]bool{
	roles.Columns: true, roles.Format: true, roles.Limit: true, roles.Offset: true, roles.Page: true, roles.PageSize: true, roles.Sort: true,
	roles.Fields: true, roles.Deleted: true,
}

// newFilter translates the query. It returns an error for a parameter or a trait that this
// server does not have, and for an invalid timeframe.
func newFilter(q report.Query, w *view) (filter, error) {
	var m filter
	if !report.Value[bool](q, roles.Deleted) {
		m = append(m, func(f *facts) bool { return !f.deleted })
	}
	for name := range q.Values() {
		translate := filters[name]
		switch {
		case unfiltering[name]:
			continue
		case translate == nil:
			return nil, &report.ParameterError{Parameter: name, Value: "this parameter", Want: "one that this server knows (httpsource/teamuptest/filter.go)"}
		}
		c, err := translate(q.Get(name), w)
		if err != nil {
			return nil, err
		}
		m = append(m, c)
	}
	return m, nil
}

func created(f *facts) int64 { return f.created }
func starts(f *facts) int64  { return f.starts }

// between compares integer microseconds. A bound between two of them is rounded to the
// inside.
func between(of func(*facts) int64, low, high *time.Time) condition {
	least, most := int64(unknown), int64(unknown)
	if low != nil {
		least = low.Add(time.Microsecond - 1).UnixMicro()
	}
	if high != nil {
		most = high.UnixMicro()
	}
	return func(f *facts) bool {
		at := of(f)
		return at != unknown && at >= least && (high == nil || at <= most)
	}
}

func holdsOneOf(ids []int64) condition {
	var mask uint64
	for _, id := range ids {
		if i := membershipBit(id); i >= 0 {
			mask |= 1 << i
		}
	}
	return func(f *facts) bool {
		if bits.OnesCount64(f.memberships&mask) > 0 {
			return true
		}
		return f.otherMemberships != nil && slices.ContainsFunc(*f.otherMemberships, func(id int64) bool { return slices.Contains(ids, id) })
	}
}

// truth is the condition of a parameter for a trait or for its absence.
func truth(trait int) func(any, *view) (condition, error) {
	return func(v any, w *view) (condition, error) {
		wanted := v.(bool)
		return func(f *facts) bool {
			yes, known := f.is(trait)
			if trait == traitCredit && w.quirks.NegativeCredit {
				debt, _ := f.is(traitDebt)
				yes = yes || debt
			}
			return yes == wanted && (known || w.quirks.NullIsFalse)
		}, nil
	}
}

var traitBits = map[string]int{
	"new": traitNew, "claimed": traitClaimed, "slipping_away": traitSlipping,
	"active": traitActive, "registration_blocked": traitBlocked, "lead": traitLead,
}

const inactive = "inactive"

func hasOneOf(v any, _ *view) (condition, error) {
	names := v.([]string)
	for _, name := range names {
		if _, known := traitBits[name]; !known && name != inactive {
			return nil, &report.ParameterError{Parameter: roles.AnyOf, Value: name, Want: "traits that this server knows (httpsource/teamuptest/filter.go)"}
		}
	}
	return func(f *facts) bool { return slices.ContainsFunc(names, f.hasTrait) }, nil
}

func (f *facts) hasTrait(name string) bool {
	if name == inactive {
		active, known := f.is(traitActive)
		return known && !active
	}
	yes, _ := f.is(traitBits[name])
	return yes
}
