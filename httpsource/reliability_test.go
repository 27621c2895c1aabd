package httpsource_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// docs/reliability.md names every fault of the catalogue, and only tests that exist.
func TestReliabilityTableIsCurrent(t *testing.T) {
	text, err := os.ReadFile("../docs/reliability.md")
	require.NoError(t, err)
	for _, f := range teamuptest.Faults() {
		assert.Contains(t, string(text), "`"+f.Name+"`", "fault")
		if _, here := fates[f.Name]; here {
			assert.Contains(t, string(text), "`TestFaultMatrix/"+f.Name+"`", "row of the matrix")
		}
	}
	exists := testFunctions(t)
	named := regexp.MustCompile("`((?:Test|Fuzz)[^`]*)`").FindAllStringSubmatch(string(text), -1)
	assert.NotEmpty(t, named)
	for _, m := range named {
		name, fault, sub := strings.Cut(m[1], "/")
		assert.True(t, exists[name], "%s does not exist", name)
		if sub {
			assert.Contains(t, fates, fault)
		}
	}
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| fault") && !strings.HasPrefix(line, "| ---") {
			assert.Regexp(t, "`(Test|Fuzz)", line, "a fault without a test")
		}
	}
}

// testFunctions returns the names of the tests of the library's packages.
func testFunctions(t *testing.T) map[string]bool {
	found := map[string]bool{}
	declaration := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	for _, file := range libraryFiles(t) {
		if !strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range declaration.FindAllStringSubmatch(string(text), -1) {
			found[m[1]] = true
		}
	}
	return found
}

// libraryFiles returns the Go files of the module, except those of its programs.
func libraryFiles(t *testing.T) (files []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{"cmd", "examples", "bench", "testdata", ".git"}, d.Name()):
			return fs.SkipDir
		case filepath.Ext(path) == ".go":
			files = append(files, path)
		}
		return nil
	}))
	return files
}
