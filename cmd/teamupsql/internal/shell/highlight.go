package shell

import (
	"context"
	"strings"

	"github.com/teamupsql/teamupsql/internal/sqltext"
)

// keywords are DuckDB's words, in lower case.
func (s *Shell) keywords(ctx context.Context) map[string]bool {
	words := map[string]bool{}
	list, err := s.texts(ctx, "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category IN ('reserved', 'type_function')"+
		" OR keyword_name IN (SELECT unnest(split("+sqltext.QuoteText(commonWords)+", ' ')))")
	if err != nil {
		return words // a line without colours can be edited as well
	}
	for _, w := range list {
		words[w] = true
	}
	return words
}

// commonWords are keywords that may be names, but rarely are.
const commonWords = "insert update delete create table view drop alter set values by explain copy attach detach begin commit " +
	"rollback pragma call over partition between exists replace temp if show describe summarize asof"

// highlight colours a line of input. Dot commands and SQL may follow each other.
func highlight(input string, keywords map[string]bool) string {
	var b strings.Builder
	rest := input
	for strings.HasPrefix(rest, ".") {
		line, after, found := strings.Cut(rest, "\n")
		command, args, _ := strings.Cut(line, " ")
		b.WriteString(green + command + reset + line[len(command):len(line)-len(args)] + args)
		if !found {
			return b.String()
		}
		b.WriteByte('\n')
		rest = after
	}
	for _, t := range lex(rest) {
		piece := rest[t.start:t.end]
		switch {
		case t.kind == comment:
			piece = coloured(grey, piece)
		case t.kind == text, t.kind == number:
			piece = coloured(amber, piece)
		case t.kind == word && keywords[strings.ToLower(piece)]:
			piece = green + piece + reset
		}
		b.WriteString(piece)
	}
	return b.String()
}

// coloured ends the colour at line breaks, after which the editor prints a prompt.
func coloured(colour, piece string) string {
	return colour + strings.ReplaceAll(piece, "\n", reset+"\n"+colour) + reset
}
