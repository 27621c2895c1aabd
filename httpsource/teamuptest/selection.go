package teamuptest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/teamupsql/teamupsql/report"
)

// selections keeps the latest results of find, since the pages of one scan ask for
// the same one again and again. It is safe for concurrent use.
type selections struct {
	mu   sync.Mutex
	kept []*selection // the one used last comes last
}

const maxSelections = 12

// selection is computed once, by the first who asks.
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

// find gives the positions of the rows that match q, in its order. The caller
// holds the store for reading and does not change the list.
func (s *Store) find(t *table, q report.Query, w *view) ([]int32, error) {
	roles := q.Report.Roles
	q = q.Without(roles.Columns, roles.Fields, roles.Format, roles.Limit, roles.Offset, roles.Page, roles.PageSize)
	e := t.selections.get(fmt.Sprintf("%d %d %d %s", s.seq, w.today, w.ageToday, q.Encode()))
	e.once.Do(func() {
		keys, err := t.sortKeys(report.Value[[]string](q, roles.Sort))
		if err != nil {
			e.err = err
			return
		}
		m, err := t.newFilter(q, w)
		if err != nil {
			e.err = err
			return
		}
		scratch := t.source.scratch()
		for p := range t.size {
			if m.match(t.measuresAt(p), func() row { return t.read(scratch, p) }) {
				e.list = append(e.list, int32(p))
			}
		}
		s.order(t, e.list, keys, w)
	})
	return e.list, e.err
}

// sortKey is one entry of the sort parameter.
type sortKey struct {
	name string
	read func(r row, w *view) value
	desc bool
}

func (s *served) sortKeys(sort []string) ([]sortKey, error) {
	var keys []sortKey
	for _, entry := range sort {
		bare := strings.TrimPrefix(entry, "-")
		t := s.trails[bare]
		read := t.scalar()
		if read == nil {
			return nil, &report.ParameterError{Parameter: s.report.Roles.Sort, Value: bare, Want: "columns that are sortable"}
		}
		keys = append(keys, sortKey{t.name(), read, bare != entry})
	}
	return keys, nil
}

// order sorts positions, which come in order of their ids. Without keys, and
// between equals, the order is arbitrary but always the same: none is promised.
func (s *Store) order(t *table, list []int32, keys []sortKey, w *view) {
	switch {
	case w.quirks.IgnoreSort || len(keys) == 0:
		s.shuffle(list)
	case keys[0].name == t.report.Key:
		if keys[0].desc {
			slices.Reverse(list)
		}
	default:
		s.shuffle(list)
		t.sort(list, keys, w)
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

func (t *table) sort(list []int32, keys []sortKey, w *view) {
	type entry struct {
		values []value
		p      int32
	}
	entries := make([]entry, len(list))
	values := make([]value, len(list)*len(keys))
	scratch := t.source.scratch()
	for i, p := range list {
		r := t.read(scratch, int(p))
		at := values[i*len(keys):][:len(keys):len(keys)]
		for k, key := range keys {
			at[k] = key.read(r, w)
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
