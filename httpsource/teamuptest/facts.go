package teamuptest

import (
	"math"
	"slices"
)

// facts contains the values that filters compare, in a compact form: a million customers
// take some tens of megabytes.
type facts struct {
	id               int64
	created, starts  int64 // microseconds since 1970, unknown for NULL
	memberships      uint64
	otherMemberships *[]int64 // active ones that the generated data does not have
	born             int32    // days since 1970, unknownDay for NULL
	traits           uint32   // two bits for each trait: known, and true
	exists, deleted  bool
}

const (
	unknown    = math.MinInt64
	unknownDay = math.MinInt32
)

// The boolean facts.
const (
	traitActive = iota
	traitClaimed
	traitNew
	traitSlipping
	traitBlocked
	traitLead
	traitCredit
	traitDebt
)

func factsOf(c *Customer) facts {
	f := facts{id: c.ID, created: unknown, starts: unknown, born: unknownDay, exists: true, deleted: c.DeletedAt.Valid}
	if c.CreatedAt.Valid {
		f.created = c.CreatedAt.V.UnixMicro()
	}
	if c.LatestRegistration.Valid {
		f.starts = c.LatestRegistration.V.StartsAt.UnixMicro()
	}
	if c.DateOfBirth.Valid {
		f.born = int32(c.DateOfBirth.V)
	}
	known, amount := c.AccountCredit.Valid, c.AccountCredit.V.Amount
	for i, b := range [...]Null[bool]{
		c.IsActive, c.IsClaimed, c.IsNew, c.IsSlippingAway, c.RegistrationBlocked, c.IsLead,
		{amount > 0, known}, {amount < 0, known},
	} {
		if b.Valid {
			f.traits |= 1 << (2 * i)
			if b.V {
				f.traits |= 2 << (2 * i)
			}
		}
	}
	for _, m := range c.Active.V {
		if i := membershipBit(m.Membership.ID); i >= 0 {
			f.memberships |= 1 << i
		} else {
			if f.otherMemberships == nil {
				f.otherMemberships = new([]int64)
			}
			*f.otherMemberships = append(*f.otherMemberships, m.Membership.ID)
		}
	}
	return f
}

func membershipBit(id int64) int {
	i, ok := slices.BinarySearchFunc(memberships, id, func(r Ref, id int64) int { return int(r.ID - id) })
	if !ok {
		return -1
	}
	return i
}

func (f *facts) is(trait int) (yes, known bool) {
	b := f.traits >> (2 * trait)
	return b&2 != 0, b&1 != 0
}
