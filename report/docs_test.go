package report_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
	b.WriteString(generated + `# Columns

Of each report in the order of ` + "`SELECT *`" + `. Any value may be NULL except ` + "`id`" + `. "Filtered by" names
the report parameters that teamupsql uses for a ` + "`WHERE`" + ` on the column;
[Pushdown rules](pushdown-rules.md) has the details.
`)
	for _, r := range report.All() {
		fmt.Fprintf(&b, "\n## %s()\n\n", r.Function)
		if r.Roles.Keys == "" {
			fmt.Fprintf(&b, "The report has no parameter for a list of ids. So `%[1]s IN (…)` requests the rows from the least id\non, and a join on `%[1]s` reads all rows.\n\n", r.Key)
		}
		b.WriteString("| column | type | content | filtered by |\n| --- | --- | --- | --- |\n")
		columns(&b, r, r.Columns, "")
	}
	return b.String()
}

func columns(b *strings.Builder, of *report.Report, list []report.Field, prefix string) {
	for _, f := range list {
		var filters []string
		for _, name := range of.Filters(prefix + f.Name) {
			filters = append(filters, "`"+name+"`")
		}
		fmt.Fprintf(b, "| `%s%s` | %s | %s | %s |\n", prefix, f.Name, f.Type.SQL(), f.Doc, strings.Join(filters, ", "))
		columns(b, of, f.Type.Fields, prefix+f.Name+".")
	}
}

func parametersPage() string {
	var b strings.Builder
	b.WriteString(generated + `# Named parameters

Written as ` + "`teamup_customers(is_active := true, ids := [7, 8])`" + `. Each named parameter
has the same meaning as the report parameter of that name. Named parameters and the ` + "`WHERE`" + `
clause are combined with ` + "`AND`" + `. A parameter that is NULL is ignored. An empty list matches no
row. DuckDB casts text to a time in UTC here; write ` + "`TIMESTAMPTZ '2026-01-01'`" + ` for a
time in the session's time zone.

All functions have these parameters:

| parameter | type | allowed | meaning |
| --- | --- | --- | --- |
| ` + "`provider_id`" + ` | BIGINT | whole numbers of 1 or more | The business, if the token can read several |
| ` + "`provider_ids`" + ` | BIGINT[] | whole numbers of 1 or more | Several businesses, at most 1000, instead of provider_id; see [Several businesses](#several-businesses) |
`)
	var engine []string
	for _, r := range report.All() {
		fmt.Fprintf(&b, "\n## %s(…)\n\n| parameter | type | allowed | meaning |\n| --- | --- | --- | --- |\n", r.Function)
		for _, p := range r.Parameters {
			if name := "`" + p.Name + "`"; p.Engine && !slices.Contains(engine, name) {
				engine = append(engine, name)
			}
		}
		for _, p := range r.Named() {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", p.Name, p.Type.SQL(), p.Want, p.Doc)
		}
	}
	b.WriteString("\nteamupsql sets the report parameters " + strings.Join(engine, ", ") + " itself.\n")
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

Each field is a column after the report's columns, in the order of the list. A field that
repeats counts once; an empty list adds no column. TeamUp does not document the names and
types of custom fields. When a statement with custom fields is prepared, teamupsql sends one
request for the first 100 customers and infers the names and types from the response. It
caches the result for ten minutes.

- The column's name is the field's label. If the label is empty, or equals another label or
  a column of the report (ignoring case), teamupsql appends the id: ´Email_12´. A field
  without a label is ´custom_field_12´. ´-explain´ shows the field of each column.
- The type is BOOLEAN, BIGINT or DOUBLE if the values of all those customers are JSON
  booleans, whole numbers or numbers. Otherwise it is VARCHAR: text as it is, lists and
  objects as JSON. Cast text to other types: ´"Birthday of dog"::DATE´.
- If a later customer has a value that does not fit the type, the statement fails and names
  the customer. If you run the statement again in the same process, teamupsql uses a wider
  type. The shell and ´teamupsql export´ retry automatically unless they have already printed
  rows. If a script streams rows, for example with ´-csv´, first save them with
  ´CREATE TABLE … AS´.
- teamupsql requests only the fields that a statement reads. The report cannot filter by
  custom fields, so DuckDB does.
- If TeamUp does not return a field, the statement fails and names the field.

A view keeps the names and types that its columns had when the view was created. Use
´CREATE OR REPLACE VIEW´ if the fields have changed.

## Several businesses

'''sql
SELECT provider_id, count(*) FROM teamup_customers(provider_ids := [7, 8, 9])
WHERE is_active AND provider_id <> 8 GROUP BY provider_id;
'''

Businesses are fetched in parallel and share the token's rate limit. Their customers are
returned in the order of the list. A business that repeats counts once; an empty list has no
customers. The last column, ´provider_id´, contains the business of each row. If a ´WHERE´
filters by it, teamupsql sends requests only for the businesses that can match. If a request
for one business fails, the whole statement fails. The error names the business. Custom
fields belong to a business: a customer of a business that does not have a field has NULL in
its column.
`
