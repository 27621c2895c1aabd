package teamuptest

import (
	"slices"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// Insert adds a customer with an id larger than all before, and returns the id. The
// customer is drawn as the others are; edit, if not nil, may then change it, but must
// not call the store.
func (s *Store) Insert(edit func(*Customer)) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.insert(edit).ID
}

func (s *Store) insert(edit func(*Customer)) Change {
	c, p := &Customer{}, s.size
	s.gen.fill(c, p)
	s.size++
	if s.facts != nil {
		s.facts = append(s.facts, facts{})
	}
	return s.put(p, c, Inserted, edit)
}

// Update changes a customer with edit. It returns false if there is no customer with the
// id. edit must not call the store.
func (s *Store) Update(id int64, edit func(*Customer)) bool {
	return s.change(id, Updated, edit)
}

// SoftDelete sets a customer's deleted_at to the present, if it is not set; false if
// there is no customer with the id.
func (s *Store) SoftDelete(id int64) bool { return s.change(id, SoftDeleted, s.markDeleted) }

func (s *Store) markDeleted(c *Customer) {
	if !c.DeletedAt.Valid {
		c.DeletedAt = Some(s.now().UTC())
	}
}

// Delete removes a customer altogether; false if there is none with the id.
func (s *Store) Delete(id int64) bool { return s.change(id, Deleted, nil) }

func (s *Store) change(id int64, op Op, edit func(*Customer)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.gen.position(id)
	if !ok {
		return false
	}
	return s.changeAt(p, op, edit).Seq > 0
}

func (s *Store) changeAt(p int, op Op, edit func(*Customer)) Change {
	c := s.read(&Customer{}, p)
	if c == nil {
		return Change{}
	}
	if op == Deleted {
		return s.put(p, nil, op, nil)
	}
	return s.put(p, c.clone(), op, edit)
}

// put sets the current customer at a position; nil for none.
func (s *Store) put(p int, c *Customer, op Op, edit func(*Customer)) Change {
	id := s.gen.id(p)
	s.seq++
	var f facts
	if c != nil {
		if edit != nil {
			edit(c)
		}
		c.ID = id
		c.normalise()
		f = factsOf(c)
	}
	s.versions[p] = append(s.versions[p], version{s.seq, c})
	if s.facts != nil {
		s.facts[p] = f
	}
	change := Change{s.seq, op, id}
	s.changes = append(s.changes, change)
	return change
}

// Mutate makes a random change: mostly inserts, updates and deletions in equal shares. The
// sequence of changes depends only on the seed.
func (s *Store) Mutate() Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range 100 { // some positions are empty
		p := s.dice.n(max(s.size, 1))
		var c Change
		switch k := s.dice.n(100); {
		case k < 30:
			return s.insert(nil)
		case k < 60:
			c = s.changeAt(p, Deleted, nil)
		case k < 70:
			c = s.changeAt(p, SoftDeleted, s.markDeleted)
		default:
			c = s.changeAt(p, Updated, s.toggle)
		}
		if c.Seq > 0 {
			return c
		}
	}
	return s.insert(nil)
}

// toggle changes something that a filter or a sort can see.
func (s *Store) toggle(c *Customer) {
	d := &s.dice
	flip := func(b *Null[bool]) { *b = maybe(d, 100, !b.V) }
	switch d.n(9) {
	case 0:
		flip(&c.IsActive)
	case 1:
		flip(&c.IsClaimed)
	case 2:
		flip(&c.IsNew)
	case 3:
		flip(&c.IsLead)
	case 4:
		c.LastName = maybe(d, 100, oddly(d, lastNames, oddLastNames))
	case 5:
		c.CreatedAt = maybe(d, 50, s.gen.ago(d, 400))
	case 6:
		c.DateOfBirth = maybe(d, 50, report.Date(d.n(18_000)))
	case 7:
		c.DeletedAt = Null[time.Time]{}
	case 8:
		c.Active = Some(slices.Clone(c.Inactive.V))
	}
}
