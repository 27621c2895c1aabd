package render

import (
	"strings"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/internal/sqltext"
)

// insert writes an INSERT statement for each row.
type insert struct {
	base
	keywords map[string]bool
	head     string
}

func newInsert(base base, texts *Texts) (*insert, error) {
	keywords, err := texts.keywords()
	return &insert{base: base, keywords: keywords}, err
}

// keywords are the words that DuckDB quotes when they are names.
func (t *Texts) keywords() (map[string]bool, error) {
	var result mapping.Result
	defer mapping.DestroyResult(&result)
	if mapping.Query(t.conn, "SELECT keyword_name FROM duckdb_keywords()", &result) != mapping.StateSuccess {
		return nil, nil // names are quoted even if that is not necessary
	}
	b, err := readAll(&result)
	if err != nil {
		return nil, err
	}
	words := map[string]bool{}
	for _, c := range b.cells[0] {
		words[c.text] = true
	}
	return words, nil
}

func (m *insert) begin(columns []column) {
	m.base.begin(columns)
	m.head = "INSERT INTO " + m.identifier(m.o.Table)
	if m.o.Headers {
		names := make([]string, len(columns))
		for i, c := range columns {
			names[i] = m.identifier(c.name)
		}
		m.head += "(" + strings.Join(names, ",") + ")"
	}
	m.head += " VALUES("
}

func (m *insert) rows(b *batch) {
	for row := range b.rows {
		m.print(m.head)
		for i, c := range m.columns {
			if i > 0 {
				m.print(",")
			}
			switch v := b.cells[i][row]; {
			case v.null:
				m.print("NULL")
			case c.numeric:
				m.print(v.text)
			default:
				m.print(literal(v.text))
			}
		}
		m.print(");\n")
	}
}

// identifier quotes a name if SQL requires that.
func (m *insert) identifier(name string) string {
	plain := name != "" && (name[0] < '0' || name[0] > '9') && !m.keywords[strings.ToLower(name)]
	for _, r := range name {
		plain = plain && (r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
	}
	if plain && m.keywords != nil {
		return name
	}
	return sqltext.QuoteName(name)
}

// literal returns a text as a SQL literal on one line.
func literal(s string) string {
	quoted := sqltext.QuoteText(s)
	if !strings.ContainsAny(s, "\n\r\x00") {
		return quoted
	}
	breaks := strings.NewReplacer("\n", "', chr(10), '", "\r", "', chr(13), '", "\x00", "', chr(0), '")
	return "concat(" + breaks.Replace(quoted) + ")"
}
