package sqltext

import "strings"

// Split cuts a text into its statements at the semicolons that stand
// outside strings, quoted names, dollar quotes and comments. Parts without a
// statement are left out; a text without any comes back as it is, so that DuckDB
// says what is wrong with it.
func Split(text string) []string {
	var parts []string
	start, content := 0, false
	cut := func(end int) {
		if content {
			parts = append(parts, strings.TrimSpace(text[start:end]))
		}
		start, content = end+1, false
	}
	for i := 0; i < len(text); {
		n, kind := token(text[i:], i > 0 && IsWord(text[i-1]))
		switch {
		case kind == semicolon:
			cut(i)
		case kind == solid:
			content = true
		}
		i += n
	}
	cut(len(text))
	if len(parts) == 0 {
		return []string{text}
	}
	return parts
}

type tokenKind int

const (
	blank     tokenKind = iota // white space or a comment
	solid                      // part of a statement
	semicolon                  // the end of one
)

// token measures the token at the start of s. inWord says that the character
// before it belongs to a word, in which neither E'…' nor $…$ can begin.
func token(s string, inWord bool) (length int, kind tokenKind) {
	switch c := s[0]; {
	case c == ';':
		return 1, semicolon
	case c == ' ' || c >= '\t' && c <= '\r':
		return 1, blank
	case strings.HasPrefix(s, "--"):
		if end := strings.IndexAny(s, "\r\n"); end >= 0 {
			return end, blank
		}
		return len(s), blank
	case strings.HasPrefix(s, "/*"):
		return commentLength(s), blank
	case c == '\'' || c == '"':
		return quotedLength(s, 0, false), solid
	case (c == 'e' || c == 'E') && !inWord && strings.HasPrefix(s[1:], "'"):
		return quotedLength(s, 1, true), solid
	case c == '$' && !inWord:
		return dollarLength(s), solid
	}
	return 1, solid
}

// commentLength measures a block comment; they nest.
func commentLength(s string) int {
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
				return i + 1
			}
		}
	}
	return len(s)
}

// quotedLength measures a string or a quoted name whose quote stands at s[at]. A
// doubled quote stands for one; a backslash escapes only in E'…'.
func quotedLength(s string, at int, backslash bool) int {
	quote := s[at]
	for i := at + 1; i < len(s); i++ {
		switch {
		case backslash && s[i] == '\\':
			i++
		case s[i] != quote:
		case i+1 < len(s) && s[i+1] == quote:
			i++
		default:
			return i + 1
		}
	}
	return len(s)
}

// dollarLength measures a $tag$…$tag$ string, or the dollar of a parameter.
func dollarLength(s string) int {
	end := 1
	for end < len(s) && IsWord(s[end]) && (end > 1 || s[end] < '0' || s[end] > '9') {
		end++
	}
	if end == len(s) || s[end] != '$' {
		return 1
	}
	tag := s[:end+1]
	if close := strings.Index(s[len(tag):], tag); close >= 0 {
		return len(tag) + close + len(tag)
	}
	return len(s)
}

// IsWord reports whether c can be part of an unquoted name, a keyword or a number.
// All bytes of characters outside ASCII can.
func IsWord(c byte) bool {
	return c == '_' || c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// FirstWords returns the first n words of a statement in upper case, without
// comments; fewer where something else than a word comes first.
func FirstWords(text string, n int) []string {
	var words []string
	for i := 0; i < len(text) && len(words) < n; {
		length, kind := token(text[i:], false)
		if kind == blank {
			i += length
			continue
		}
		end := i
		for end < len(text) && IsWord(text[end]) {
			end++
		}
		if end == i {
			break
		}
		words = append(words, strings.ToUpper(text[i:end]))
		i = end
	}
	return words
}
