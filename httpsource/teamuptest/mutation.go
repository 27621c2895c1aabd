package teamuptest

import (
	"github.com/teamupsql/teamupsql/report"
)

// Insert adds a customer with an id larger than all before, and returns the id. The
// customer is drawn as the others are; edit, if not nil, may then change it, but must
// not call the store.
func (s *Store) Insert(edit func(*Customer)) int64 {
	t, unlock := s.writing(report.Customers)
	defer unlock()
	return s.insert(t, editing(edit)).ID
}

// editing is edit for a row of the table; nil for nil.
func editing(edit func(*Customer)) func(row) {
	if edit == nil {
		return nil
	}
	return func(c row) { edit(c.Customer) }
}

func (s *Store) insert(t *table, edit func(row)) Change {
	p := t.size
	r := t.source.clone(t.source.read(t.source.scratch(), p))
	t.size++
	if t.numbers != nil {
		t.numbers = t.numbersOf(t.numbers, row{})
	}
	return s.put(t, p, r, Inserted, edit)
}

// Update lets edit change a customer; false if there is none with the id. edit must not
// call the store.
func (s *Store) Update(id int64, edit func(*Customer)) bool {
	return s.change(id, Updated, editing(edit))
}

// SoftDelete sets a customer's deleted_at to the present, if it is not set; false if
// there is no customer with the id.
func (s *Store) SoftDelete(id int64) bool { return s.change(id, SoftDeleted, nil) }

// Delete removes a customer altogether; false if there is none with the id.
func (s *Store) Delete(id int64) bool { return s.change(id, Deleted, nil) }

func (s *Store) change(id int64, op Op, edit func(row)) bool {
	t, unlock := s.writing(report.Customers)
	defer unlock()
	p, ok := s.gen.position(id)
	if !ok {
		return false
	}
	return s.changeAt(t, p, op, edit).Seq > 0
}

func (s *Store) changeAt(t *table, p int, op Op, edit func(row)) Change {
	r := t.read(t.source.scratch(), p)
	switch {
	case r == row{}:
		return Change{}
	case op == Deleted:
		return s.put(t, p, row{}, op, nil)
	case op == SoftDeleted:
		edit = func(r row) { t.source.remove(r, s.now()) }
	}
	return s.put(t, p, t.source.clone(r), op, edit)
}

// put makes a row, or none, the present at a position.
func (s *Store) put(t *table, p int, r row, op Op, edit func(row)) Change {
	id := t.source.id(p)
	s.seq++
	if (r != row{}) {
		if edit != nil {
			edit(r)
		}
		t.source.settle(r, id)
	}
	t.versions[p] = append(t.versions[p], version{s.seq, r})
	if t.numbers != nil {
		t.numbersOf(t.measuresAt(p)[:0], r)
	}
	change := Change{s.seq, op, id}
	s.changes = append(s.changes, change)
	return change
}

// Mutate makes a random change of the customers: mostly inserts, updates and deletions in
// equal parts. Which ones come after each other depends on the seed alone.
func (s *Store) Mutate() Change { return s.mutate(report.Customers) }

// mutate makes a random change of a report's rows.
func (s *Store) mutate(of *report.Report) Change {
	t, unlock := s.writing(of)
	defer unlock()
	for range 100 { // some positions are empty
		p := t.dice.n(max(t.size, 1))
		var c Change
		switch k := t.dice.n(100); {
		case k < 30:
			return s.insert(t, nil)
		case k < 60:
			c = s.changeAt(t, p, Deleted, nil)
		case k < 70 && of.Roles.Deleted != "":
			c = s.changeAt(t, p, SoftDeleted, nil)
		default:
			c = s.changeAt(t, p, Updated, func(r row) { t.source.toggle(&t.dice, r) })
		}
		if c.Seq > 0 {
			return c
		}
	}
	return s.insert(t, nil)
}
