package render

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestPretty(t *testing.T) {
	for _, c := range []struct {
		text         string
		lines, width int
		want         string
	}{
		{"{'a': 1, 'b': 2}", 10, 30, "{'a': 1, 'b': 2}"},
		{"{'a': 1, 'b': 'some text'}", 10, 20, "{\n  'a': 1,\n  'b': 'some text'\n}"},
		{"[1, 2, 3, 4, 5, 6]", 10, 10, "[1, 2, 3, \n 4, 5, 6]"},
		{"{'a': {'b': [1, NULL]}}", 10, 14, "{\n  'a': {\n    'b': [1, \n     null]\n  }\n}"},
		{"[]", 10, 20, "[]"},
		{"{'k': 道場 é, 'l': '🦆'}", 10, 16, "{\n  'k': 道場 é,\n  'l': '🦆'\n}"},
		{"{'a': 1, 'b': 'some text'}", 1, 10, "{'a': 1, 'b': 'some text'}"}, // does not fit
		{"{'a': x}y}", 10, 5, "{'a': x}y}"},                                 // not what it seems
	} {
		assert.Equal(t, c.want, pretty(c.text, c.lines, c.width), c.text)
	}
}

// Whatever the text, it is broken and never changed but for spaces, and the word
// that stands for a missing value.
func FuzzPretty(f *testing.F) {
	for _, s := range []string{"{'a': [1, {'b': NULL}]}", "[[1,2],[3]]", `{"k": "v\"", "n": null}`, "'", "[{", `\n`, "{a: b: c,,}"} {
		f.Add(s, 3, 12)
	}
	f.Fuzz(func(t *testing.T, text string, lines, width int) {
		if text = escapeControls(text); !utf8.ValidString(text) {
			return // DuckDB has no such text
		}
		got := pretty(text, lines%50, width%200)
		plain := func(s string) string {
			s = strings.NewReplacer(" ", "", "\n", "", `\n`, "", `\t`, "").Replace(s)
			return strings.ToLower(s)
		}
		if !strings.ContainsAny(text, `\`) && plain(got) != plain(text) {
			t.Fatalf("%q became %q", text, got)
		}
		row := []boxCell{{text: got, width: stringWidth(got), column: 0}}
		x := &box{perRow: 5, widths: []int{10}, columns: []column{{nested: true}}}
		_ = x.lines(row)
	})
}
