package repotest

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the picture in docs/architecture.md instead of comparing it")

const architecture = "docs/architecture.md"

// written is the part of the page that the test writes.
var written = regexp.MustCompile("(?s)(<!-- Written by `go test ./internal/repotest [^>]*-->\n\n).*?(<!-- end -->)")

// notShown lists the packages that the picture leaves out. An entry that ends in "/"
// stands for all packages below it.
var notShown = []string{"examples", "examples/", "internal/bench", "internal/madeup", "internal/repotest", "internal/repotest/"}

// TestPicture compares the picture of the packages in docs/architecture.md, and the table
// below it, with their imports and comments.
func TestPicture(t *testing.T) {
	atRoot(t)
	page, err := os.ReadFile(architecture)
	require.NoError(t, err)
	packages := importsOf(t)
	maps.DeleteFunc(packages, func(pkg string, _ []string) bool { return matches(notShown, pkg) })
	want := written.ReplaceAllString(string(page), "${1}"+picture(packages)+"\n"+synopses(t, packages)+"\n${2}")
	if *update {
		require.NoError(t, os.WriteFile(architecture, []byte(want), 0o644))
		return
	}
	require.Equal(t, want, string(page), "run go test ./internal/repotest -run TestPicture -update")
}

// picture returns a mermaid flowchart of the imports. Imports that follow from others are
// left out.
func picture(packages map[string][]string) string {
	var b strings.Builder
	var duckdb []string
	b.WriteString("```mermaid\nflowchart TD\n")
	names := slices.Sorted(maps.Keys(packages))
	for _, pkg := range names {
		fmt.Fprintf(&b, "    %s[%s]\n", node(pkg), pkg)
		if slices.ContainsFunc(packages[pkg], isDuckDB) {
			duckdb = append(duckdb, node(pkg))
		}
	}
	for _, pkg := range names {
		own := ownImports(packages, pkg)
		for _, imported := range own {
			others := slices.DeleteFunc(slices.Clone(own), func(s string) bool { return s == imported })
			if !slices.ContainsFunc(others, func(s string) bool { return reaches(packages, s, imported) }) {
				fmt.Fprintf(&b, "    %s --> %s\n", node(pkg), node(imported))
			}
		}
	}
	fmt.Fprintf(&b, "    classDef duckdb stroke-width:3px\n    class %s duckdb\n```\n", strings.Join(duckdb, ","))
	return b.String()
}

// node returns the name of a package's node.
func node(pkg string) string { return strings.ReplaceAll(pkg, "/", "_") }

func isDuckDB(path string) bool { return strings.HasPrefix(path, "github.com/duckdb/") }

// ownImports returns the packages of this module that pkg imports.
func ownImports(packages map[string][]string, pkg string) (own []string) {
	for _, path := range packages[pkg] {
		if name, ok := strings.CutPrefix(path, module); ok {
			own = append(own, name)
		}
	}
	return own
}

// reaches reports whether from imports to, directly or through others.
func reaches(packages map[string][]string, from, to string) bool {
	return from == to || slices.ContainsFunc(ownImports(packages, from), func(s string) bool { return reaches(packages, s, to) })
}

// synopses returns a table of the packages with the first sentence of their comments.
func synopses(t *testing.T, packages map[string][]string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-e", "-f", "{{.ImportPath}}\t{{.Doc}}", "./...").Output()
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString("| package | what it is for |\n| --- | --- |\n")
	for line := range strings.Lines(string(out)) {
		path, doc, _ := strings.Cut(strings.TrimSpace(line), "\t")
		pkg := strings.TrimPrefix(path, module)
		if _, shown := packages[pkg]; !shown {
			continue
		}
		require.NotEmpty(t, doc, "%s has no comment", pkg)
		words := strings.SplitN(strings.NewReplacer("|", `\|`, "[", "", "]", "").Replace(doc), " ", 3)
		fmt.Fprintf(&b, "| [%s](../%s) | %s |\n", pkg, pkg, strings.TrimPrefix(words[2], "is ")) // without "Package name"
	}
	return b.String()
}
