package arrowconv

import "github.com/apache/arrow-go/v18/arrow"

// record is a column of structs, read from objects. The rows of a page are a record whose
// fields are the columns.
type record struct {
	leaf
	members object
	parts   []column
	counts  []*int // the number of rows of each field
	present bool   // the current row is not NULL
}

// add adds a field.
func (c *record) add(part column) {
	c.parts, c.counts = append(c.parts, part), append(c.counts, part.count())
}

func (c *record) read(s *scanner) error {
	switch s.peek() {
	case 'n':
		return s.literal("null")
	case '{':
		s.pos++
		c.present = true
		return c.members.read(s, c.rows())
	}
	kind, text, err := s.scalar()
	if err != nil {
		return err
	}
	return c.wrong(s, kind, text)
}

// fill completes row n-1, because flattened fields do not call read.
func (c *record) fill(n int) {
	for i, rows := range c.counts {
		if *rows < n {
			c.parts[i].fill(n)
		}
	}
	c.valid.append(c.present)
	c.present = false
}

func (c *record) reset() {
	for _, p := range c.parts {
		p.reset()
	}
	c.valid.reset()
	c.present = false
}

func (c *record) size() int {
	n := c.valid.size()
	for _, p := range c.parts {
		n += p.size()
	}
	return n
}

func (c *record) put(s *slab) {
	s.node(&c.valid, len(c.parts))
	for _, p := range c.parts {
		p.put(s)
	}
}

// list is a column of lists, read from arrays.
type list struct {
	leaf
	ends    []int32 // the end of each list in element, after a first 0
	element column
}

func (c *list) read(s *scanner) error {
	if s.peek() != '[' {
		kind, text, err := s.scalar()
		if err != nil {
			return err
		}
		if kind != 'n' {
			return c.wrong(s, kind, text)
		}
		c.fill(c.valid.n + 1)
		return nil
	}
	s.pos++
	for first := true; ; first = false {
		more, err := s.more(first, ']')
		if err != nil {
			return err
		}
		if !more {
			break
		}
		n := c.element.rows()
		if err := c.element.read(s); err != nil {
			return err
		}
		c.element.fill(n + 1)
	}
	c.ends = append(c.ends, int32(c.element.rows()))
	c.valid.append(true)
	return nil
}

func (c *list) fill(n int) {
	if c.valid.n < n {
		c.ends = append(c.ends, int32(c.element.rows()))
		c.valid.append(false)
	}
}

func (c *list) reset() {
	c.element.reset()
	c.ends = append(c.ends[:0], 0)
	c.valid.reset()
}

func (c *list) size() int {
	return c.valid.size() + padded(len(arrow.GetBytes(c.ends))) + c.element.size()
}

func (c *list) put(s *slab) {
	s.node(&c.valid, 1).add(s.put(arrow.GetBytes(c.ends)))
	c.element.put(s)
}
