package repotest

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/teamupsql/teamupsql/"

// mayImport lists the packages of this module that a package may import outside its
// tests. An entry that ends in "/" stands for all packages below it. Imports point down:
// pushdown, arrowconv and httpsource do not import each other.
var mayImport = map[string][]string{
	"internal/sqltext":      {},
	"internal/duckc":        {},
	"report":                {},
	"pushdown":              {"report", "internal/sqltext"},
	"arrowconv":             {"report"},
	"httpsource":            {"report"},
	"httpsource/teamuptest": {"report"},
	"internal/guard":        {"httpsource"},
	"internal/pages":        {"report", "arrowconv"},
	"requests":              {"report", "pushdown", "arrowconv"},
	"internal/requestlog":   {"httpsource", "requests"},
	"internal/fields":       {"report", "arrowconv", "httpsource", "requests", "internal/guard", "internal/pages"},
	"tablefunc": {"report", "pushdown", "arrowconv", "httpsource", "requests", "internal/sqltext", "internal/duckc",
		"internal/guard", "internal/requestlog", "internal/fields", "internal/scan", "tablefunc/internal/plan"},
	"internal/scan": {"report", "pushdown", "arrowconv", "httpsource", "requests", "internal/guard", "internal/pages",
		"internal/requestlog", "internal/fields"},
	"tablefunc/internal/plan": {"report", "pushdown", "internal/sqltext", "internal/duckc", "internal/scan"},
	"cmd/":                    {"report", "httpsource", "httpsource/teamuptest", "requests", "tablefunc", "internal/sqltext", "internal/duckc", "cmd/"},
	"internal/bench":          {"report", "arrowconv", "httpsource", "httpsource/teamuptest", "requests", "tablefunc"},
	"internal/madeup":         {"report"},
	"internal/repotest":       {},
	"examples":                {},
	"examples/":               {"report", "arrowconv", "httpsource", "httpsource/teamuptest", "requests", "tablefunc", "examples/"},
}

// mayImportDuckDB lists the packages that may import DuckDB's Go packages.
var mayImportDuckDB = []string{"tablefunc", "tablefunc/internal/plan", "internal/duckc", "cmd/", "internal/bench", "examples/"}

func TestImportsPointDown(t *testing.T) {
	atRoot(t)
	for pkg, imports := range importsOf(t) {
		allowed, known := lookUp(pkg)
		require.True(t, known, "%s is in no row of mayImport", pkg)
		for _, imported := range imports {
			if own, ok := strings.CutPrefix(imported, module); ok {
				require.True(t, matches(allowed, own), "%s must not import %s", pkg, own)
			}
			if strings.HasPrefix(imported, "github.com/duckdb/") {
				require.True(t, matches(mayImportDuckDB, pkg), "%s must not import %s", pkg, imported)
			}
		}
	}
}

// importsOf returns the import paths of each package of the module, without its tests.
// Packages are named without the module's path.
func importsOf(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-e", "-f", `{{.ImportPath}} {{join .Imports ","}}`, "./...").Output()
	require.NoError(t, err)
	packages := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		path, imports, _ := strings.Cut(strings.TrimSpace(line), " ")
		packages[strings.TrimPrefix(path, module)] = strings.Split(imports, ",")
	}
	return packages
}

// lookUp returns the row of a package in mayImport: its own or that of a folder above it.
func lookUp(pkg string) (allowed []string, known bool) {
	if allowed, known = mayImport[pkg]; known {
		return allowed, true
	}
	for row, allowed := range mayImport {
		if strings.HasSuffix(row, "/") && strings.HasPrefix(pkg, row) {
			return allowed, true
		}
	}
	return nil, false
}

// matches reports whether the list has an entry for pkg.
func matches(list []string, pkg string) bool {
	return slices.ContainsFunc(list, func(s string) bool {
		return s == pkg || strings.HasSuffix(s, "/") && strings.HasPrefix(pkg, s)
	})
}
