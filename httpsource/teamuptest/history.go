package teamuptest

import (
	"slices"

	"github.com/teamupsql/teamupsql/report"
)

// Op is what a change did.
type Op string

// The changes.
const (
	Inserted    Op = "insert"
	Updated     Op = "update"
	SoftDeleted Op = "soft delete" // deleted_at is set
	Deleted     Op = "delete"      // the customer is gone
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

// Throughout tells which rows matched q while the history went from change
// number from to change number to, as [Request.Seq] counts them: always, at every
// moment, and ever, at some moment. Both are ids in ascending order. A scan whose first
// answer saw from and whose last saw to must give each of always once, may give
// those of ever once, and no others.
func (s *Store) Throughout(q report.Query, from, to int) (always, ever []int64, err error) {
	t, unlock := s.reading(q.Report)
	defer unlock()
	m, err := t.newFilter(q, s.view(s.quirks))
	if err != nil {
		return nil, nil, err
	}
	for p := range t.size {
		all, some := t.matched(m, p, from, to)
		if all {
			always = append(always, t.source.id(p))
		}
		if some {
			ever = append(ever, t.source.id(p))
		}
	}
	return always, ever, nil
}

// matched goes through the states of one position.
func (t *table) matched(m *filter, p, from, to int) (all, some bool) {
	versions := t.versions[p]
	if len(versions) == 0 {
		ok := m.match(t.measuresAt(p), func() row { return t.read(t.source.scratch(), p) })
		return ok, ok
	}
	all = true
	see := func(r row) {
		ok := r != row{} && m.match(t.numbersOf(nil, r), func() row { return r })
		all, some = all && ok, some || ok
	}
	var present row // at the moment from
	if p < t.base {
		present = t.source.read(t.source.scratch(), p)
	}
	i := 0
	for ; i < len(versions) && versions[i].seq <= from; i++ {
		present = versions[i].row
	}
	see(present)
	for ; i < len(versions) && versions[i].seq <= to; i++ {
		see(versions[i].row)
	}
	return all, some
}
