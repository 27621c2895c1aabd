package render

import (
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// jsonRows writes an object for each row, one a line, with or without an array
// around them.
type jsonRows struct {
	base
	array   bool
	started bool
	keys    []string
	bare    []bool // columns whose text is JSON already
}

func (m *jsonRows) print(s string) {
	if m.o.Terminal {
		s = visibleJSON(s)
	}
	m.base.print(s)
}

func (m *jsonRows) begin(columns []column) {
	m.base.begin(columns)
	for _, c := range columns {
		m.keys = append(m.keys, jsonString(c.name)+":")
		m.bare = append(m.bare, bareJSON(c))
	}
	if m.array {
		m.print("[")
	}
}

func (m *jsonRows) rows(b *batch) {
	for row := range b.rows {
		if m.started {
			if m.array {
				m.print(",")
			}
			m.print("\n")
		}
		m.started = true
		m.print("{")
		for i := range b.cells {
			if i > 0 {
				m.print(",")
			}
			m.print(m.keys[i])
			switch c := b.cells[i][row]; {
			case c.null:
				m.print("null")
			case m.bare[i]:
				m.print(c.text)
			default:
				m.print(jsonString(c.text))
			}
		}
		m.print("}")
	}
}

func (m *jsonRows) end() {
	if m.array {
		m.print("]")
	}
	m.print("\n")
}

// bareJSON reports whether the column's text needs no quotes. Like DuckDB's shell, it
// quotes numbers that a JSON reader may not represent exactly.
func bareJSON(c column) bool {
	if c.nested || c.json || c.typeName == "BOOLEAN" {
		return true
	}
	switch c.id {
	case mapping.TypeUBigInt, mapping.TypeHugeInt, mapping.TypeUHugeInt, mapping.TypeDecimal:
		return false
	}
	return c.numeric
}

// jsonString is the text as a JSON string, with as little escaping as JSON allows.
func jsonString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '\\', '"':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\b':
			b.WriteString(`\b`)
		case '\f':
			b.WriteString(`\f`)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		default:
			if c < ' ' {
				fmt.Fprintf(&b, `\u%04x`, c)
			} else {
				b.WriteByte(c)
			}
		}
	}
	b.WriteByte('"')
	return b.String()
}
