package sqltext

import (
	"strings"
	"unicode/utf8"
)

// Kind is the kind of a token.
type Kind uint8

// The kinds of tokens.
const (
	Space Kind = iota
	Comment
	Keyword // a keyword or a name without quotes
	Number
	Text // a string, with quotes or dollars
	Name // a quoted name
	Semicolon
	Other // an operator, a parenthesis or the like
)

// Token is a piece of SQL text: its bytes from Start to End. Open reports that the
// text ends before the token does, as in an unterminated string.
type Token struct {
	Kind       Kind
	Start, End int
	Open       bool
}

// blank reports whether the token is white space or a comment.
func (t Token) blank() bool { return t.Kind == Space || t.Kind == Comment }

// Tokens divides a text as DuckDB's parser does. Every byte belongs to a token,
// whatever the text.
func Tokens(text string) []Token {
	var tokens []Token
	for i := 0; i < len(text); {
		t := tokenAt(text, i)
		tokens = append(tokens, t)
		i = t.End
	}
	return tokens
}

// tokenAt returns the token that starts at text[i].
func tokenAt(text string, i int) Token {
	token := func(kind Kind, length int, open bool) Token { return Token{kind, i, i + length, open} }
	s := text[i:]
	switch c := s[0]; {
	case spaceLength(s) > 0:
		return token(Space, spacesLength(s), false)
	case strings.HasPrefix(s, "--"):
		if end := strings.IndexAny(s, "\r\n"); end >= 0 {
			return token(Comment, end, false)
		}
		return token(Comment, len(s), false)
	case strings.HasPrefix(s, "/*"):
		n, open := commentLength(s)
		return token(Comment, n, open)
	case c == '\'':
		n, open := quotedLength(s, 0, false)
		return token(Text, n, open)
	case c == '"':
		n, open := quotedLength(s, 0, false)
		return token(Name, n, open)
	case (c == 'e' || c == 'E') && strings.HasPrefix(s[1:], "'"):
		n, open := quotedLength(s, 1, true)
		return token(Text, n, open)
	case c == '$':
		kind, n, open := dollarLength(s)
		return token(kind, n, open)
	case c == ';':
		return token(Semicolon, 1, false)
	case isDigit(c), c == '.' && len(s) > 1 && isDigit(s[1]):
		return token(Number, numberLength(s), false)
	case IsWord(c):
		return token(Keyword, wordLength(s), false)
	}
	return token(Other, 1, false)
}

// spaceLength measures the white space character at the start of s; 0 if there is
// none. Like DuckDB, it counts the spaces of Unicode.
func spaceLength(s string) int {
	switch c := s[0]; {
	case c == ' ' || c >= '\t' && c <= '\r':
		return 1
	case c < utf8.RuneSelf:
		return 0
	}
	switch r, n := utf8.DecodeRuneInString(s); {
	case r == '\u00A0', r >= '\u2000' && r <= '\u200D', r == '\u202F', r == '\u205F', r == '\u2060', r == '\u3000', r == '\uFEFF':
		return n
	}
	return 0
}

func spacesLength(s string) int {
	end := 0
	for end < len(s) {
		n := spaceLength(s[end:])
		if n == 0 {
			break
		}
		end += n
	}
	return end
}

// commentLength measures a block comment; they nest.
func commentLength(s string) (length int, open bool) {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], "/*"):
			depth++
			i++
		case strings.HasPrefix(s[i:], "*/"):
			depth--
			i++
			if depth == 0 {
				return i + 1, false
			}
		}
	}
	return len(s), true
}

// quotedLength returns the length of a string or a quoted name whose quote is at s[at]. A
// doubled quote is part of it; a backslash escapes only in E'…'.
func quotedLength(s string, at int, backslash bool) (length int, open bool) {
	quote := s[at]
	for i := at + 1; i < len(s); i++ {
		switch {
		case backslash && s[i] == '\\':
			i++
		case s[i] != quote:
		case i+1 < len(s) && s[i+1] == quote:
			i++
		default:
			return i + 1, false
		}
	}
	return len(s), true
}

// dollarLength measures a $tag$…$tag$ string, or the dollar of a parameter.
func dollarLength(s string) (kind Kind, length int, open bool) {
	end := 1
	for end < len(s) && IsWord(s[end]) && (end > 1 || !isDigit(s[end])) {
		end++
	}
	if end == len(s) || s[end] != '$' {
		return Other, 1, false
	}
	tag := s[:end+1]
	if close := strings.Index(s[len(tag):], tag); close >= 0 {
		return Text, len(tag) + close + len(tag), false
	}
	return Text, len(s), true
}

// numberLength measures a number. An exponent without digits is none: 1e'x' is 1
// and a string.
func numberLength(s string) int {
	if len(s) > 1 && s[0] == '0' && strings.IndexByte("xXoObB", s[1]) >= 0 {
		return 2 + digitsLength(s[2:], true)
	}
	n := digitsLength(s, false)
	if n < len(s) && s[n] == '.' {
		n++
		n += digitsLength(s[n:], false)
	}
	if n < len(s) && (s[n] == 'e' || s[n] == 'E') {
		exponent := n + 1
		if exponent < len(s) && (s[exponent] == '+' || s[exponent] == '-') {
			exponent++
		}
		if digits := digitsLength(s[exponent:], false); digits > 0 {
			n = exponent + digits
		}
	}
	return n
}

// digitsLength measures digits, with underscores between them.
func digitsLength(s string, hex bool) int {
	n := 0
	for n < len(s) && (isDigit(s[n]) || s[n] == '_' || hex && (s[n]|0x20 >= 'a' && s[n]|0x20 <= 'f')) {
		n++
	}
	return n
}

// wordLength measures a keyword or a name, in which dollars may follow the first
// character.
func wordLength(s string) int {
	n := 0
	for n < len(s) && (IsWord(s[n]) || n > 0 && s[n] == '$') && (s[n] < utf8.RuneSelf || spaceLength(s[n:]) == 0) {
		n++
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// IsWord reports whether c can be part of an unquoted name, a keyword or a number.
// All bytes of characters outside ASCII can.
func IsWord(c byte) bool {
	return c == '_' || c >= utf8.RuneSelf || isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
