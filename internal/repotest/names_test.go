package repotest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/report"
)

// mayName lists where the name of a column or parameter of a report may stand
// in quotes, and why: a file, or a folder that ends in "/", with the names; no names stand
// for all.
var mayName = map[string][]string{
	"report/":                {}, // says what they are
	"httpsource/teamuptest/": {}, // makes up customers
	"examples/":              {}, // are about customers
	"internal/bench/":        {}, // measures requests for customers
	"internal/madeup/":       {}, // describes another report

	"cmd/extension/teamup/demo.go":                    {"customers"},               // a parameter of teamup_demo
	"cmd/teamupsql/export.go":                         {"columns"},                 // an option
	"cmd/teamupsql/internal/export/export.go":         {"customer"},                // a word of messages
	"cmd/teamupsql/internal/export/manifest.go":       {"columns", "customers"},    // members of the manifest
	"cmd/teamupsql/internal/export/query.go":          {"id"},                      // exports customers
	"cmd/teamupsql/internal/render/modes.go":          {"columns"},                 // a word in a footer
	"cmd/teamupsql/internal/shell/commands_teamup.go": {"columns"},                 // a dot command
	"cmd/teamupsql/internal/shell/complete.go":        {"columns"},                 // a group of completions
	"httpsource/config.go":                            {"customer"},                // a mode of requests
	"httpsource/retry.go":                             {"status"},                  // of a log record
	"httpsource/scan.go":                              {"page"},                    // of a log record
	"httpsource/stats.go":                             {"page"},                    // a reason
	"requests/rule.go":                                {"limit"},                   // a rule
	"pushdown/rowpath.go":                             {"type"},                    // a member of DuckDB's plan
	"pushdown/keys.go":                                {"type"},                    // a member of DuckDB's plan
	"pushdown/plan.go":                                {"type"},                    // a member of DuckDB's plan
	"pushdown/readexpr.go":                            {"type"},                    // a member of DuckDB's plan
	"pushdown/use.go":                                 {"limit", "offset", "type"}, // members of DuckDB's plan
	"pushdown/value.go":                               {"id", "type"},              // members of DuckDB's plan
	"tablefunc/internal/plan/references.go":           {"type"},                    // a member of DuckDB's syntax tree
	"tablefunc/requests.go":                           {"status"},                  // a column of teamup_requests
}

// TestNoPackageKnowsAReport looks for names of columns and parameters above
// package report, so that another report needs no other program.
func TestNoPackageKnowsAReport(t *testing.T) {
	atRoot(t)
	names := map[string]bool{}
	for _, r := range report.All() {
		for _, key := range r.Keys() {
			names[key] = true
		}
		for _, p := range r.Parameters {
			names[p.Name] = true
		}
	}
	var files []string
	require.NoError(t, filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !strings.Contains(path, "testdata/") {
			files = append(files, path)
		}
		return err
	}))
	used := map[string]bool{}
	for _, file := range files {
		for _, name := range literals(t, file) {
			if !names[name] {
				continue
			}
			where, known := exception(file, name)
			used[where] = true
			if !known {
				t.Errorf("%s has %q in quotes: take it from report.Report, see Roles", file, name)
			}
		}
	}
	for where := range mayName {
		require.True(t, used[where], "%s names nothing any more", where)
	}
}

// exception returns the entry of mayName that allows the name in the file.
func exception(file, name string) (where string, ok bool) {
	for where, names := range mayName {
		if (file == where || strings.HasSuffix(where, "/") && strings.HasPrefix(file, where)) && (len(names) == 0 || slices.Contains(names, name)) {
			return where, true
		}
	}
	return "", false
}

// literals are the texts in quotes of a file, without those of imports and struct tags.
func literals(t *testing.T, file string) (texts []string) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			n.Tag = nil
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
				texts = append(texts, text)
			}
		}
		return true
	})
	return texts
}
