package arrowconv

import "github.com/apache/arrow-go/v18/arrow"

// A column collects the values of one column, of one field of a struct, or of the elements
// of a list.
type column interface {
	// read takes the next JSON value as the value of row rows().
	read(s *scanner) error
	// rows is the number of values so far.
	rows() int
	// count returns a pointer to the number of values, which rows returns.
	count() *int
	// base returns the common fields of the column.
	base() *leaf
	// fill appends a NULL if there are n-1 values, so that there are n.
	fill(n int)
	// reset empties the column and keeps its memory.
	reset()
	// size is the room that put takes of a slab.
	size() int
	// put copies the values into the slab, as the next node and those of its fields.
	put(s *slab)
}

// leaf contains the fields that all columns have.
type leaf struct {
	valid validity
	path  string // for errors: dotted name and SQL type
	want  string
	// places are the members that can contain the column's values.
	places []place
}

func (l *leaf) base() *leaf { return l }

func (l *leaf) rows() int { return l.valid.n }

func (l *leaf) count() *int { return &l.valid.n }

// wrong returns the error for the value that scalar has just read: a ValueError, or a
// FormatError if the value is not valid JSON. The caller adds the customer.
func (l *leaf) wrong(s *scanner, kind byte, text []byte) error {
	shown := shorten(text)
	switch kind {
	case '"':
		shown = `"` + shown + `"`
	case '{', '[':
		start := s.pos
		if err := s.skip(); err != nil {
			return err
		}
		shown = shorten(s.buf[start:s.pos])
	}
	return &ValueError{Column: l.path, Want: l.want, Text: shown}
}

// fixed is a column of numbers.
type fixed[T int32 | int64 | float64 | decimal] struct {
	leaf
	values  []T
	convert func(kind byte, text []byte) (T, bool)
	whole   func(int64) (T, bool) // of an integer; nil if integers are not values
}

func (c *fixed[T]) read(s *scanner) error {
	if c.whole != nil {
		if n, end := s.whole(); end > 0 {
			if v, ok := c.whole(n); ok {
				s.pos = end
				c.values = append(c.values, v)
				c.valid.append(true)
				return nil
			}
		}
	}
	kind, text, err := s.scalar()
	if err != nil {
		return err
	}
	if kind == 'n' {
		c.fill(c.valid.n + 1)
		return nil
	}
	v, ok := c.convert(kind, text)
	if !ok {
		return c.wrong(s, kind, text)
	}
	c.values = append(c.values, v)
	c.valid.append(true)
	return nil
}

func (c *fixed[T]) fill(n int) {
	if c.valid.n < n {
		var zero T
		c.values = append(c.values, zero)
		c.valid.append(false)
	}
}

func (c *fixed[T]) reset() {
	c.values = c.values[:0]
	c.valid.reset()
}

func (c *fixed[T]) size() int {
	return c.valid.size() + padded(len(arrow.GetBytes(c.values)))
}

func (c *fixed[T]) put(s *slab) {
	s.node(&c.valid, 0).add(s.put(arrow.GetBytes(c.values)))
}

// boolean is a column of booleans.
type boolean struct {
	leaf
	values bitmap
}

func (c *boolean) read(s *scanner) error {
	kind, text, err := s.scalar()
	if err != nil {
		return err
	}
	if kind == 'n' {
		c.fill(c.valid.n + 1)
		return nil
	}
	v, ok := toBoolean(kind, text)
	if !ok {
		return c.wrong(s, kind, text)
	}
	c.values.append(v)
	c.valid.append(true)
	return nil
}

func (c *boolean) fill(n int) {
	if c.valid.n < n {
		c.values.append(false)
		c.valid.append(false)
	}
}

func (c *boolean) reset() {
	c.values.reset()
	c.valid.reset()
}

func (c *boolean) size() int { return c.valid.size() + padded(len(c.values.bits)) }

func (c *boolean) put(s *slab) {
	s.node(&c.valid, 0).add(s.put(c.values.bits))
}

// text is a column of strings.
type text struct {
	leaf
	ends  []int32 // the end of each value in bytes, after a first 0
	bytes []byte
	any   bool // takes objects and arrays too, as their JSON
}

func (c *text) read(s *scanner) error {
	kind, value, err := s.scalar()
	if err != nil {
		return err
	}
	if kind == '{' || kind == '[' {
		if !c.any {
			return c.wrong(s, kind, value)
		}
		start := s.pos
		if err := s.skip(); err != nil {
			return err
		}
		value = s.buf[start:s.pos]
	}
	c.bytes = append(c.bytes, value...)
	c.ends = append(c.ends, int32(len(c.bytes)))
	c.valid.append(kind != 'n')
	return nil
}

func (c *text) fill(n int) {
	if c.valid.n < n {
		c.ends = append(c.ends, int32(len(c.bytes)))
		c.valid.append(false)
	}
}

func (c *text) reset() {
	c.ends, c.bytes = append(c.ends[:0], 0), c.bytes[:0]
	c.valid.reset()
}

func (c *text) size() int {
	return c.valid.size() + padded(len(arrow.GetBytes(c.ends))) + padded(len(c.bytes))
}

func (c *text) put(s *slab) {
	s.node(&c.valid, 0).add(s.put(arrow.GetBytes(c.ends)), s.put(c.bytes))
}
