package teamupsql_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/teamupsql/teamupsql/"

// mayImport says which packages of this module a package may import, outside its
// tests. Imports point down; the three in the middle don't know each other, and
// only tablefunc knows DuckDB.
var mayImport = map[string][]string{
	"internal/sqltext":       {},
	"report":                 {},
	"pushdown":               {"report", "internal/sqltext"},
	"arrowconv":              {"report"},
	"httpsource":             {"report"},
	"httpsource/teamuptest":  {"report"},
	"internal/duckc":         {},
	"internal/guard":         {"httpsource"},
	"internal/pages":         {"arrowconv"},
	"internal/fields":        {"report", "arrowconv", "httpsource", "internal/guard", "internal/pages"},
	"internal/requestlog":    {"report", "pushdown", "httpsource"},
	"tablefunc":              {"report", "pushdown", "arrowconv", "httpsource", "internal/"},
	"cmd/teamupsql":          {"report", "httpsource", "httpsource/teamuptest", "tablefunc", "internal/sqltext", "internal/duckc", "cmd/"},
	"cmd/teamupsql/internal": {"report", "httpsource", "httpsource/teamuptest", "tablefunc", "internal/sqltext", "internal/duckc", "cmd/"},
}

var knowsDuckDB = []string{"tablefunc", "internal/sqltext", "internal/duckc", "cmd/"}

func TestImportsPointDown(t *testing.T) {
	out, err := exec.Command("go", "list", "-e", "-f", `{{.ImportPath}} {{join .Imports ","}}`, "./...").Output()
	require.NoError(t, err)
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		path, imports, _ := strings.Cut(line, " ")
		pkg := strings.TrimPrefix(path, module)
		allowed, known := rule(pkg)
		if !known {
			continue
		}
		for _, imported := range strings.Split(imports, ",") {
			if own, ok := strings.CutPrefix(imported, module); ok {
				require.True(t, matches(allowed, own), "%s must not import %s", pkg, own)
			}
			if strings.HasPrefix(imported, "github.com/duckdb/") {
				require.True(t, matches(knowsDuckDB, pkg), "%s must not import %s", pkg, imported)
			}
		}
	}
}

func rule(pkg string) ([]string, bool) {
	if strings.HasPrefix(pkg, "cmd/teamupsql/internal/") {
		pkg = "cmd/teamupsql/internal"
	}
	allowed, ok := mayImport[pkg]
	return allowed, ok
}

// matches says whether pkg is in the list, whose entries may end in "/".
func matches(list []string, pkg string) bool {
	return slices.ContainsFunc(list, func(s string) bool {
		return s == pkg || strings.HasSuffix(s, "/") && strings.HasPrefix(pkg, s)
	})
}
