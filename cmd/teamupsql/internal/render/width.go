package render

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// stringWidth is how many columns of a screen the text takes: for each character,
// as a reader sees them, the width of its first code point, as DuckDB counts.
func stringWidth(s string) int {
	if isASCII(s) {
		return len(s)
	}
	width, state := 0, -1
	for s != "" {
		var cluster string
		cluster, s, _, state = uniseg.FirstGraphemeClusterInString(s, state)
		width += clusterWidth(cluster)
	}
	return width
}

func clusterWidth(cluster string) int {
	r, size := utf8.DecodeRuneInString(cluster)
	switch {
	case r < 0x80:
		return asciiWidth(byte(r))
	case unicode.Is(unicode.M, r) || unicode.Is(unicode.Cc, r):
		return 0
	case r >= 0x1F1E6 && r <= 0x1F1FF: // a flag is two of these, each one column wide
		return 1
	}
	return uniseg.StringWidth(cluster[:size])
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

func asciiWidth(c byte) int {
	if c < ' ' || c == 0x7f {
		return 0
	}
	return 1
}

// cut returns the prefix of s that fits into the width, up to a line break, which it skips,
// the rest, and the width used. taken is the width used before.
func cut(s string, width, taken int) (head, rest string, used int) {
	state, left := -1, s
	for left != "" {
		if left[0] == '\n' {
			return s[:len(s)-len(left)], left[1:], taken
		}
		cluster, after, _, next := uniseg.FirstGraphemeClusterInString(left, state)
		w := clusterWidth(cluster)
		if taken+w > width {
			break
		}
		taken, left, state = taken+w, after, next
	}
	return s[:len(s)-len(left)], left, taken
}

// escapes are the sequences that colour a terminal's text.
var escapes = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

// lineWidth is the width of the text's last line, tabs counted: how the tables
// other than duckbox measure values, which they print as they are.
func lineWidth(s string) int {
	if isASCII(s) {
		return len(s)
	}
	s = escapes.ReplaceAllString(s[strings.LastIndexByte(s, '\n')+1:], "")
	width := 0
	for i, part := range strings.Split(s, "\t") {
		if i > 0 {
			width += 8 - width%8
		}
		width += stringWidth(part)
	}
	return width
}
