package arrowconv

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A scanner reads one JSON text in memory. It accepts the same texts as jsontext (a fuzz
// target compares them). Reading a page token by token through jsontext would take longer
// than all work on the page. Strings with escapes, and objects and arrays that are skipped,
// are read by jsontext.
type scanner struct {
	buf     []byte
	pos     int
	scratch []byte            // the last string with escapes
	skipper *jsontext.Decoder // reads the values that are passed over
	rest    bytes.Buffer      // from here
}

// reset begins with another text. If buf is nil, it only drops the references to the last
// one.
func (s *scanner) reset(buf []byte) {
	s.buf, s.pos = buf, 0
	if buf == nil && s.skipper != nil {
		s.rest = bytes.Buffer{}
		s.skipper.Reset(&s.rest)
	}
}

// peek is the next byte that is not white space, 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.buf) && s.buf[s.pos] > ' ' {
		return s.buf[s.pos]
	}
	return s.peekSpace()
}

func (s *scanner) peekSpace() byte {
	for ; s.pos < len(s.buf); s.pos++ {
		switch c := s.buf[s.pos]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// more moves to the next member of an object or element of an array. It returns false after
// it has read the closing bracket.
func (s *scanner) more(first bool, closing byte) (bool, error) {
	switch c := s.peek(); {
	case c == closing:
		s.pos++
		return false, nil
	case first:
		return true, nil
	case c == ',':
		s.pos++
		return true, nil
	}
	return false, s.malformed(s.pos, "expected a comma or "+string(closing))
}

// name reads the name of a member and the colon after it; the name is valid until
// the next string is read.
func (s *scanner) name() ([]byte, error) {
	if s.peek() != '"' {
		return nil, s.malformed(s.pos, "expected a name in quotes")
	}
	name, err := s.text()
	if err != nil {
		return nil, err
	}
	if s.peek() != ':' {
		return nil, s.malformed(s.pos, "expected a colon")
	}
	s.pos++
	return name, nil
}

// match reads the text if it is next. It compares eight bytes at a time, the last eight
// including bytes before them, because that is faster than a function call.
func (s *scanner) match(text []byte) bool {
	b, n := s.buf[s.pos:], len(text)
	if len(b) < n {
		return false
	}
	if n < 8 {
		if string(b[:n]) != string(text) {
			return false
		}
		s.pos += n
		return true
	}
	for i := 0; i < n-8; i += 8 {
		if binary.LittleEndian.Uint64(b[i:]) != binary.LittleEndian.Uint64(text[i:]) {
			return false
		}
	}
	if binary.LittleEndian.Uint64(b[n-8:]) != binary.LittleEndian.Uint64(text[n-8:]) {
		return false
	}
	s.pos += n
	return true
}

// whole returns the integer of up to 18 digits at pos if the end of a value follows it, and
// its end. It does not move pos. For anything else, including other numbers, the end is 0.
func (s *scanner) whole() (n int64, end int) {
	i := s.pos
	for ; i < len(s.buf); i++ {
		d := s.buf[i] - '0'
		if d > 9 {
			break
		}
		n = n*10 + int64(d)
	}
	switch digits := i - s.pos; {
	case digits == 0 || digits > 18 || i == len(s.buf) || digits > 1 && s.buf[s.pos] == '0':
		return 0, 0
	}
	switch s.buf[i] {
	case ',', '}', ']':
		return n, i
	}
	return 0, 0
}

// scalar reads a null, boolean, string or number and returns its kind as 'n', 't', 'f', '"'
// or '0'. text is the content of a string or the number as written, valid until the next
// call. For an object or array it returns '{' or '[' and does not move.
func (s *scanner) scalar() (kind byte, text []byte, err error) {
	switch c := s.peek(); c {
	case '"':
		text, err = s.text()
		return c, text, err
	case 'n':
		return c, nil, s.literal("null")
	case 't':
		return c, s.buf[s.pos:min(s.pos+4, len(s.buf))], s.literal("true")
	case 'f':
		return c, s.buf[s.pos:min(s.pos+5, len(s.buf))], s.literal("false")
	case '{', '[':
		return c, nil, nil
	}
	start := s.pos
	end, ok := numberEnd(s.buf, start)
	if !ok {
		return 0, nil, s.malformed(end, "expected a value")
	}
	s.pos = end
	return '0', s.buf[start:end], nil
}

func (s *scanner) literal(word string) error {
	rest := s.buf[s.pos:]
	// Here the words begin as they should, so four bytes are enough of false too.
	if len(rest) >= len(word) && string(rest[len(word)-4:len(word)]) == word[len(word)-4:] {
		s.pos += len(word)
		return nil
	}
	i := 0
	for i < len(rest) && rest[i] == word[i] {
		i++
	}
	return s.malformed(s.pos+i, "expected "+word)
}

const (
	each = 0x0101010101010101 // times a byte: that byte eight times
	high = 0x8080808080808080
)

// text reads the string at pos, eight bytes at a time up to the first quote,
// backslash or control character.
func (s *scanner) text() ([]byte, error) {
	start, i := s.pos+1, s.pos+1
	var seen uint64 // has a bit of high set once a byte was outside ASCII
	for ; i+8 <= len(s.buf); i += 8 {
		w := binary.LittleEndian.Uint64(s.buf[i:])
		quote, slash := w^(each*'"'), w^(each*'\\')
		// The lowest bit set is exact: a borrow only ever travels upwards.
		hits := ((quote-each)&^quote | (slash-each)&^slash | (w-each*' ')&^w) & high
		if hits != 0 {
			n := bits.TrailingZeros64(hits) &^ 7
			seen |= w & (1<<n - 1)
			i += n / 8
			break
		}
		seen |= w
	}
	for ; i < len(s.buf); i++ {
		switch c := s.buf[i]; {
		case c == '"':
			s.pos = i + 1
			if seen&high != 0 && !utf8.Valid(s.buf[start:i]) {
				return nil, s.malformed(start-1, "invalid UTF-8 in a string")
			}
			return s.buf[start:i], nil
		case c == '\\':
			return s.escaped(start-1, i)
		case c < ' ':
			return nil, s.malformed(i, "control character in a string")
		}
		seen |= uint64(s.buf[i])
	}
	return nil, s.malformed(i, "")
}

// escaped reads the string that starts at start and has its first backslash at i.
func (s *scanner) escaped(start, i int) ([]byte, error) {
	for ; i < len(s.buf); i++ {
		switch s.buf[i] {
		case '\\':
			i++
		case '"':
			text, err := jsontext.AppendUnquote(s.scratch[:0], s.buf[start:i+1])
			if err != nil {
				return nil, s.malformed(start, "invalid string")
			}
			s.pos, s.scratch = i+1, text
			return text, nil
		}
	}
	return nil, s.malformed(len(s.buf), "")
}

// duplicate is the reason for refusing an object that has a name twice.
const duplicate = "duplicate name"

// skip passes over the next value, whatever it is, having checked it.
func (s *scanner) skip() error {
	if kind, _, err := s.scalar(); err != nil || kind != '{' && kind != '[' {
		return err
	}
	s.rest = *bytes.NewBuffer(s.buf[s.pos:])
	if s.skipper == nil {
		s.skipper = jsontext.NewDecoder(&s.rest)
	} else {
		s.skipper.Reset(&s.rest)
	}
	value, err := s.skipper.ReadValue()
	if err == nil {
		s.pos += len(value)
		return nil
	}
	var bad *jsontext.SyntacticError
	if !errors.As(err, &bad) || errors.Is(err, io.ErrUnexpectedEOF) {
		return s.malformed(len(s.buf), "")
	}
	reason := bad.Err.Error()
	if errors.Is(err, jsontext.ErrDuplicateName) {
		reason = duplicate
	}
	return s.malformed(s.pos+int(bad.ByteOffset), reason)
}

// malformed returns the error for a text that is not JSON. If the text ends too early, the
// error is about that.
func (s *scanner) malformed(at int, reason string) error {
	if at >= len(s.buf) {
		at, reason = len(s.buf), "the response ends too early"
	}
	e := s.misshapen(at, reason).(*FormatError)
	e.malformed = true
	return e
}

// misshapen returns the error for JSON that is not a response of the report.
func (s *scanner) misshapen(at int, reason string) error {
	return &FormatError{Reason: reason, Offset: int64(at), Excerpt: shorten(s.buf[min(at, len(s.buf)):])}
}
