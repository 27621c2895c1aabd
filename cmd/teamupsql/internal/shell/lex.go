package shell

import "strings"

// tokenKind is what a piece of SQL text is.
type tokenKind uint8

const (
	space tokenKind = iota
	comment
	word
	number
	text // a string or a dollar-quoted string
	name // a quoted name
	semicolon
	other
)

// token is a piece of SQL text. Open says that its end is missing.
type token struct {
	kind       tokenKind
	start, end int
	open       bool
}

// lex takes SQL apart. Every byte belongs to a token, whatever the text.
func lex(sql string) []token {
	var tokens []token
	for i := 0; i < len(sql); {
		t := next(sql, i)
		tokens = append(tokens, t)
		i = t.end
	}
	return tokens
}

func next(sql string, i int) token {
	rest := sql[i:]
	switch c := rest[0]; {
	case isSpace(c):
		return run(sql, i, space, isSpace)
	case strings.HasPrefix(rest, "--"):
		if n := strings.IndexByte(rest, '\n'); n >= 0 {
			return token{kind: comment, start: i, end: i + n + 1}
		}
		return token{kind: comment, start: i, end: len(sql)}
	case strings.HasPrefix(rest, "/*"):
		return blockComment(sql, i)
	case c == '\'':
		return quoted(sql, i, i, text, false)
	case c == '"':
		return quoted(sql, i, i, name, false)
	case (c == 'e' || c == 'E') && strings.HasPrefix(rest[1:], "'"):
		return quoted(sql, i, i+1, text, true)
	case c == '$':
		return dollar(sql, i)
	case c == ';':
		return token{kind: semicolon, start: i, end: i + 1}
	case isDigit(c):
		return run(sql, i, number, func(c byte) bool { return isWord(c) || c == '.' })
	case isWord(c):
		return run(sql, i, word, isWord)
	}
	return token{kind: other, start: i, end: i + 1}
}

func run(sql string, i int, kind tokenKind, in func(byte) bool) token {
	end := i
	for end < len(sql) && in(sql[end]) {
		end++
	}
	return token{kind: kind, start: i, end: end}
}

// blockComment reads a comment between /* and */, which nests in DuckDB.
func blockComment(sql string, i int) token {
	depth := 0
	for at := i; at < len(sql); at++ {
		if strings.HasPrefix(sql[at:], "/*") {
			depth++
			at++
		} else if strings.HasPrefix(sql[at:], "*/") {
			depth--
			at++
			if depth == 0 {
				return token{kind: comment, start: i, end: at + 1}
			}
		}
	}
	return token{kind: comment, start: i, end: len(sql), open: true}
}

// quoted reads up to the quote that stands at sql[at]; a doubled one is part of
// the text, and so is what a backslash escapes in E'…'.
func quoted(sql string, start, at int, kind tokenKind, backslash bool) token {
	quote := sql[at]
	for i := at + 1; i < len(sql); i++ {
		switch {
		case backslash && sql[i] == '\\':
			i++
		case sql[i] != quote:
		case i+1 < len(sql) && sql[i+1] == quote:
			i++
		default:
			return token{kind: kind, start: start, end: i + 1}
		}
	}
	return token{kind: kind, start: start, end: len(sql), open: true}
}

// dollar reads $tag$…$tag$, or the dollar of a parameter.
func dollar(sql string, i int) token {
	tag := i + 1
	for tag < len(sql) && isWord(sql[tag]) && (tag > i+1 || !isDigit(sql[tag])) {
		tag++
	}
	if tag == len(sql) || sql[tag] != '$' {
		return token{kind: other, start: i, end: i + 1}
	}
	mark := sql[i : tag+1]
	if end := strings.Index(sql[tag+1:], mark); end >= 0 {
		return token{kind: text, start: i, end: tag + 1 + end + len(mark)}
	}
	return token{kind: text, start: i, end: len(sql), open: true}
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isWord(c byte) bool {
	return c == '_' || isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// complete says whether the text ends with a finished statement: its last token
// that counts is a semicolon.
func complete(sql string) bool {
	done := false
	for _, t := range lex(sql) {
		if t.open {
			return false
		}
		if t.kind != space && t.kind != comment {
			done = t.kind == semicolon
		}
	}
	return done
}

// statements are the statements of a text, each with its semicolon.
func statements(sql string) []string {
	var list []string
	start, content := 0, false
	add := func(end int) {
		if content {
			list = append(list, strings.TrimSpace(sql[start:end]))
		}
		start, content = end, false
	}
	for _, t := range lex(sql) {
		switch t.kind {
		case semicolon:
			add(t.end)
		case space, comment:
		default:
			content = true
		}
	}
	add(len(sql))
	return list
}

// firstWord is the statement's first word in upper case, "" if it begins otherwise.
func firstWord(sql string) string {
	for _, t := range lex(sql) {
		switch t.kind {
		case space, comment:
		case word:
			return strings.ToUpper(sql[t.start:t.end])
		default:
			return ""
		}
	}
	return ""
}
