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
	for _, c := range report.Customers.Columns {
		row(&b, c, "", c.Name)
		for _, part := range c.Type.Fields {
			row(&b, part, c.Name+".", c.Name+"."+part.Name)
		}
	}
	return b.String()
}

func row(b *strings.Builder, f report.Field, prefix, path string) {
	var filters []string
	for _, name := range report.Customers.Filters(path) {
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
	for _, p := range report.Customers.Parameters {
		if p.Engine {
			engine = append(engine, "`"+p.Name+"`")
			continue
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", p.Name, p.Type.SQL(), p.Want, p.Doc)
	}
	b.WriteString("| `provider_id` | BIGINT | whole numbers of 1 or more | The business, where the token reaches several |\n")
	b.WriteString("| `provider_ids` | BIGINT[] | whole numbers of 1 or more | Several businesses, at most 1000, instead of provider_id, see below |\n\n")
	b.WriteString("The report's parameters " + strings.Join(engine, ", ") + " are set by the scan itself.\n")
	return b.String() + strings.NewReplacer("'''", "```", "´", "`").Replace(extrasPage)
}

// extrasPage is about the parameters that add columns. Its examples are run by a test
// of tablefunc.
const extrasPage = `
## Custom fields

'''sql
SELECT email, "Custom field 2", "Custom field 3"
FROM teamup_customers(extra_customer_fields := [2, 3])
WHERE is_active AND "Custom field 2" > 4000;
'''

Each field is a column behind the report's, in the order of the list (one that repeats
counts once; an empty list adds none). TeamUp does not publish what the report calls a
field and which type it has, so one small request looks it up when the statement is
prepared: the first 100 customers with these fields. What it shows is remembered for ten
minutes.

- The column's name is the field's label. If the label is empty, or equal to another
  label or to a column of the report (in any case of letters), the id is appended:
  ´Email_12´; without a label it is ´custom_field_12´. ´-explain´ shows which column is
  which field.
- The type is BOOLEAN, BIGINT or DOUBLE where all those customers' values are JSON
  booleans, whole numbers or numbers, and VARCHAR otherwise: text as it is, lists and
  objects as their JSON. A cast makes dates of text: ´"Birthday of dog"::DATE´. If a later
  customer has a value that does not fit, the statement fails and names the customer. Run
  again in the same process it finds a wider type, and the shell and ´teamupsql export´ do
  so by themselves as long as they have printed nothing. So where a script prints row by
  row, as with ´-csv´, first keep the rows in a table.
- Only the fields that a statement reads are asked for. The report cannot filter by them,
  so DuckDB does.
- A field that TeamUp does not show is an error that names it.

A view keeps the names and types of the columns that its fields had when it was made;
´CREATE OR REPLACE´ it when they have changed.

## Several businesses

'''sql
SELECT provider_id, count(*) FROM teamup_customers(provider_ids := [7, 8, 9])
WHERE is_active AND provider_id <> 8 GROUP BY provider_id;
'''

The businesses are read side by side, within the limits that hold for all requests of
the token, and their customers come in the order of the list. A business that repeats
counts once, an empty list has no customers. The last column, ´provider_id´, tells which
business a row is of; with it in a WHERE, only businesses that can match are asked. A
business that fails fails the statement, and the error names it. Custom fields belong to
a business: where another has no field of that id, its customers have NULL there.
`
