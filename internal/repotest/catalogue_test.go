package repotest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// madeUp is a column that the report does not have, as CONTRIBUTING.md shows it.
const madeUp = `	record("loyalty", "The customer's standing in the loyalty programme",
		part("points", Integer, "Points collected"),
		part("since", DateKind, "When the customer joined the programme")),
`

// TestAColumnIsAddedInOnePlace adds a made-up column to the catalogue, and to no
// other file: SQL knows it with its type, asks for it alone and reads it, the report
// server of the demo has it, as NULL, and the page of the columns says that it wants to
// be written anew. A part that is added to a column is no different.
func TestAColumnIsAddedInOnePlace(t *testing.T) {
	atRoot(t)
	requireContains(t, "CONTRIBUTING.md", madeUp)
	overlay := overlayOf(t, edit{"report/customers.go", map[string]string{
		`	col("is_lead", Boolean, `: madeUp + `	col("is_lead", Boolean, `,
		`		part("name", Varchar, "Name of the lead source"`: `		part("medium", Varchar, "Its medium"),
		part("name", Varchar, "Name of the lead source"`,
	}})

	require.Equal(t, "columns: id,loyalty\n120 STRUCT(points INTEGER, since DATE) 2026-01-31\n", runMadeUp(t, overlay, "-values", `{"points": 120, "since": "2026-01-31"}`,
		"SELECT concat_ws(' ', loyalty.points, typeof(loyalty), loyalty.since) FROM teamup_customers() WHERE loyalty.points > 100"))

	out := runMadeUp(t, overlay,
		"SELECT concat_ws(' ', count(*) > 200, count(loyalty), count(loyalty.points)) FROM teamup_customers()",
		"SELECT concat_ws(' ', count(*) > 200, count(lead_source.medium), count(lead_source.name) > 0, count(loyalty), count(is_lead) > 0) FROM (SELECT * FROM teamup_customers())")
	require.Contains(t, out, "\ntrue 0 0\n")
	require.Contains(t, out, "\ntrue 0 true 0 true\n")

	text, err := exec.Command("go", "test", "-overlay", overlay, "./report", "-run", "TestDocumentationIsCurrent").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(text), "run go test ./report -update")
}

// madeUpParameter is a parameter that the report does not have, as CONTRIBUTING.md shows
// it.
const madeUpParameter = `	{Name: "has_failed_payments", Type: boolean, Want: "true or false",
		Doc: "Whether customers have failed payments", Answers: Answer{Column: "has_failed_payments", Operator: Equal}},
`

// TestAParameterIsAdded adds a made-up parameter: it is sent, for itself and for the
// predicate that it answers, and the report server of the demo understands it. If it
// answers no predicate, the server refuses it instead of returning customers who do not
// match.
func TestAParameterIsAdded(t *testing.T) {
	atRoot(t)
	requireContains(t, "CONTRIBUTING.md", madeUpParameter)
	const entry = `	{Name: "is_active", `
	overlay := overlayOf(t, edit{"report/customers.go", map[string]string{entry: madeUpParameter + entry}})
	require.Equal(t, "columns: id,has_failed_payments\n11\ncolumns: id\n11\n", runMadeUp(t, overlay,
		"SELECT count(*)::VARCHAR FROM teamup_customers() WHERE has_failed_payments",
		"SELECT count(*)::VARCHAR FROM teamup_customers(has_failed_payments := true)"))

	mute := strings.Replace(madeUpParameter, `, Answers: Answer{Column: "has_failed_payments", Operator: Equal}`, "", 1)
	out := runMadeUp(t, overlayOf(t, edit{"report/customers.go", map[string]string{entry: mute + entry}}),
		"SELECT count(*)::VARCHAR FROM teamup_customers(has_failed_payments := true)")
	require.Contains(t, out, "error: ")
	require.Contains(t, out, "has_failed_payments: this parameter is not allowed")

	text, err := exec.Command("go", "test", "-overlay", overlay, "./report", "-run", "TestDocumentationIsCurrent").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(text), "run go test ./report -update")
}

func requireContains(t *testing.T, file, want string) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(text), want)
}

// runMadeUp runs the program in testdata/madeup with other source files and returns what it prints.
func runMadeUp(t *testing.T, overlay string, arguments ...string) string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"run", "-overlay", overlay, "./internal/repotest/testdata/madeup"}, arguments...)...).CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// edit is a source file with texts, each of which it contains once, replaced.
type edit struct {
	file string
	new  map[string]string
}

// overlayOf is a file for -overlay that gives source files other content.
func overlayOf(t *testing.T, edits ...edit) string {
	t.Helper()
	dir := t.TempDir()
	replace := map[string]string{}
	for _, e := range edits {
		text, err := os.ReadFile(e.file)
		require.NoError(t, err)
		content := string(text)
		for old, fresh := range e.new {
			require.Equal(t, 1, strings.Count(content, old), old)
			content = strings.Replace(content, old, fresh, 1)
		}
		file, err := filepath.Abs(e.file)
		require.NoError(t, err)
		replace[file] = filepath.Join(dir, filepath.Base(file))
		require.NoError(t, os.WriteFile(replace[file], []byte(content), 0o600))
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	overlay := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(overlay, text, 0o600))
	return overlay
}
