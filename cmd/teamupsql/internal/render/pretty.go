package render

import "strings"

// pretty breaks the text of a nested value into lines that fit the width, in at
// most so many more lines: one part a line, or, where that takes too many lines or is
// too wide, parts side by side where they fit, indented less if it was too wide.
// Text that does not fit so either comes back as it is.
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

// mostTokens bounds the values that are broken, since the time that takes grows
// with the square of their size where brackets stand in brackets.
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

// placing is how a token is put: by the rules, or as part of a bracket that goes
// on one line or fills lines.
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

// separate puts what follows a comma or a colon: a space or a new line.
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
