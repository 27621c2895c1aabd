package shell

import (
	"strings"
	"unicode"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/render"
)

// visibleText removes control sequences from a text that is edited: the editor would
// compute a wrong width for an escaped form.
func visibleText(s string) string { return drop(s, render.Steers) }

// withoutControls removes control characters other than line feed and tab, as most
// terminals do with pasted text.
func withoutControls(s string) string {
	return drop(s, func(r rune) bool { return unicode.IsControl(r) && render.Steers(r) })
}

func drop(s string, what func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if what(r) {
			return -1
		}
		return r
	}, s)
}
