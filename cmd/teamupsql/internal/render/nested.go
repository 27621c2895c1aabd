package render

import "strings"

// tokenKind is a kind of token in the text of a nested value, be it DuckDB's own
// form or JSON.
type tokenKind uint8

const (
	opening tokenKind = iota
	closing
	word
	colon
	comma
)

type token struct {
	kind tokenKind
	text string
}

// tokens splits the text of a nested value. ok is false if its brackets do not match, which
// can happen in an unquoted text.
func tokens(s string) (all []token, ok bool) {
	t := tokenizer{}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case t.quote != 0:
			t.inQuote(c)
		case t.atValue && i+4 < len(s) && strings.EqualFold(s[i:i+4], "null"):
			t.push(word, "null", true)
			i += 3
		case c == '\\' && i+1 < len(s) && (s[i+1] == 'n' || s[i+1] == 't'):
			i++ // a line break or tab that was made visible: white space here
		default:
			if !t.plain(c) {
				return nil, false
			}
		}
	}
	return t.all, true
}

type tokenizer struct {
	all     []token
	open    []byte // the brackets that are open
	quote   byte   // the quote that the text is in, 0 for none
	escaped bool
	atValue bool // a null here is a value
	inWord  bool // within a value without quotes, in which spaces are content
}

func (t *tokenizer) inQuote(c byte) {
	t.push(word, string([]byte{c}), false)
	switch {
	case t.escaped:
		t.escaped = false
	case c == '\\':
		t.escaped = true
	case c == t.quote:
		t.quote = 0
	}
}

func (t *tokenizer) plain(c byte) bool {
	switch c {
	case '[', '{':
		t.open = append(t.open, c)
		t.push(opening, string([]byte{c}), true)
		t.atValue = c == '['
	case ']', '}':
		if n := len(t.open); n == 0 || t.open[n-1] != c-2 {
			return false
		}
		t.open = t.open[:len(t.open)-1]
		t.push(closing, string([]byte{c}), true)
		t.inWord = false
	case '"', '\'':
		t.push(word, string([]byte{c}), false)
		t.quote = c
	case ',':
		t.push(comma, ",", true)
		t.inWord = false
	case ':':
		t.push(colon, ":", true)
		t.atValue = true
	case ' ':
		if t.inWord {
			t.push(word, " ", false)
		}
	case '\t', '\n':
	default:
		t.inWord = true
		t.push(word, string([]byte{c}), false)
	}
	return true
}

// push adds a token, or more text to the word before it.
func (t *tokenizer) push(kind tokenKind, text string, whole bool) {
	if n := len(t.all); !whole && n > 0 && t.all[n-1].kind == word {
		t.all[n-1].text += text
		return
	}
	t.all = append(t.all, token{kind, text})
}
