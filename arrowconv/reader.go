package arrowconv

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
)

// A reader reads one response at a time.
type reader struct {
	scanner scanner
	root    *record       // a row
	id      *fixed[int64] // among root's fields
	key     string        // its name
	rowName string        // of the report
	request *contract
	maxRows int
	nodes   int             // of the last page
	names   map[string]bool // the members of the current response so far
	headers []byte          // the last ones, which the next page usually repeats
}

func (r *reader) reset() {
	r.scanner.reset(nil)
	r.root.reset()
	r.request.reset()
}

// read reads the rows of the response into root, and the rest into a page.
func (r *reader) read(body []byte) (*Page, error) {
	s := &r.scanner
	s.reset(body)
	if len(body) > math.MaxInt32 {
		return nil, s.misshapen(0, "a response of 2 GB or more")
	}
	if err := r.expect('{', "the response is not a JSON object"); err != nil {
		return nil, err
	}
	r.forget()
	page := &Page{}
	for first := true; ; first = false {
		more, err := s.more(first, '}')
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		if err := r.member(page); err != nil {
			return nil, err
		}
	}
	if s.peek(); s.pos < len(body) {
		return nil, s.malformed(s.pos, "data after the response")
	}
	if !r.names["rows"] {
		return nil, s.misshapen(0, "the response has no rows")
	}
	page.ids = slices.Clone(r.id.values)
	if err := r.request.check(page); err != nil {
		return nil, err
	}
	return page, nil
}

// member reads a member of the response.
func (r *reader) member(page *Page) error {
	s := &r.scanner
	at := s.pos
	text, err := s.name()
	if err != nil {
		return err
	}
	if r.names[string(text)] {
		return s.malformed(at, duplicate)
	}
	switch string(text) {
	case "rows":
		r.names["rows"] = true
		return r.rows()
	case "total":
		r.names["total"] = true
		return r.total(page)
	case "column_headers":
		r.names["column_headers"] = true
		return r.columnHeaders(page)
	}
	r.names[string(text)] = true
	return s.skip()
}

// columnHeaders keeps the headers, together with the pages before that had the same.
func (r *reader) columnHeaders(page *Page) error {
	s := &r.scanner
	s.peek()
	start := s.pos
	err := s.skip()
	if headers := s.buf[start:s.pos]; !bytes.Equal(headers, r.headers) {
		r.headers = bytes.Clone(headers)
	}
	page.headers = r.headers
	return err
}

// forget removes the names of the last response. It replaces a large map, because clearing
// takes time proportional to the largest size the map had.
func (r *reader) forget() {
	if r.names == nil || len(r.names) > 10 {
		r.names = map[string]bool{}
	}
	clear(r.names)
}

func (r *reader) total(page *Page) error {
	s := &r.scanner
	s.peek()
	at := s.pos
	kind, text, err := s.scalar()
	if err != nil || kind == 'n' {
		return err
	}
	page.total, page.totalKnown = toBigInt(kind, text)
	if !page.totalKnown || page.total < 0 {
		return s.misshapen(at, "total is not a number of rows")
	}
	return nil
}

func (r *reader) rows() error {
	s := &r.scanner
	if err := r.expect('[', "rows is not an array"); err != nil {
		return err
	}
	for n := 0; ; n++ {
		more, err := s.more(n == 0, ']')
		if err != nil || !more {
			return err
		}
		if n == r.maxRows {
			return s.misshapen(s.pos, fmt.Sprintf("more than %d rows", n))
		}
		if err := r.expect('{', "a row is not an object"); err != nil {
			return err
		}
		if err := r.row(n); err != nil {
			return err
		}
	}
}

// row reads row n after its opening brace.
func (r *reader) row(n int) error {
	start := r.scanner.pos
	if err := r.root.members.read(&r.scanner, n); err != nil {
		if bad := (*ValueError)(nil); errors.As(err, &bad) {
			bad.Row = n
			bad.RowName = r.rowName
			bad.ID, bad.HasID = r.idOf(start)
		}
		return err
	}
	switch {
	case r.id.rows() == n:
		return &ValueError{Column: r.key, Want: r.id.want, RowName: r.rowName, Row: n}
	case r.id.valid.zeros > 0:
		return &ValueError{Column: r.key, Want: r.id.want, RowName: r.rowName, Row: n, Text: "null"}
	}
	r.root.fill(n + 1)
	return nil
}

// idOf returns the id of the row that begins at start. The id can follow the wrong value.
func (r *reader) idOf(start int) (id int64, ok bool) {
	s := &r.scanner
	s.pos = start
	for first := true; ; first = false {
		if more, err := s.more(first, '}'); err != nil || !more {
			return 0, false
		}
		name, err := s.name()
		if err != nil {
			return 0, false
		}
		if string(name) != r.key {
			if s.skip() != nil {
				return 0, false
			}
			continue
		}
		kind, text, err := s.scalar()
		if err != nil {
			return 0, false
		}
		return toBigInt(kind, text)
	}
}

// expect reads an opening bracket. Otherwise the error distinguishes invalid JSON from
// valid JSON that is not expected.
func (r *reader) expect(bracket byte, reason string) error {
	s := &r.scanner
	c := s.peek()
	if c == bracket {
		s.pos++
		return nil
	}
	at := s.pos
	if c == '<' {
		return s.malformed(at, "HTML or XML where JSON was expected")
	}
	if _, _, err := s.scalar(); err != nil {
		return err
	}
	return s.misshapen(at, reason)
}
