package teamuptest

import (
	"math/bits"
	"slices"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// filter is a query's WHERE, ready to be asked of facts.
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

// filters has the parameters that choose customers, by their names. A parameter that
// is neither here nor in unfiltering is refused: this server would ignore it, and
// return customers who do not match.
var filters = map[string]func(q report.Query, w *view) (condition, error){
	"ids": func(q report.Query, _ *view) (condition, error) {
		ids := make(map[int64]bool, len(q.IDs))
		for _, id := range q.IDs {
			ids[id] = true
		}
		return func(f *facts) bool { return ids[f.id] }, nil
	},
	"id_gt": func(q report.Query, _ *view) (condition, error) {
		return func(f *facts) bool { return f.id > *q.IDGT }, nil
	},
	"active_memberships": func(q report.Query, _ *view) (condition, error) { return holdsOneOf(q.ActiveMemberships), nil },
	"created_at_gte":     func(q report.Query, _ *view) (condition, error) { return between(created, q.CreatedAtGTE, nil), nil },
	"created_at_lte":     func(q report.Query, _ *view) (condition, error) { return between(created, nil, q.CreatedAtLTE), nil },
	"created_at_timeframe": func(q report.Query, w *view) (condition, error) {
		from, to, err := timeframe(*q.CreatedAtTimeframe, w.today)
		return between(created, &from, &to), err
	},
	"latest_registration_starts_at_gte": func(q report.Query, _ *view) (condition, error) {
		return between(starts, q.LatestRegistrationStartsAtGTE, nil), nil
	},
	"latest_registration_starts_at_lte": func(q report.Query, _ *view) (condition, error) {
		return between(starts, nil, q.LatestRegistrationStartsAtLTE), nil
	},
	"date_of_birth_gte": func(q report.Query, _ *view) (condition, error) {
		return func(f *facts) bool { return f.born != unknownDay && f.born >= int32(*q.DateOfBirthGTE) }, nil
	},
	"date_of_birth_lte": func(q report.Query, _ *view) (condition, error) {
		return func(f *facts) bool { return f.born != unknownDay && f.born <= int32(*q.DateOfBirthLTE) }, nil
	},
	"is_active":            truth(traitActive, func(q *report.Query) *bool { return q.IsActive }),
	"is_claimed":           truth(traitClaimed, func(q *report.Query) *bool { return q.IsClaimed }),
	"is_new":               truth(traitNew, func(q *report.Query) *bool { return q.IsNew }),
	"is_slipping_away":     truth(traitSlipping, func(q *report.Query) *bool { return q.IsSlippingAway }),
	"registration_blocked": truth(traitBlocked, func(q *report.Query) *bool { return q.RegistrationBlocked }),
	"has_account_credit":   truth(traitCredit, func(q *report.Query) *bool { return q.HasAccountCredit }),
	"is_any":               hasOneOf,
}

// unfiltering are the parameters that choose no customers, or do so when they are
// absent.
var unfiltering = map[string]bool{
	"columns": true, "format": true, "limit": true, "offset": true, "page": true, "page_size": true, "sort": true,
	"extra_customer_fields": true, "include_deleted": true,
}

// newFilter translates the query. It fails on a parameter or a trait that this server
// does not know, and on a timeframe that does not parse.
func newFilter(q report.Query, w *view) (filter, error) {
	var m filter
	if q.IncludeDeleted == nil || !*q.IncludeDeleted {
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
		c, err := translate(q, w)
		if err != nil {
			return nil, err
		}
		m = append(m, c)
	}
	return m, nil
}

func created(f *facts) int64 { return f.created }
func starts(f *facts) int64  { return f.starts }

// between compares whole microseconds: a bound between two of them is moved to the
// one inside.
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

// truth is a parameter that asks for a trait or for its absence.
func truth(trait int, want func(*report.Query) *bool) func(report.Query, *view) (condition, error) {
	return func(q report.Query, w *view) (condition, error) {
		wanted := *want(&q)
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

func hasOneOf(q report.Query, _ *view) (condition, error) {
	for _, name := range q.IsAny {
		if _, known := traitBits[name]; !known && name != inactive {
			return nil, &report.ParameterError{Parameter: "is_any", Value: name, Want: "traits that this server knows (httpsource/teamuptest/filter.go)"}
		}
	}
	return func(f *facts) bool { return slices.ContainsFunc(q.IsAny, f.hasTrait) }, nil
}

func (f *facts) hasTrait(name string) bool {
	if name == inactive {
		active, known := f.is(traitActive)
		return known && !active
	}
	yes, _ := f.is(traitBits[name])
	return yes
}
