package tablefunc

import "strings"

// queryOf finds the query that a statement runs: itself, or what EXPLAIN, COPY
// (…) TO, CREATE TABLE … AS, CREATE VIEW … AS or [WITH …] INSERT INTO … wraps. It returns
// the statement as it is where it sees none of these.
func queryOf(text string) string {
	words := topWords(text)
	if len(words) > 0 && words[0].is("EXPLAIN") {
		words = words[1:]
		for len(words) > 0 && (words[0].is("ANALYZE") || words[0].is("ANALYSE") || words[0].group && explainOptions(text, words)) {
			words = words[1:]
		}
		if len(words) == 0 {
			return text
		}
		text = text[words[0].at:]
		words = topWords(text)
	}
	if len(words) < 2 {
		return text
	}
	switch {
	case words[0].is("COPY") && words[1].group:
		return text[words[1].at+1 : words[1].end-1]
	case words[0].is("CREATE"):
		return withoutData(afterWord(text, words, "AS"))
	case words[0].is("INSERT"):
		return insertQuery(text, words)
	case words[0].is("WITH"):
		return withInsertQuery(text, words)
	}
	return text
}

// withoutData is the query of a CREATE TABLE … AS without its WITH [NO] DATA.
func withoutData(query string) string {
	words := topWords(query)
	at := len(words) - 1
	if at < 2 || !words[at].is("DATA") {
		return query
	}
	if at--; words[at].is("NO") {
		at--
	}
	if at < 1 || !words[at].is("WITH") {
		return query
	}
	return query[:words[at].at]
}

// withInsertQuery is what WITH … INSERT INTO … SELECT inserts, with the WITH.
func withInsertQuery(text string, words []word) string {
	for i, w := range words {
		if !w.is("INSERT") || i+1 == len(words) || !(words[i+1].is("INTO") || words[i+1].is("OR")) {
			continue
		}
		insert := text[w.at:]
		query := insertQuery(insert, topWords(insert))
		if query == insert || strings.HasPrefix(strings.ToUpper(query), "WITH") {
			return text
		}
		return text[:w.at] + query
	}
	return text
}

// explainOptions says whether the parentheses after EXPLAIN hold options and not
// the query itself.
func explainOptions(text string, words []word) bool {
	first := firstWords(text[words[0].at+1:], 1)
	return len(words) > 1 && len(first) == 1 && (first[0] == "FORMAT" || first[0] == "ANALYZE" || first[0] == "ANALYSE")
}

func afterWord(text string, words []word, keyword string) string {
	for i, w := range words[:len(words)-1] {
		if w.is(keyword) {
			return text[words[i+1].at:]
		}
	}
	return text
}

// insertQuery is what INSERT INTO inserts: it begins with the first top-level
// SELECT, WITH or FROM and ends before ON CONFLICT or RETURNING.
func insertQuery(text string, words []word) string {
	start, end := -1, len(text)
	for i, w := range words {
		switch {
		case start < 0 && i > 2 && (w.is("SELECT") || w.is("WITH") || w.is("FROM")):
			start = w.at
		case start < 0 && i > 2 && w.group && i == len(words)-1 && !words[i-1].is("VALUES"):
			start = w.at
		case start >= 0 && w.is("RETURNING"), start >= 0 && w.is("ON") && i+1 < len(words) && words[i+1].is("CONFLICT"):
			if end == len(text) {
				end = w.at
			}
		}
	}
	if start < 0 {
		return text
	}
	return text[start:end]
}

// word is a word or a parenthesised group at the top level of a statement.
type word struct {
	text  string // in upper case
	at    int
	end   int
	group bool
}

func (w word) is(keyword string) bool { return w.text == keyword }

// topWords lists the words and groups of a statement; what stands in parentheses,
// quotes or comments is not looked into.
func topWords(text string) []word {
	var words []word
	depth, open := 0, 0
	for i := 0; i < len(text); {
		n, _ := token(text[i:], i > 0 && isWord(text[i-1]))
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
				words = append(words, word{at: open, end: i + 1, group: true})
			}
		case depth == 0 && isWord(c):
			for i+n < len(text) && isWord(text[i+n]) {
				n++
			}
			words = append(words, word{text: strings.ToUpper(text[i : i+n]), at: i, end: i + n})
		}
		i += n
	}
	return words
}
