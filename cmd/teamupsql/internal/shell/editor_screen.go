package shell

import (
	"fmt"
	"strings"

	"github.com/rivo/uniseg"
)

// The line editor redraws with relative cursor movements. It moves one row below the
// text and back, which on the last row of the screen goes up by one row too many: each
// key would erase a row of what stands above. It could request the cursor's position,
// but loses what is typed before the terminal responds. So the prompt makes room first,
// whatever the position: as many line feeds as there are rows scroll the screen if they
// must, and the cursor moves up again by the same number.

// room returns the control characters that make room for the text, which begins behind a
// prompt of the given width, and for one row below it.
func room(text string, indent, width, height int) string {
	rows := min(textRows(text, indent, width), height-1)
	if rows < 1 {
		return ""
	}
	// A vertical tab is a line feed that the editor does not take for the end of a line.
	return strings.Repeat("\v", rows) + fmt.Sprintf("\x1b[%dA", rows)
}

// textRows counts the rows of an edited text; each of its lines is indented.
func textRows(text string, indent, width int) int {
	rows := 0
	for line := range strings.SplitSeq(text, "\n") {
		rows++
		if width > 0 {
			line = strings.ReplaceAll(line, "\t", "     ") // as the editor shows tabs
			rows += (indent + uniseg.StringWidth(line)) / width
		}
	}
	return rows
}

// freshLine moves the cursor to the start of a line: the next one if the last output
// did not end with a line break. Blanks as wide as the screen wrap only then.
func freshLine(width int) string { return strings.Repeat(" ", max(0, width)) + "\r" }
