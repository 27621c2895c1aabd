package sqltext

import "strings"

// InnerQuery returns the query that a statement runs: the query in EXPLAIN, COPY (…) TO,
// CREATE TABLE … AS, CREATE VIEW … AS or [WITH …] INSERT INTO …, and any other statement
// unchanged.
func InnerQuery(text string) string {
	words := TopWords(text)
	if len(words) > 0 && words[0].Is("EXPLAIN") {
		words = words[1:]
		for len(words) > 0 && (words[0].Is("ANALYZE") || words[0].Is("ANALYSE") || words[0].Group && explainOptions(text, words)) {
			words = words[1:]
		}
		if len(words) == 0 {
			return text
		}
		text = text[words[0].Start:]
		words = TopWords(text)
	}
	if len(words) < 2 {
		return text
	}
	switch {
	case words[0].Is("COPY") && words[1].Group:
		return text[words[1].Start+1 : words[1].End-1]
	case words[0].Is("CREATE"):
		return withoutData(afterWord(text, words, "AS"))
	case words[0].Is("INSERT"):
		return insertQuery(text, words)
	case words[0].Is("WITH"):
		return withInsertQuery(text, words)
	}
	return text
}

// withoutData is the query of a CREATE TABLE … AS without its WITH [NO] DATA.
func withoutData(query string) string {
	words := TopWords(query)
	at := len(words) - 1
	if at < 2 || !words[at].Is("DATA") {
		return query
	}
	if at--; words[at].Is("NO") {
		at--
	}
	if at < 1 || !words[at].Is("WITH") {
		return query
	}
	return query[:words[at].Start]
}

// withInsertQuery returns the query that WITH … INSERT INTO … SELECT inserts, including the
// WITH.
func withInsertQuery(text string, words []Word) string {
	for i, w := range words {
		if !w.Is("INSERT") || i+1 == len(words) || !(words[i+1].Is("INTO") || words[i+1].Is("OR")) {
			continue
		}
		insert := text[w.Start:]
		query := insertQuery(insert, TopWords(insert))
		if query == insert || strings.HasPrefix(strings.ToUpper(query), "WITH") {
			return text
		}
		return text[:w.Start] + query
	}
	return text
}

// explainOptions reports whether the parentheses after EXPLAIN contain options and not the
// query.
func explainOptions(text string, words []Word) bool {
	first := FirstWords(text[words[0].Start+1:], 1)
	return len(words) > 1 && len(first) == 1 && (first[0] == "FORMAT" || first[0] == "ANALYZE" || first[0] == "ANALYSE")
}

func afterWord(text string, words []Word, keyword string) string {
	for i, w := range words[:len(words)-1] {
		if w.Is(keyword) {
			return text[words[i+1].Start:]
		}
	}
	return text
}

// insertQuery returns the query of INSERT INTO: it begins with the first top-level SELECT,
// WITH or FROM and ends before ON CONFLICT or RETURNING.
func insertQuery(text string, words []Word) string {
	start, end := -1, len(text)
	for i, w := range words {
		switch {
		case start < 0 && i > 2 && (w.Is("SELECT") || w.Is("WITH") || w.Is("FROM")):
			start = w.Start
		case start < 0 && i > 2 && w.Group && i == len(words)-1 && !words[i-1].Is("VALUES"):
			start = w.Start
		case start >= 0 && w.Is("RETURNING"), start >= 0 && w.Is("ON") && i+1 < len(words) && words[i+1].Is("CONFLICT"):
			if end == len(text) {
				end = w.Start
			}
		}
	}
	if start < 0 {
		return text
	}
	return text[start:end]
}

// Word is a word or a parenthesised group at the top level of a statement.
type Word struct {
	Text       string // in upper case; empty for a group
	Start, End int    // its bytes in the statement
	Group      bool
}

// Is reports whether the word is the keyword, which must be in upper case.
func (w Word) Is(keyword string) bool { return w.Text == keyword }

// TopWords lists the words and groups of a statement. Parentheses, quotes and
// comments are not searched for words.
func TopWords(text string) []Word {
	var words []Word
	depth, open := 0, 0
	for _, t := range Tokens(text) {
		switch piece := text[t.Start:t.End]; {
		case piece == "(":
			if depth == 0 {
				open = t.Start
			}
			depth++
		case piece == ")" && depth > 0:
			if depth--; depth == 0 {
				words = append(words, Word{Start: open, End: t.End, Group: true})
			}
		case depth == 0 && (t.Kind == Keyword || t.Kind == Number):
			words = append(words, Word{Text: strings.ToUpper(piece), Start: t.Start, End: t.End})
		}
	}
	return words
}

// NameLength measures a name, quoted or not, with the names of schema and
// database before it.
func NameLength(s string) int {
	n := 0
	for n < len(s) {
		if s[n] == '"' || s[n] == '\'' {
			length, _ := quotedLength(s[n:], 0, false)
			n += length
		} else {
			n += wordLength(s[n:])
		}
		if n >= len(s) || s[n] != '.' {
			break
		}
		n++
	}
	return n
}
