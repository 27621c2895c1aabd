package shim

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// header is duckdb.h of the module cache.
func header(t *testing.T) string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/duckdb/duckdb-go-bindings").Output()
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "include", "duckdb.h"))
	require.NoError(t, err)
	return string(text)
}

func TestWrite(t *testing.T) {
	text := header(t)
	code, err := Write(text)
	require.NoError(t, err)
	require.Equal(t, strings.Count(text, "\nDUCKDB_C_API "), strings.Count(code, "((__typeof__"))
	for _, want := range []string{
		"void duckdb_close(duckdb_database *database) { ((__typeof__(&duckdb_close))functions[2])(database); }",
		"idx_t duckdb_vector_size(void) { return ((__typeof__(&duckdb_vector_size))functions[26])(); }",
	} {
		require.Contains(t, code, want)
	}

	_, err = Write(strings.Replace(text, "duckdb_close(", "duckdb_shut(", 1))
	require.ErrorContains(t, err, "duckdb.h does not declare duckdb_close, a function of DuckDB v1.5.6")
	_, err = Write(text + "\nDUCKDB_C_API void duckdb_newer(void);\n")
	require.ErrorContains(t, err, "duckdb.h declares duckdb_newer, which is no function of DuckDB v1.5.6")
}
