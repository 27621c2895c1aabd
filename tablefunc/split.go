package tablefunc

import (
	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/internal/sqltext"
)

// split cuts the text as sqltext.Split does and has DuckDB's parser confirm it.
// Where the two differ (PIVOT becomes several statements, say) the text stays in
// one piece, which the driver runs as it always does.
func (c *Conn) split(text string) []string {
	parts := sqltext.Split(text)
	if len(parts) == 1 {
		return parts
	}
	sum := 0
	for _, part := range parts {
		n := c.countStatements(part)
		if n == 0 {
			return []string{text}
		}
		sum += n
	}
	if sum != c.countStatements(text) {
		return []string{text}
	}
	return parts
}

func (c *Conn) countStatements(text string) int {
	var extracted mapping.ExtractedStatements
	n := mapping.ExtractStatements(c.raw, text, &extracted)
	mapping.DestroyExtracted(&extracted)
	return int(n)
}
