package arrowconv

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// object knows the names that are of interest in one kind of JSON object.
type object struct {
	slots   map[string]*slot
	start   slot                // its next is the slot that usually comes first
	serial  int                 // number of the object at hand
	before  int                 // number of the last one of the page before
	learned int                 // how many slots are for names of no interest
	unknown map[string]struct{} // names in the object at hand that have no slot
}

// These bound what is remembered of the names of no interest: how many for one
// kind of object, and of which length. Others are only looked at for duplicates.
const (
	maxLearned       = 256
	maxLearnedLength = 100
)

// slot says what to do with the member of one name.
type slot struct {
	name   string
	quoted []byte    // a comma, the name and its colon as they usually stand in the text
	column column    // takes the value; nil: look for the members of nested
	filled *int      // how many rows the column has
	plain  bool      // there is nothing but column
	owners []*record // the structs of which the value is a part, by a flattened name
	nested *object   // nil too: the value is of no interest
	seen   int       // serial of the last object that had this name
	next   *slot     // the one that came after it in the last object
}

// read reads the members of the object whose opening bracket has just been read.
// The columns hold n rows so far; what is missing the caller fills up.
func (o *object) read(s *scanner, n int) error {
	o.serial++
	o.unknown = nil // not clear(): that takes time proportional to the largest object seen so far
	previous := &o.start
	for comma := 0; ; comma = 1 {
		// Objects of a kind have their members in the same order, as a rule.
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

// learn makes a slot for a name of no interest, so that a report which answers
// more than it was asked for is read quickly. It is nil for a name that is not to be remembered.
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

// read reads the value of the member whose name stands at at.
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

// bind lets the member of that name be read into the column. It is an error if
// the name is taken.
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
