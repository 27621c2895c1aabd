package arrowconv

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// object contains the names that are read in one kind of JSON object.
type object struct {
	slots   map[string]*slot
	start   slot                // its next is usually the first member
	serial  int                 // number of the current object
	before  int                 // number of the last one of the page before
	learned int                 // the number of slots for names without a column
	unknown map[string]struct{} // names in the current object that have no slot
}

// These limit the names without a column that get a slot: their number for one kind of
// object, and their length. Other names are only checked for duplicates.
const (
	maxLearned       = 256
	maxLearnedLength = 100
)

// slot contains what to do with the member of one name.
type slot struct {
	name   string
	quoted []byte    // a comma, the name and its colon as they usually occur in the text
	column column    // takes the value; nil: look for the members of nested
	filled *int      // how many rows the column has
	plain  bool      // there is nothing but column
	owners []*record // the structs of which the value is a field, by a flattened name
	nested *object   // if both are nil, the value is skipped
	seen   int       // serial of the last object that had this name
	next   *slot     // the one that came after it in the last object
}

// read reads the members of an object after its opening brace. The columns have n rows; the
// caller adds the missing values.
func (o *object) read(s *scanner, n int) error {
	o.serial++
	o.unknown = nil // not clear(): that takes time proportional to the largest object seen so far
	previous := &o.start
	for comma := 0; ; comma = 1 {
		// Objects of one kind usually have their members in the same order.
		at, next := s.pos+comma, previous.next
		if next == nil || !s.match(next.quoted[1-comma:]) {
			more, err := s.more(comma == 0, '}')
			if err != nil || !more {
				return err
			}
			at = s.pos
			name, err := s.name()
			if err != nil {
				return err
			}
			if next = o.slots[string(name)]; next == nil {
				if next = o.learn(name); next == nil {
					if err := o.pass(s, at, name); err != nil {
						return err
					}
					continue
				}
			}
			previous.next = next
		}
		previous = next
		if next.seen == o.serial {
			return s.malformed(at, duplicate)
		}
		next.seen = o.serial
		if err := next.read(s, at, n); err != nil {
			return err
		}
	}
}

// learn adds a slot for a name without a column, so that a report with many such names is
// read quickly. It returns nil if the limits are reached.
func (o *object) learn(name []byte) *slot {
	if o.learned == maxLearned || len(name) > maxLearnedLength {
		return nil
	}
	o.learned++
	t, _ := o.slot(string(name)) // it is UTF-8 and has none
	return t
}

// pass passes over a member without a slot.
func (o *object) pass(s *scanner, at int, name []byte) error {
	if _, twice := o.unknown[string(name)]; twice {
		return s.malformed(at, duplicate)
	}
	if o.unknown == nil {
		o.unknown = map[string]struct{}{}
	}
	o.unknown[string(name)] = struct{}{}
	return s.skip()
}

// read reads the value of the member whose name is at position at.
func (t *slot) read(s *scanner, at, n int) error {
	if t.plain && *t.filled == n {
		return t.column.read(s)
	}
	switch {
	case t.nested != nil && s.peek() == '{':
		s.pos++
		return t.nested.read(s, n)
	case t.column == nil:
		return s.skip()
	case *t.filled > n:
		return s.misshapen(at, "a second name for the value of "+t.name)
	}
	if len(t.owners) > 0 && s.peek() != 'n' {
		for _, r := range t.owners {
			r.present = true
		}
	}
	return t.column.read(s)
}

// bind makes the member with this name a value of the column. It returns an error if the
// name is bound already.
func (o *object) bind(name string, c column, owners []*record) error {
	t, err := o.slot(name)
	if err != nil {
		return err
	}
	t.column, t.filled, t.owners = c, c.count(), owners
	base := c.base()
	base.places = append(base.places, place{o, t})
	t.plain = len(owners) == 0
	return nil
}

// bindPath does the same for a dotted name in objects inside this one.
func (o *object) bindPath(path string, c column, owners []*record) error {
	head, rest, dotted := strings.Cut(path, ".")
	if !dotted {
		return o.bind(path, c, owners)
	}
	t := o.slots[head]
	if t == nil {
		t, _ = o.slot(head)
		t.nested = &object{}
	}
	if t.nested == nil {
		return fmt.Errorf("arrowconv: two columns are read from %q", head)
	}
	return t.nested.bindPath(rest, c, owners)
}

func (o *object) slot(name string) (*slot, error) {
	if o.slots[name] != nil {
		return nil, fmt.Errorf("arrowconv: two columns are read from %q", name)
	}
	if o.slots == nil {
		o.slots = map[string]*slot{}
	}
	quoted, err := jsontext.AppendQuote(nil, name)
	if err != nil {
		return nil, fmt.Errorf("arrowconv: the name %q is not UTF-8", name)
	}
	t := &slot{name: name, quoted: slices.Concat([]byte{','}, quoted, []byte{':'})}
	o.slots[name] = t
	return t, nil
}
