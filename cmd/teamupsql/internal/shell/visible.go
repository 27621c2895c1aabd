package shell

import (
	"strings"
	"unicode"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/render"
)

// visibleText drops what would steer the terminal from a text that is edited: an escape in
// its place would be wider than the editor takes it to be.
func visibleText(s string) string { return drop(s, render.Steers) }

// withoutControls drops control characters other than line feed and tab, as most terminals
// do with what is pasted. All other characters stay, whether or not they are shown.
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
