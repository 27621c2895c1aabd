package render

import (
	"fmt"
	"strings"
)

// delimited writes rows of separated values: list, tabs, ascii, csv, tcl, quote.
type delimited struct {
	base
	quote func(string) string
	bare  func(column, cell) bool // values that are not quoted; nil for none
}

func (m *delimited) begin(columns []column) {
	m.base.begin(columns)
	if !m.o.Headers {
		return
	}
	for i, c := range columns {
		if i > 0 {
			m.print(m.o.Column)
		}
		m.print(m.quote(c.name))
	}
	m.print(m.o.Row)
}

func (m *delimited) rows(b *batch) {
	for row := range b.rows {
		for i := range b.cells {
			if i > 0 {
				m.print(m.o.Column)
			}
			c := b.cells[i][row]
			if m.bare != nil && m.bare(m.columns[i], c) {
				m.print(m.value(c))
				continue
			}
			m.print(m.quote(m.value(c)))
		}
		m.print(m.o.Row)
	}
}

func plain(s string) string { return s }

// bareSQL are the values that SQL writes without quotes.
func bareSQL(col column, c cell) bool { return c.null || col.numeric || col.typeName == "BOOLEAN" }

// csvQuoter quotes values that contain the separator, a quote of either kind, a control
// character or a character beyond ASCII, as DuckDB's shell does.
func csvQuoter(separator string) func(string) string {
	return func(s string) string {
		odd := func(r rune) bool { return r <= 31 || r >= 127 || r == '"' || r == '\'' }
		if !strings.ContainsFunc(s, odd) && (separator == "" || !strings.Contains(s, separator)) {
			return s
		}
		return doubleQuoted(s)
	}
}

func doubleQuoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// quoteTCL writes a value as a C string, bytes beyond ASCII in octal.
func quoteTCL(s string) string {
	short := map[byte]string{'\\': `\\`, '"': `\"`, '\t': `\t`, '\n': `\n`, '\r': `\r`}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case short[c] != "":
			b.WriteString(short[c])
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// html writes the rows of an HTML table, without the table around them.
type html struct{ base }

var escapeHTML = strings.NewReplacer("<", "&lt;", "&", "&amp;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

func (m *html) begin(columns []column) {
	m.base.begin(columns)
	if !m.o.Headers {
		return
	}
	m.print("<tr>")
	for _, c := range columns {
		m.print("<th>" + escapeHTML.Replace(c.name) + "</th>\n")
	}
	m.print("</tr>\n")
}

func (m *html) rows(b *batch) {
	for row := range b.rows {
		m.print("<tr>")
		for i := range b.cells {
			m.print("<td>" + escapeHTML.Replace(m.value(b.cells[i][row])) + "</td>\n")
		}
		m.print("</tr>\n")
	}
}

// line writes one value a line, the names lined up before it.
type line struct {
	base
	width   int
	started bool
}

func (m *line) begin(columns []column) {
	m.base.begin(columns)
	m.width = 5
	for _, c := range columns {
		m.width = max(m.width, len(c.name))
	}
}

func (m *line) rows(b *batch) {
	for row := range b.rows {
		if m.started {
			m.print(m.o.Row)
		}
		m.started = true
		for i, c := range m.columns {
			m.print(strings.Repeat(" ", m.width-len(c.name)) + c.name + " = " + m.value(b.cells[i][row]) + m.o.Row)
		}
	}
}

// explain writes the plan of an EXPLAIN statement, with the kind of plan as heading.
type explain struct{ base }

func (m *explain) rows(b *batch) {
	if len(b.cells) != 2 {
		return
	}
	titles := map[string]string{
		"logical_plan":  " Unoptimized Logical Plan  ",
		"logical_opt":   "  Optimized Logical Plan   ",
		"physical_plan": "       Physical Plan       ",
	}
	for row := range b.rows {
		if title, ok := titles[b.cells[0][row].text]; ok {
			m.print("\n┌─────────────────────────────┐\n│┌───────────────────────────┐│\n││" + title +
				"││\n│└───────────────────────────┘│\n└─────────────────────────────┘\n")
		}
		m.print(m.value(b.cells[1][row]))
	}
}
