package teamuptest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/teamupsql/teamupsql/report"
)

// selections caches the latest results of find, because the pages of one scan need the same
// result. It is safe for concurrent use.
type selections struct {
	mu   sync.Mutex
	kept []*selection // the most recently used is last
}

const maxSelections = 12

// selection is computed once, by the first caller that needs it.
type selection struct {
	key  string
	once sync.Once
	list []int32
	err  error
}

func (s *selections) get(key string) *selection {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.kept, func(e *selection) bool { return e.key == key })
	if i < 0 {
		if len(s.kept) == maxSelections {
			s.kept = slices.Delete(s.kept, 0, 1)
		}
		s.kept, i = append(s.kept, &selection{key: key}), len(s.kept)
	}
	e := s.kept[i]
	s.kept = append(slices.Delete(s.kept, i, i+1), e)
	return e
}

// find returns the positions of the customers that match q, in its order. The caller must
// hold the store's read lock and must not change the list.
func (s *Store) find(q report.Query, w *view) ([]int32, error) {
	q = q.Without(roles.Columns, roles.Fields, roles.Format, roles.Limit, roles.Offset, roles.Page, roles.PageSize)
	e := s.selections.get(fmt.Sprintf("%d %d %d %s", s.seq, w.today, w.ageToday, q.Encode()))
	e.once.Do(func() {
		keys, err := sortKeys(report.Value[[]string](q, roles.Sort))
		if err != nil {
			e.err = err
			return
		}
		m, err := newFilter(q, w)
		if err != nil {
			e.err = err
			return
		}
		for p := range s.facts {
			if m.match(&s.facts[p]) {
				e.list = append(e.list, int32(p))
			}
		}
		s.order(e.list, keys, w)
	})
	return e.list, e.err
}

// sortKey is one entry of the sort parameter.
type sortKey struct {
	name string
	read func(*Customer, *view) value
	desc bool
}

func sortKeys(sort []string) ([]sortKey, error) {
	var keys []sortKey
	for _, entry := range sort {
		bare := strings.TrimPrefix(entry, "-")
		read := sources[bare].scalar()
		if read == nil {
			return nil, &report.ParameterError{Parameter: roles.Sort, Value: bare, Want: "columns that are sortable"}
		}
		keys = append(keys, sortKey{sources[bare].name(), read, bare != entry})
	}
	return keys, nil
}

// order sorts positions, which are in the order of their ids. Without keys, and for rows
// with equal keys, the order is arbitrary but always the same, because TeamUp does not
// document one.
func (s *Store) order(list []int32, keys []sortKey, w *view) {
	switch {
	case w.quirks.IgnoreSort || len(keys) == 0:
		s.shuffle(list)
	case keys[0].name == report.Customers.Key:
		if keys[0].desc {
			slices.Reverse(list)
		}
	default:
		s.shuffle(list)
		s.sort(list, keys, w)
	}
}

func (s *Store) shuffle(list []int32) {
	type entry struct {
		hash draw
		p    int32
	}
	entries := make([]entry, len(list))
	for i, p := range list {
		entries[i] = entry{s.gen.stream(int(p), streamOrder), p}
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.hash, b.hash) })
	for i, e := range entries {
		list[i] = e.p
	}
}

func (s *Store) sort(list []int32, keys []sortKey, w *view) {
	type entry struct {
		values []value
		p      int32
	}
	entries := make([]entry, len(list))
	values := make([]value, len(list)*len(keys))
	var scratch Customer
	for i, p := range list {
		c := s.read(&scratch, int(p))
		at := values[i*len(keys):][:len(keys):len(keys)]
		for k, key := range keys {
			at[k] = key.read(c, w)
		}
		entries[i] = entry{at, p}
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		for k := range keys {
			if n := compareNull(&a.values[k], &b.values[k], keys[k].desc, w.quirks.NullOrder); n != 0 {
				return n
			}
		}
		return 0
	})
	for i, e := range entries {
		list[i] = e.p
	}
}

func compareNull(a, b *value, desc bool, nulls NullOrder) int {
	if aNull, bNull := a.kind == 0, b.kind == 0; aNull || bNull {
		n := 0
		switch {
		case aNull && !bNull:
			n = 1
		case bNull && !aNull:
			n = -1
		}
		if nulls == NullsFirst || nulls == NullsLargest && desc {
			return -n
		}
		return n
	}
	if desc {
		return b.compare(a)
	}
	return a.compare(b)
}
