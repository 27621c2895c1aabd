package render

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/teamupsql/teamupsql/internal/sqltext"
)

// Mode is an output mode of the DuckDB command line.
type Mode string

// The modes.
const (
	ASCII     Mode = "ascii"
	Box       Mode = "box"
	ColumnsOf Mode = "column"
	CSV       Mode = "csv"
	DuckBox   Mode = "duckbox"
	Explain   Mode = "explain" // the output of EXPLAIN, in any mode
	HTML      Mode = "html"
	Insert    Mode = "insert"
	JSON      Mode = "json"
	JSONLines Mode = "jsonlines"
	Latex     Mode = "latex"
	Line      Mode = "line"
	List      Mode = "list"
	Markdown  Mode = "markdown"
	Quote     Mode = "quote"
	Table     Mode = "table"
	Tabs      Mode = "tabs"
	TCL       Mode = "tcl"
	Trash     Mode = "trash"
)

// Modes are the modes that a user can select, with a short description.
var Modes = []struct {
	Mode Mode
	Doc  string
}{
	{ASCII, "Columns and rows on lines of their own"},
	{Box, "Tables of box-drawing characters"},
	{ColumnsOf, "Output in columns"},
	{CSV, "Comma-separated values"},
	{DuckBox, "Tables that show types and fit the screen"},
	{HTML, "HTML <tr> rows"},
	{Insert, "SQL INSERT statements"},
	{JSON, "A JSON array of objects"},
	{JSONLines, "One JSON object a line"},
	{Latex, "A LaTeX tabular environment"},
	{Line, "One value a line"},
	{List, "Values separated by |"},
	{Markdown, "Markdown table"},
	{Quote, "Values as SQL writes them"},
	{Table, "ASCII-art table"},
	{Tabs, "Tab-separated values"},
	{TCL, "TCL list elements"},
	{Trash, "No output"},
}

// FindMode finds a mode by its name or the start of it, as DuckDB does: the first
// of the list that fits.
func FindMode(name string) (Mode, error) {
	aliases := map[string]Mode{"columns": ColumnsOf, "lines": Line}
	if m, ok := aliases[name]; ok {
		return m, nil
	}
	var names []string
	for _, m := range Modes {
		if name != "" && strings.HasPrefix(string(m.Mode), name) {
			return m.Mode, nil
		}
		names = append(names, string(m.Mode))
	}
	return "", fmt.Errorf("mode should be one of: %s", strings.Join(names, " "))
}

// Separators returns the separators of columns and rows for a mode that is selected by
// name; "" does not change the current one.
func (m Mode) Separators() (column, row string) {
	switch m {
	case CSV:
		return ",", "\r\n"
	case List:
		return "|", "\n"
	case Tabs:
		return "\t", "\n"
	case Quote:
		return ",", "\n"
	case TCL:
		return " ", "\n"
	case Line, ColumnsOf:
		return "", "\n"
	}
	return "", ""
}

// escapes reports whether the mode escapes control sequences itself.
func (m Mode) escapes() bool { return m == JSON || m == JSONLines || m == TCL }

func newMode(out *bufio.Writer, o Options, texts *Texts) (mode, error) {
	base := base{out: out, o: o}
	if o.Null == "" && (o.Mode == Quote || o.Mode == Insert) {
		base.o.Null = "NULL"
	}
	switch o.Mode {
	case List, Tabs:
		return &delimited{base: base, quote: plain}, nil
	case ASCII:
		base.o.Column, base.o.Row = "\n", "\n"
		return &delimited{base: base, quote: plain}, nil
	case CSV:
		return &delimited{base: base, quote: csvQuoter(o.Column)}, nil
	case TCL:
		return &delimited{base: base, quote: quoteTCL}, nil
	case Quote:
		base.o.Null = "NULL"
		return &delimited{base: base, quote: sqltext.QuoteText, bare: bareSQL}, nil
	case HTML:
		return &html{base}, nil
	case Line:
		return &line{base: base}, nil
	case Insert:
		return newInsert(base, texts)
	case Explain:
		return &explain{base}, nil
	case JSON:
		return &jsonRows{base: base, array: true}, nil
	case JSONLines:
		return &jsonRows{base: base}, nil
	case ColumnsOf, Table, Markdown, Box, Latex:
		return newColumnar(base), nil
	}
	return nil, fmt.Errorf("render: unknown mode %q", o.Mode)
}

// base contains the fields that all modes have.
type base struct {
	out     *bufio.Writer
	o       Options
	columns []column
}

func (m *base) begin(columns []column) { m.columns = columns }
func (m *base) end()                   {}

func (m *base) print(s string) { m.out.WriteString(s) } //nolint: the buffer keeps its first error

// value returns a cell as text, NULL as in the options.
func (m *base) value(c cell) string {
	if c.null {
		return m.o.Null
	}
	return c.text
}
