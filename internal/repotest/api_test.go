package repotest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stable lists the packages whose exported names docs/stability.md promises to keep.
var stable = []string{"arrowconv", "httpsource", "report", "requests", "tablefunc"}

// hidden lists the types of internal packages that exported declarations may mention, by
// package, and why.
var hidden = map[string]string{
	"tablefunc duckc.Column": "of Chunks, which only the shell uses",
}

// TestPublicNames compares the exported declarations of the stable packages with those in
// testdata/api, so that no change of them goes unnoticed.
func TestPublicNames(t *testing.T) {
	atRoot(t)
	for _, pkg := range stable {
		golden := filepath.Join("internal/repotest/testdata/api", strings.ReplaceAll(pkg, "/", "_")+".txt")
		var b bytes.Buffer
		for _, d := range exported(t, pkg) {
			fmt.Fprintln(&b, d.text)
		}
		if *update {
			require.NoError(t, os.WriteFile(golden, b.Bytes(), 0o644))
			continue
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, string(want), b.String(), "the exported names of %s have changed: add a line to CHANGELOG.md and run go test ./internal/repotest -run TestPublicNames -update", pkg)
	}
}

// TestPublicTypesAreVisible wants exported declarations to mention no type of an internal
// package, also not as an alias: go doc would show neither its fields nor its methods.
func TestPublicTypesAreVisible(t *testing.T) {
	atRoot(t)
	found := map[string]bool{}
	for pkg := range importsOf(t) {
		if strings.Contains("/"+pkg, "/internal/") || strings.HasPrefix(pkg, "cmd/") || strings.HasPrefix(pkg, "examples") {
			continue
		}
		for _, d := range exported(t, pkg) {
			for _, name := range d.internal {
				mention := pkg + " " + name
				found[mention] = true
				require.Contains(t, hidden, mention, "%s shows a type of an internal package: %s", pkg, d.text)
			}
		}
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(hidden)), slices.Collect(maps.Keys(found)))
}

// TestPublicPackagesLinkToStability looks for the link in the comment of each public package.
func TestPublicPackagesLinkToStability(t *testing.T) {
	atRoot(t)
	for _, pkg := range append([]string{"pushdown", "httpsource/teamuptest"}, stable...) {
		text, err := os.ReadFile(filepath.Join(pkg, "doc.go"))
		require.NoError(t, err)
		require.Contains(t, string(text), "https://github.com/teamupsql/teamupsql/blob/main/docs/stability.md", pkg)
	}
}

// declaration is an exported declaration without comments and unexported fields.
type declaration struct {
	text     string
	internal []string // types of internal packages that it mentions, such as "duckc.Column"
}

// exported returns the exported declarations of a package.
func exported(t *testing.T, pkg string) (list []declaration) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(pkg, "*.go"))
	require.NoError(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		hiding := internalImports(file)
		ast.FileExports(file)
		for _, d := range file.Decls {
			if !trim(d) {
				continue
			}
			var b bytes.Buffer
			require.NoError(t, printer.Fprint(&b, files, d))
			list = append(list, declaration{b.String(), mentions(d, hiding)})
		}
	}
	slices.SortFunc(list, func(a, b declaration) int { return strings.Compare(a.text, b.text) })
	return list
}

// trim takes the bodies of functions and the values of variables out of a declaration. It
// returns false for imports and for methods of unexported types.
func trim(d ast.Decl) bool {
	switch d := d.(type) {
	case *ast.GenDecl:
		for _, s := range d.Specs {
			if v, ok := s.(*ast.ValueSpec); ok && d.Tok == token.VAR {
				v.Values = nil
			}
		}
		return d.Tok != token.IMPORT
	case *ast.FuncDecl:
		d.Body = nil
		return d.Recv == nil || receiver.MatchString(types.ExprString(d.Recv.List[0].Type))
	}
	return true
}

// receiver is an exported type, its pointer, or one with type parameters.
var receiver = regexp.MustCompile(`^\*?\p{Lu}`)

// internalImports are the names by which a file imports internal packages.
func internalImports(file *ast.File) map[string]bool {
	names := map[string]bool{}
	for _, i := range file.Imports {
		if p, _ := strconv.Unquote(i.Path.Value); strings.HasPrefix(p, module) && strings.Contains(p, "internal/") {
			names[path.Base(p)] = true
			if i.Name != nil {
				names[i.Name.Name] = true
			}
		}
	}
	return names
}

// mentions are the names of internal packages in the types of a declaration.
func mentions(d ast.Decl, hiding map[string]bool) (names []string) {
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec: // a value may come from anywhere
			n.Values = nil
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && hiding[x.Name] {
				names = append(names, x.Name+"."+n.Sel.Name)
			}
		}
		return true
	})
	return names
}
