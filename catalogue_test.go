package teamupsql_test

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
// other file: SQL knows it with its type, asks for it alone and reads it, and the
// page of the columns says that it wants to be written anew.
func TestAColumnIsAddedInOnePlace(t *testing.T) {
	contributing, err := os.ReadFile("CONTRIBUTING.md")
	require.NoError(t, err)
	require.Contains(t, string(contributing), madeUp)

	const last = `	col("is_lead", Boolean, "Whether the customer is a lead"),` + "\n"
	catalogue, err := os.ReadFile("report/catalogue.go")
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(catalogue), last))
	overlay := overlayOf(t, "report/catalogue.go", strings.Replace(string(catalogue), last, last+madeUp, 1))

	out, err := exec.Command("go", "run", "-overlay", overlay, "./testdata/madeup").CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, "columns: id,loyalty\n120 STRUCT(points INTEGER, since DATE) 2026-01-31\n", string(out))

	out, err = exec.Command("go", "test", "-overlay", overlay, "./report", "-run", "TestDocumentationIsCurrent").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "run go test ./report -update")
}

// overlayOf is a file for -overlay that gives a source file other content.
func overlayOf(t *testing.T, file, content string) string {
	t.Helper()
	file, err := filepath.Abs(file)
	require.NoError(t, err)
	dir := t.TempDir()
	other := filepath.Join(dir, filepath.Base(file))
	require.NoError(t, os.WriteFile(other, []byte(content), 0o600))
	text, err := json.Marshal(map[string]map[string]string{"Replace": {file: other}})
	require.NoError(t, err)
	overlay := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(overlay, text, 0o600))
	return overlay
}
