package sqltext

import "strings"

// InnerQuery returns the query that a statement runs: itself, or what EXPLAIN, COPY
// (…) TO, CREATE TABLE … AS, CREATE VIEW … AS or [WITH …] INSERT INTO … wraps. It returns
// the statement as it is where it sees none of these.
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

// withInsertQuery is what WITH … INSERT INTO … SELECT inserts, with the WITH.
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

// explainOptions says whether the parentheses after EXPLAIN hold options and not
// the query itself.
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

// insertQuery is what INSERT INTO inserts: it begins with the first top-level
// SELECT, WITH or FROM and ends before ON CONFLICT or RETURNING.
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

// Is reports whether the word is the keyword, which is given in upper case.
func (w Word) Is(keyword string) bool { return w.Text == keyword }

// TopWords lists the words and groups of a statement; what stands in parentheses,
// quotes or comments is not looked into.
func TopWords(text string) []Word {
	var words []Word
	depth, open := 0, 0
	for i := 0; i < len(text); {
		n, _ := token(text[i:], i > 0 && IsWord(text[i-1]))
		switch c := text[i]; {
		case n > 1:
		case c == '(':
			if depth == 0 {
				open = i
			}
			depth++
		case c == ')' && depth > 0:
			depth--
			if depth == 0 {
				words = append(words, Word{Start: open, End: i + 1, Group: true})
			}
		case depth == 0 && IsWord(c):
			for i+n < len(text) && IsWord(text[i+n]) {
				n++
			}
			words = append(words, Word{Text: strings.ToUpper(text[i : i+n]), Start: i, End: i + n})
		}
		i += n
	}
	return words
}

// NameLength measures a name, quoted or not, with the names of schema and
// database before it.
func NameLength(s string) int {
	n := 0
	for n < len(s) {
		if s[n] == '"' || s[n] == '\'' {
			n += quotedLength(s[n:], 0, false)
		} else {
			for n < len(s) && IsWord(s[n]) {
				n++
			}
		}
		if n >= len(s) || s[n] != '.' {
			break
		}
		n++
	}
	return n
}
