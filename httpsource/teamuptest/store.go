package teamuptest

import (
	"bufio"
	"io"
	"iter"
	"sync"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// Store holds the rows of one business. All its methods may be called by
// several goroutines, also while the server answers: an answer sees the store as
// it was at one moment.
type Store struct {
	gen       generator
	customers int // that were there from the start, at positions 0 to customers-1
	now       func() time.Time
	quirks    Quirks

	mu      sync.RWMutex
	seq     int
	changes []Change
	tables  map[*report.Report]*table
}

func newStore(c *config, provider int64) *Store {
	seed := mix(c.seed ^ mix(uint64(provider)))
	s := &Store{
		gen:       generator{seed: seed, anchor: c.now().UTC().Truncate(day)},
		customers: c.customers, now: c.now, quirks: c.quirks, tables: map[*report.Report]*table{},
	}
	for of, served := range reports {
		s.tables[of] = &table{served: served, versions: map[int][]version{}, dice: draw(mix(seed))}
	}
	return s
}

// view is how rows look at this moment.
func (s *Store) view(quirks Quirks) *view {
	now := s.now().UTC()
	return &view{quirks, report.DateOf(now), report.DateOf(now.Add(quirks.AgeZone))}
}

// reading locks the store for reading, with the report's measures in place.
func (s *Store) reading(of *report.Report) (t *table, unlock func()) {
	t = s.tables[of]
	s.mu.RLock()
	if t.numbers != nil {
		return t, s.mu.RUnlock
	}
	s.mu.RUnlock()
	s.mu.Lock()
	t.make(s)
	if t.numbers == nil {
		t.gather()
	}
	s.mu.Unlock()
	s.mu.RLock()
	return t, s.mu.RUnlock
}

// writing locks the store for changes of a report.
func (s *Store) writing(of *report.Report) (t *table, unlock func()) {
	t = s.tables[of]
	s.mu.Lock()
	t.make(s)
	return t, s.mu.Unlock
}

// Customer is a copy of the customer with the id, deleted or not.
func (s *Store) Customer(id int64) (Customer, bool) {
	t, unlock := s.writing(report.Customers)
	defer unlock()
	if p, ok := s.gen.position(id); ok {
		if c := t.read(t.source.scratch(), p); c.Customer != nil {
			return *c.clone(), true
		}
	}
	return Customer{}, false
}

// IDs are the ids of the rows that match q now, in the order that q asks for.
// Paging does not count.
func (s *Store) IDs(q report.Query) ([]int64, error) {
	t, unlock := s.reading(q.Report)
	defer unlock()
	list, err := s.find(t, q, s.view(s.quirks))
	ids := make([]int64, len(list))
	for i, p := range list {
		ids[i] = t.source.id(int(p))
	}
	return ids, err
}

// WriteRows writes the rows that q asks for, all of them whatever its paging says,
// as one JSON object a line. They hold the values that the report shows, rounded as
// it rounds them, always nested and with every key.
func (s *Store) WriteRows(w io.Writer, q report.Query) error {
	t, unlock := s.reading(q.Report)
	defer unlock()
	v := s.view(s.quirks.valuesOnly())
	list, err := s.find(t, q, v)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	for row := range t.rows(newLayout(q, &s.gen, Nested, nil), list, v) {
		if _, err := out.Write(append(row, '\n')); err != nil {
			return err
		}
	}
	return out.Flush()
}

// rows writes one row after the other into one buffer.
func (t *table) rows(l *layout, list []int32, v *view) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		scratch := t.source.scratch()
		var buf []byte
		for _, p := range list {
			buf = l.appendRow(buf[:0], t.read(scratch, int(p)), v, nil)
			if !yield(buf) {
				return
			}
		}
	}
}
