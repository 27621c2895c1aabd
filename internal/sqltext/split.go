package sqltext

import "strings"

// Split splits a text into its statements at the semicolons outside strings, quoted names
// and comments. It returns the statements without their semicolons and omits empty ones. It
// returns a text without a statement unchanged, so that DuckDB reports the error.
func Split(text string) []string {
	if parts := split(text, 0); len(parts) > 0 {
		return parts
	}
	return []string{text}
}

// Statements is Split for a text that a user has entered: it keeps the semicolons, and
// returns nothing for a text without a statement.
func Statements(text string) []string { return split(text, len(";")) }

// split splits a text after the first bytes of the semicolons.
func split(text string, keep int) []string {
	var parts []string
	start, content := 0, false
	cut := func(end, next int) {
		if content {
			parts = append(parts, strings.TrimSpace(text[start:end]))
		}
		start, content = next, false
	}
	for _, t := range Tokens(text) {
		switch {
		case t.Kind == Semicolon:
			cut(t.Start+keep, t.End)
		case !t.blank():
			content = true
		}
	}
	cut(len(text), len(text))
	return parts
}

// Complete reports whether the text ends with a finished statement: its last token
// other than white space and comments is a semicolon, and no token is open.
func Complete(text string) bool {
	done := false
	for _, t := range Tokens(text) {
		switch {
		case t.Open:
			return false
		case !t.blank():
			done = t.Kind == Semicolon
		}
	}
	return done
}

// FirstWords returns the first n words of a statement in upper case, without comments. It
// returns fewer if a token other than a word comes first.
func FirstWords(text string, n int) []string {
	var words []string
	for i := 0; i < len(text) && len(words) < n; {
		t := tokenAt(text, i)
		i = t.End
		if t.blank() {
			continue
		}
		if t.Kind != Keyword {
			break
		}
		words = append(words, strings.ToUpper(text[t.Start:t.End]))
	}
	return words
}
