package render

import (
	"fmt"
	"strings"
	"unicode"
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
		return fmt.Sprintf(`\u%04x`, r)
	})
}

// visibleJSON is Visible for JSON. JSON texts contain the characters that JSON does not
// escape only in strings, in which \u escapes stand for them.
func visibleJSON(s string) string {
	return escapeSteering(s, func(r rune) string { return fmt.Sprintf(`\u%04x`, r) })
}

func escapeSteering(s string, escape func(rune) string) string {
	if !strings.ContainsFunc(s, Steers) && !strings.ContainsFunc(s, isInvalid) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if Steers(r) {
			b.WriteString(escape(r))
		} else {
			b.WriteRune(r) // a byte that is no character becomes U+FFFD: some terminals take it as a C1 control
		}
	}
	return b.String()
}

func isInvalid(r rune) bool { return r == unicode.ReplacementChar }

// controlName is the escape for a control character of ASCII.
func controlName(c byte) string {
	if name, ok := controlNames[c]; ok {
		return `\` + name
	}
	return fmt.Sprintf(`\%d`, c)
}

var controlNames = map[byte]string{7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 27: "e"}
