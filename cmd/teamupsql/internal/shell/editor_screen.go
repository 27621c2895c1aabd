package shell

import (
	"fmt"
	"strings"

	"github.com/rivo/uniseg"
)

// The line editor redraws with relative cursor movements. It moves one row below the text
// and back, which on the last row of the screen moves up by one row too many, so that each
// key would erase a row above. The editor could request the cursor's position, but it loses
// keys that are typed before the terminal responds. So the prompt makes room first: it
// prints line feeds, which scroll the screen if necessary, and moves the cursor up by the
// same number.

// room returns the control characters that make room for the text and one row below it. The
// text begins after a prompt of the width indent.
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
		rows += lineWidth(line, indent) / width
	}
	return rows
}

// wrapped returns the text as the editor must display it. The editor takes a line that ends
// at the right edge to wrap, which a terminal does only with the next character. For the
// last line it provides that itself.
func wrapped(text string, indent, width int) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines[:len(lines)-1] {
		if lineWidth(line, indent)%width == 0 {
			lines[i] += "\v"
		}
	}
	return strings.Join(lines, "\n")
}

// lineWidth is the width of a line in columns; the editor shows a tab as five blanks.
func lineWidth(line string, indent int) int {
	return indent + uniseg.StringWidth(strings.ReplaceAll(line, "\t", "     "))
}

// freshLine moves the cursor to the start of a line: the next one if the last output
// did not end with a line break. Blanks as wide as the screen wrap only then.
func freshLine(width int) string { return strings.Repeat(" ", max(0, width)) + "\r" }
