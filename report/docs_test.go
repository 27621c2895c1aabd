package report_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/report"
)

var update = flag.Bool("update", false, "write the documentation instead of comparing it")

const generated = "<!-- Written by `go test ./report -update` from the catalogue; change that instead. -->\n\n"

// TestDocumentationIsCurrent holds docs/columns.md and docs/parameters.md against
// the catalogue.
func TestDocumentationIsCurrent(t *testing.T) {
	for name, text := range map[string]string{"columns.md": columnsPage(), "parameters.md": parametersPage()} {
		file := filepath.Join("..", "docs", name)
		if *update {
			require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		}
		got, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, text, string(got), "run go test ./report -update")
	}
}

func columnsPage() string {
	var b strings.Builder
	b.WriteString(generated + `# Columns of teamup_customers()

In the order of ` + "`SELECT *`" + `. Any value may be NULL except ` + "`id`" + `. "Filtered by" names
the parameters of the report that a WHERE on the column turns into; see
[pushdown-rules.md](pushdown-rules.md) for what is pushed and how exactly.

| column | type | what it holds | filtered by |
| --- | --- | --- | --- |
`)
	for _, c := range report.Columns() {
		row(&b, c, "", c.Name)
		for _, part := range c.Type.Fields {
			row(&b, part, c.Name+".", c.Name+"."+part.Name)
		}
	}
	return b.String()
}

func row(b *strings.Builder, f report.Field, prefix, path string) {
	var filters []string
	for _, name := range report.Filters(path) {
		filters = append(filters, "`"+name+"`")
	}
	fmt.Fprintf(b, "| `%s%s` | %s | %s | %s |\n", prefix, f.Name, f.Type.SQL(), f.Doc, strings.Join(filters, ", "))
}

func parametersPage() string {
	var b strings.Builder
	b.WriteString(generated + `# Named parameters of teamup_customers(…)

Written as ` + "`teamup_customers(is_active := true, ids := [7, 8])`" + `. Each has the meaning of the
report's own parameter of that name, and holds besides whatever the WHERE asks. NULL
counts as not given; an empty list matches nobody. DuckDB casts a text to a time here
as UTC; write ` + "`TIMESTAMPTZ '2026-01-01'`" + ` to mean the session's time zone.

| parameter | type | allowed | meaning |
| --- | --- | --- | --- |
`)
	var engine []string
	for _, p := range report.Parameters() {
		if p.Engine {
			engine = append(engine, "`"+p.Name+"`")
			continue
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", p.Name, p.Type.SQL(), p.Want, p.Doc)
	}
	b.WriteString("| `provider_id` | BIGINT | 1 or more | The business, where the token reaches several |\n\n")
	b.WriteString("The report's parameters " + strings.Join(engine, ", ") + " are set by the scan itself.\n")
	return b.String()
}
