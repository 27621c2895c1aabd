package httpsource_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the documentation instead of comparing it")

// TestLogsAreDocumented holds the table of docs/observability.md against every call
// of a logger in the library.
func TestLogsAreDocumented(t *testing.T) {
	const file, from, to = "../docs/observability.md", "<!-- Written by `go test ./httpsource -run TestLogsAreDocumented -update`. -->\n", "<!-- end -->\n"
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(text), from)
	require.True(t, ok)
	table, after, ok := strings.Cut(rest, to)
	require.True(t, ok)
	want := "\n| level | message | keys |\n| --- | --- | --- |\n" + strings.Join(logged(t), "") + "\n"
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(before+from+want+to+after), 0o644))
		return
	}
	require.Equal(t, want, table, "run go test ./httpsource -run TestLogsAreDocumented -update")
}

// logged returns the calls of loggers in the library, as rows of the table.
func logged(t *testing.T) []string {
	var rows []string
	for _, name := range libraryFiles(t) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				rows = append(rows, logRow(t, call)...)
			}
			return true
		})
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

func logRow(t *testing.T, call *ast.CallExpr) []string {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains([]string{"Debug", "Info", "Warn", "Error", "DebugContext", "InfoContext", "WarnContext", "ErrorContext"}, method.Sel.Name) {
		return nil
	}
	logger, ok := method.X.(*ast.SelectorExpr)
	if !ok || !strings.EqualFold(logger.Sel.Name, "log") {
		return nil
	}
	level, ok := strings.CutSuffix(method.Sel.Name, "Context")
	require.True(t, ok, "%s has no context, from which handlers take trace ids and the number of the statement", method.Sel.Name)
	var keys []string
	for i := 2; i < len(call.Args); i += 2 {
		keys = append(keys, "`"+literal(t, call.Args[i])+"`")
	}
	return []string{fmt.Sprintf("| %s | %s | %s |\n", strings.ToUpper(level), literal(t, call.Args[1]), strings.Join(keys, ", "))}
}

func literal(t *testing.T, e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	require.True(t, ok, "messages and keys of the log are literals")
	s, err := strconv.Unquote(lit.Value)
	require.NoError(t, err)
	return s
}
