package render

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Steers reports whether a terminal may take the character as a command instead of
// showing it: a control character other than line feed and tab, or one that reorders
// the text around it. (Unicode calls these Bidi_Control.)
func Steers(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r)
}

// Visible returns s with an escape for each character that would steer a terminal, such
// as \e for ESC and \u202e for RIGHT-TO-LEFT OVERRIDE.
func Visible(s string) string {
	return escapeSteering(s, func(r rune) string {
		if r < ' ' {
			return controlName(byte(r))
		}
		return jsonEscape(r)
	})
}

// VisibleLine is Visible for text that must stay on its line.
func VisibleLine(s string) string { return escapeControls(Visible(s)) }

// visibleJSON is Visible for JSON. JSON contains such characters only in strings, in which
// they can be \u escapes, except for the carriage return, which may be white space.
func visibleJSON(s string) string {
	return escapeSteering(s, func(r rune) string {
		if r == '\r' {
			return " "
		}
		return jsonEscape(r)
	})
}

func jsonEscape(r rune) string { return fmt.Sprintf(`\u%04x`, r) }

// escapeSteering replaces the characters that steer a terminal. A byte that belongs to no
// character becomes U+FFFD, because some terminals take it for a control character.
func escapeSteering(s string, escape func(rune) string) string {
	if !strings.ContainsFunc(s, Steers) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if Steers(r) {
			b.WriteString(escape(r))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// controlName is the escape for a control character of ASCII.
func controlName(c byte) string {
	if name, ok := controlNames[c]; ok {
		return `\` + name
	}
	return fmt.Sprintf(`\%d`, c)
}

var controlNames = map[byte]string{7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 27: "e"}
