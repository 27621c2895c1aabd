package shell

import (
	"strings"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/render"
)

// visibleText drops what would steer the terminal. Texts in which widths count take it
// instead of render.Visible, since these characters have no width.
func visibleText(s string) string {
	return strings.Map(func(r rune) rune {
		if render.Steers(r) {
			return -1
		}
		return r
	}, s)
}
