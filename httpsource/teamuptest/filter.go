package teamuptest

import (
	"math/bits"
	"slices"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// filter is a query's WHERE, ready to be asked of facts.
type filter []func(*facts) bool

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

// newFilter translates the query; it fails on a timeframe that does not parse.
func newFilter(q report.Query, w *view) (filter, error) {
	var m filter
	if q.IncludeDeleted == nil || !*q.IncludeDeleted {
		m = append(m, func(f *facts) bool { return !f.deleted })
	}
	if q.IDs != nil {
		ids := make(map[int64]bool, len(q.IDs))
		for _, id := range q.IDs {
			ids[id] = true
		}
		m = append(m, func(f *facts) bool { return ids[f.id] })
	}
	if q.IDGT != nil {
		m = append(m, func(f *facts) bool { return f.id > *q.IDGT })
	}
	if q.ActiveMemberships != nil {
		m = append(m, holdsOneOf(q.ActiveMemberships))
	}
	created := func(f *facts) int64 { return f.created }
	starts := func(f *facts) int64 { return f.starts }
	m = m.between(created, q.CreatedAtGTE, q.CreatedAtLTE)
	m = m.between(starts, q.LatestRegistrationStartsAtGTE, q.LatestRegistrationStartsAtLTE)
	if q.CreatedAtTimeframe != nil {
		from, to, err := timeframe(*q.CreatedAtTimeframe, w.today)
		if err != nil {
			return nil, err
		}
		m = m.between(created, &from, &to)
	}
	if q.DateOfBirthGTE != nil {
		m = append(m, func(f *facts) bool { return f.born != unknownDay && f.born >= int32(*q.DateOfBirthGTE) })
	}
	if q.DateOfBirthLTE != nil {
		m = append(m, func(f *facts) bool { return f.born != unknownDay && f.born <= int32(*q.DateOfBirthLTE) })
	}
	return m.traits(q, w), nil
}

// between compares whole microseconds: a bound between two of them is moved to the
// one inside.
func (m filter) between(of func(*facts) int64, low, high *time.Time) filter {
	if low != nil {
		least := low.Add(time.Microsecond - 1).UnixMicro()
		m = append(m, func(f *facts) bool { return of(f) != unknown && of(f) >= least })
	}
	if high != nil {
		most := high.UnixMicro()
		m = append(m, func(f *facts) bool { return of(f) != unknown && of(f) <= most })
	}
	return m
}

func holdsOneOf(ids []int64) func(*facts) bool {
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

func (m filter) traits(q report.Query, w *view) filter {
	for trait, want := range map[int]*bool{
		traitActive: q.IsActive, traitClaimed: q.IsClaimed, traitNew: q.IsNew, traitSlipping: q.IsSlippingAway,
		traitBlocked: q.RegistrationBlocked, traitCredit: q.HasAccountCredit,
	} {
		if want == nil {
			continue
		}
		m = append(m, func(f *facts) bool {
			yes, known := f.is(trait)
			if trait == traitCredit && w.quirks.NegativeCredit {
				debt, _ := f.is(traitDebt)
				yes = yes || debt
			}
			return yes == *want && (known || w.quirks.NullIsFalse)
		})
	}
	if q.IsAny != nil {
		m = append(m, func(f *facts) bool { return slices.ContainsFunc(q.IsAny, f.hasTrait) })
	}
	return m
}

var traitBits = map[string]int{
	"new": traitNew, "claimed": traitClaimed, "slipping_away": traitSlipping,
	"active": traitActive, "registration_blocked": traitBlocked, "lead": traitLead,
}

func (f *facts) hasTrait(name string) bool {
	if name == "inactive" {
		active, known := f.is(traitActive)
		return known && !active
	}
	yes, _ := f.is(traitBits[name])
	return yes
}
