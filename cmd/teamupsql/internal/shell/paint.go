package shell

import (
	"regexp"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/render"
)

// The colours are those of the terminal's own palette, so that they fit its
// background.
const (
	reset = "\x1b[0m"
	bold  = "\x1b[1m"
	grey  = "\x1b[90m"
	red   = "\x1b[1;31m"
	green = "\x1b[32m"
	amber = "\x1b[33m"
)

func paintPart(part render.Part, text string) string {
	switch part {
	case render.Layout, render.ColumnType, render.NullValue, render.Footer:
		return grey + text + reset
	case render.ColumnName:
		return bold + text + reset
	}
	return text
}

// errorKind is how DuckDB begins an error: "Parser Error:".
var errorKind = regexp.MustCompile(`^[A-Za-z ]*[Ee]rror:`)

func paintError(text string) string {
	if kind := errorKind.FindString(text); kind != "" {
		return red + kind + reset + text[len(kind):]
	}
	return red + text + reset
}
