package teamuptest

import (
	"slices"

	"github.com/teamupsql/teamupsql/report"
)

// Op is the kind of a change.
type Op string

// The changes.
const (
	Inserted    Op = "insert"
	Updated     Op = "update"
	SoftDeleted Op = "soft delete" // deleted_at is set
	Deleted     Op = "delete"      // the customer is removed
)

// Change is one entry of a store's history. Seq counts from 1.
type Change struct {
	Seq int
	Op  Op
	ID  int64
}

// Seq is how many changes there were.
func (s *Store) Seq() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.seq
}

// History are the changes so far, oldest first. It is kept for good, at about a
// kilobyte a change.
func (s *Store) History() []Change {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.changes)
}

// Throughout returns which customers matched q between the changes number from and to, as
// counted by [Request.Seq]: always at every moment, ever at some moment. Both are in
// ascending order. A scan whose first response had seen from and whose last had seen to
// must return each of always once, may return those of ever once, and no others.
func (s *Store) Throughout(q report.Query, from, to int) (always, ever []int64, err error) {
	defer s.reading()()
	m, err := newFilter(q, s.view(s.quirks))
	if err != nil {
		return nil, nil, err
	}
	for p := range s.size {
		all, some := s.matched(m, p, from, to)
		if all {
			always = append(always, s.gen.id(p))
		}
		if some {
			ever = append(ever, s.gen.id(p))
		}
	}
	return always, ever, nil
}

// matched checks the states of one position.
func (s *Store) matched(m filter, p, from, to int) (all, some bool) {
	versions := s.versions[p]
	if len(versions) == 0 {
		ok := m.match(&s.facts[p])
		return ok, ok
	}
	all = true
	see := func(c *Customer) {
		ok := false
		if c != nil {
			f := factsOf(c)
			ok = m.match(&f)
		}
		all, some = all && ok, some || ok
	}
	var present *Customer // at the moment from
	if p < s.base {
		present = &Customer{}
		s.gen.fill(present, p)
	}
	i := 0
	for ; i < len(versions) && versions[i].seq <= from; i++ {
		present = versions[i].customer
	}
	see(present)
	for ; i < len(versions) && versions[i].seq <= to; i++ {
		see(versions[i].customer)
	}
	return all, some
}
