package sqltext

import (
	"slices"
	"strings"
)

// IsLimited reports whether a query ends in ORDER BY and LIMIT.
func IsLimited(query string) bool {
	words := TopWords(query)
	if len(words) == 0 || !words[0].Group && !words[0].Is("SELECT") && !words[0].Is("WITH") && !words[0].Is("FROM") {
		return false
	}
	ordered := slices.IndexFunc(words, func(w Word) bool { return w.Is("ORDER") })
	return ordered >= 0 && slices.ContainsFunc(words[ordered:], func(w Word) bool { return w.Is("LIMIT") })
}

// Wrap returns a query that selects everything from another one.
func Wrap(query string) string {
	return "SELECT * FROM (" + strings.TrimRight(query, "; \t\r\n") + "\n)"
}

// WrapLimited wraps each query inside another one that is limited, and the query
// itself if it is.
func WrapLimited(query string) string {
	var b strings.Builder
	end := 0
	for _, w := range TopWords(query) {
		if w.Group {
			b.WriteString(query[end:w.Start] + "(" + WrapLimited(query[w.Start+1:w.End-1]) + ")")
			end = w.End
		}
	}
	b.WriteString(query[end:])
	if IsLimited(query) {
		return Wrap(b.String())
	}
	return b.String()
}
