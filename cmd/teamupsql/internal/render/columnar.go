package render

import (
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// columnar writes tables whose columns are as wide as their widest value. So it keeps all
// rows until the end.
type columnar struct {
	base
	style tableStyle
	all   *batch
	width []int
}

// tableStyle contains the differences between the tables.
type tableStyle struct {
	start, between, end string
	names               func(m *columnar) // writes the lines above the rows
	foot                func(m *columnar)
	escape              func(string) string // nil for none
}

func newColumnar(base base) *columnar {
	m := &columnar{base: base}
	switch base.o.Mode {
	case ColumnsOf:
		m.style = tableStyle{between: "  ", end: "\n", names: plainNames}
	case Table:
		rule := func(m *columnar) { m.rule("+", "-", "+", "+") }
		m.style = tableStyle{start: "| ", between: " | ", end: " |\n", names: ruledNames(rule, rule), foot: rule}
	case Box:
		top := func(m *columnar) { m.rule("┌", "─", "┬", "┐") }
		middle := func(m *columnar) { m.rule("├", "─", "┼", "┤") }
		foot := func(m *columnar) { m.rule("└", "─", "┴", "┘") }
		m.style = tableStyle{start: "│ ", between: " │ ", end: " │\n", names: ruledNames(top, middle), foot: foot,
			escape: func(s string) string { return strings.ReplaceAll(s, "\n", `\n`) }}
	case Markdown:
		m.style = tableStyle{start: "| ", between: " | ", end: " |\n", names: markdownNames,
			escape: func(s string) string { return strings.ReplaceAll(s, "|", `\|`) }}
	case Latex:
		m.style = tableStyle{between: " & ", end: " \\\\\n", names: latexNames,
			foot: func(m *columnar) { m.print("\\hline\n\\end{tabular}\n") }}
	}
	return m
}

func (m *columnar) begin(columns []column) {
	columns = slices.Clone(columns)
	for i := range columns {
		columns[i].name = m.escape(columns[i].name)
		m.width = append(m.width, lineWidth(columns[i].name))
	}
	m.base.begin(columns)
	m.all = newBatch(len(columns))
}

func (m *columnar) rows(b *batch) {
	for i := range b.cells {
		for row := range b.cells[i] {
			c := &b.cells[i][row]
			c.text = m.escape(c.text)
			m.width[i] = max(m.width[i], lineWidth(m.value(*c)))
		}
	}
	m.all.append(b)
}

func (m *columnar) end() {
	m.style.names(m)
	for row := range m.all.rows {
		m.print(m.style.start)
		for i := range m.all.cells {
			if i > 0 {
				m.print(m.style.between)
			}
			text := m.value(m.all.cells[i][row])
			m.print(text + m.pad(text, i))
		}
		m.print(m.style.end)
	}
	if m.style.foot != nil {
		m.style.foot(m)
	}
}

func (m *columnar) escape(s string) string {
	if m.style.escape == nil {
		return s
	}
	return m.style.escape(s)
}

func (m *columnar) pad(text string, i int) string {
	return strings.Repeat(" ", max(0, m.width[i]-lineWidth(text)))
}

// centredNames writes the names in the middle of their columns.
func (m *columnar) centredNames() {
	m.print(m.style.start)
	for i, c := range m.columns {
		if i > 0 {
			m.print(m.style.between)
		}
		space := m.width[i] - lineWidth(c.name)
		m.print(strings.Repeat(" ", space/2) + c.name + strings.Repeat(" ", (space+1)/2))
	}
	m.print(m.style.end)
}

func (m *columnar) rule(left, dash, cross, right string) {
	for i, w := range m.width {
		if i == 0 {
			m.print(left)
		} else {
			m.print(cross)
		}
		m.print(strings.Repeat(dash, w+2))
	}
	m.print(right + "\n")
}

func plainNames(m *columnar) {
	if !m.o.Headers {
		return
	}
	names, dashes := make([]string, len(m.columns)), make([]string, len(m.columns))
	for i, c := range m.columns {
		names[i], dashes[i] = c.name+m.pad(c.name, i), strings.Repeat("-", m.width[i])
	}
	m.print(strings.Join(names, "  ") + "\n" + strings.Join(dashes, "  ") + "\n")
}

func ruledNames(above, below func(*columnar)) func(*columnar) {
	return func(m *columnar) {
		above(m)
		m.centredNames()
		below(m)
	}
}

func markdownNames(m *columnar) {
	m.centredNames()
	for i, c := range m.columns {
		if c.numeric {
			m.print("|" + strings.Repeat("-", m.width[i]+1) + ":")
		} else {
			m.print("|" + strings.Repeat("-", m.width[i]+2))
		}
	}
	m.print("|\n")
}

func latexNames(m *columnar) {
	m.print(`\begin{tabular}{|`)
	for _, c := range m.columns {
		if c.id == mapping.TypeTinyInt || c.id == mapping.TypeSmallInt || c.id == mapping.TypeInteger || c.id == mapping.TypeBigInt ||
			isFloating(c.id) || c.id == mapping.TypeDecimal {
			m.print("r")
		} else {
			m.print("l")
		}
	}
	m.print("|}\n\\hline\n")
	m.centredNames()
	m.print("\\hline\n")
}
