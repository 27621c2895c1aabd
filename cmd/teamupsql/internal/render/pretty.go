package render

import "strings"

// pretty breaks the text of a nested value into lines that fit the width, with at most so
// many additional lines: one element per line or, if that is too long or too wide, several
// elements per line, with less indentation if it is too wide. It returns the text unchanged
// if it does not fit.
func pretty(text string, lines, width int) string {
	all, ok := tokens(text)
	if !ok || len(all) > mostTokens {
		return text
	}
	f := formatter{all: all, lines: lines, width: width}
	next := spread
	for {
		f.reset(next)
		switch result := f.run(); {
		case result == fits:
			return f.out.String()
		case next != spread:
			return text
		case result == tooWide:
			next = narrow
		default:
			next = compact
		}
	}
}

// mostTokens is the largest value that is broken, because the time for nested brackets is
// quadratic.
const mostTokens = 10_000

type prettyStyle uint8

const (
	spread prettyStyle = iota
	compact
	narrow
)

type verdict uint8

const (
	fits verdict = iota
	tooWide
	tooLong
)

// placing is how a token is placed: by the rules, or as part of a bracket on one line or of
// one that fills lines.
type placing uint8

const (
	byRules placing = iota
	oneLine
	filled
)

type formatter struct {
	all          []token
	lines, width int

	style  prettyStyle
	indent int
	at     int // the token in hand
	depth  int
	line   int // width of the line so far
	breaks int
	result verdict
	out    strings.Builder
}

func (f *formatter) reset(style prettyStyle) {
	*f = formatter{all: f.all, lines: f.lines, width: f.width, style: style, indent: 2}
	if style == narrow {
		f.indent = 1
	}
}

func (f *formatter) run() verdict {
	for ; f.at < len(f.all) && f.result == fits; f.at++ {
		f.put(f.all[f.at], byRules)
	}
	return f.result
}

func (f *formatter) put(t token, how placing) {
	switch t.kind {
	case opening:
		f.open(t, how)
	case closing:
		f.depth = max(0, f.depth-f.step(t.text == "}"))
		if how == byRules {
			f.newline()
		}
		f.write(t.text)
	case comma, colon:
		f.write(t.text)
		f.separate(t, how)
	default:
		f.write(t.text)
	}
}

// step is by how much a bracket indents.
func (f *formatter) step(object bool) int {
	if object {
		return f.indent
	}
	return 1
}

func (f *formatter) open(t token, how placing) {
	f.depth += f.step(t.text == "{")
	f.write(t.text)
	if how != byRules {
		return
	}
	end, inner := f.inline(t)
	if inner == byRules {
		if f.style == compact && f.at+1 < len(f.all) && f.all[f.at+1].kind == opening {
			return
		}
		f.newline()
		return
	}
	end = min(end, len(f.all)-1)
	for i := f.at + 1; i <= end; i++ {
		if inner == filled && i+1 <= end && (f.all[i+1].kind == comma || f.all[i+1].kind == closing) &&
			!f.fits(f.all[i].text+f.all[i+1].text) {
			f.newline()
		}
		f.put(f.all[i], inner)
	}
	f.at = end
}

func (t token) width() int {
	if t.kind == comma || t.kind == colon {
		return 2
	}
	return stringWidth(t.text)
}

// separate writes a space or a new line after a comma or a colon.
func (f *formatter) separate(t token, how placing) {
	if how != byRules || t.kind == colon && f.style != narrow {
		f.space()
		return
	}
	if f.style == spread {
		f.newline()
		return
	}
	end, ok := f.untilComma()
	if !ok {
		f.newline()
		return
	}
	f.space()
	for i := f.at + 1; i < end; i++ {
		f.put(f.all[i], oneLine)
	}
	f.at = end - 1
}

func (f *formatter) fits(text string) bool { return f.line+stringWidth(text) <= f.width }

func (f *formatter) write(text string) {
	if !f.fits(text) {
		if f.newline(); f.result != fits {
			return
		}
	}
	f.out.WriteString(text)
	if f.line += stringWidth(text); f.line > f.width {
		f.result = tooWide
	}
}

func (f *formatter) space() {
	if f.fits(" ") {
		f.write(" ")
	}
}

func (f *formatter) newline() {
	f.out.WriteString("\n" + strings.Repeat(" ", f.depth))
	if f.breaks++; f.breaks > f.lines {
		f.result = tooLong
		return
	}
	if f.line = f.depth; f.line > f.width {
		f.result = tooWide
	}
}
