package teamuptest

import (
	"bufio"
	"io"
	"iter"
	"runtime"
	"sync"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// Store contains the customers of one business. It is safe for concurrent use, also while
// the server is running. A response shows the store at one moment.
type Store struct {
	gen    generator
	base   int // customers that were there from the start, at positions 0 to base-1
	now    func() time.Time
	quirks Quirks

	mu       sync.RWMutex
	size     int // positions that were ever used
	seq      int
	versions map[int][]version // of the positions that changed, oldest first
	changes  []Change
	facts    []facts // by position; nil until first needed
	dice     draw

	selections selections
}

// version is the state of a position after a change; the customer is nil if it was removed.
type version struct {
	seq      int
	customer *Customer
}

func newStore(c *config, provider int64) *Store {
	seed := mix(c.seed ^ mix(uint64(provider)))
	return &Store{
		gen:  generator{seed: seed, anchor: c.now().UTC().Truncate(day)},
		base: c.customers, size: c.customers, now: c.now, quirks: c.quirks,
		versions: map[int][]version{}, dice: draw(mix(seed)),
	}
}

// view is how rows look at this moment.
func (s *Store) view(quirks Quirks) *view {
	now := s.now().UTC()
	return &view{quirks, report.DateOf(now), report.DateOf(now.Add(quirks.AgeZone))}
}

// read returns the current customer at a position, nil for none. It may use scratch. The
// caller must not change the customer.
func (s *Store) read(scratch *Customer, p int) *Customer {
	if v := s.versions[p]; v != nil {
		return v[len(v)-1].customer
	}
	if p < 0 || p >= s.base {
		return nil
	}
	s.gen.fill(scratch, p)
	return scratch
}

// reading locks the store for reading, with its facts in place.
func (s *Store) reading() (unlock func()) {
	s.mu.RLock()
	if s.facts != nil {
		return s.mu.RUnlock
	}
	s.mu.RUnlock()
	s.mu.Lock()
	if s.facts == nil {
		s.gatherFacts()
	}
	s.mu.Unlock()
	s.mu.RLock()
	return s.mu.RUnlock
}

// gatherFacts computes every customer once, on all processors.
func (s *Store) gatherFacts() {
	all := make([]facts, s.size)
	workers := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			var scratch Customer
			for p := w * len(all) / workers; p < (w+1)*len(all)/workers; p++ {
				if c := s.read(&scratch, p); c != nil {
					all[p] = factsOf(c)
				}
			}
		})
	}
	wg.Wait()
	s.facts = all
}

// Customer is a copy of the customer with the id, deleted or not.
func (s *Store) Customer(id int64) (Customer, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if p, ok := s.gen.position(id); ok {
		if c := s.read(&Customer{}, p); c != nil {
			return *c.clone(), true
		}
	}
	return Customer{}, false
}

// IDs returns the ids of the customers that currently match q, in the order of q. It
// ignores paging.
func (s *Store) IDs(q report.Query) ([]int64, error) {
	defer s.reading()()
	list, err := s.find(q, s.view(s.quirks))
	ids := make([]int64, len(list))
	for i, p := range list {
		ids[i] = s.facts[p].id
	}
	return ids, err
}

// WriteRows writes all rows for q, ignoring its paging, as one JSON object per line. The
// values are those of the report, rounded as in a response, always nested and with every
// key.
func (s *Store) WriteRows(w io.Writer, q report.Query) error {
	defer s.reading()()
	v := s.view(s.quirks.valuesOnly())
	list, err := s.find(q, v)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	for row := range s.rows(newLayout(q, &s.gen, Nested, nil), list, v) {
		if _, err := out.Write(append(row, '\n')); err != nil {
			return err
		}
	}
	return out.Flush()
}

// rows writes one row after the other into one buffer.
func (s *Store) rows(l *layout, list []int32, v *view) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		var scratch Customer
		var buf []byte
		for _, p := range list {
			buf = l.appendRow(buf[:0], s.read(&scratch, int(p)), v, nil)
			if !yield(buf) {
				return
			}
		}
	}
}
