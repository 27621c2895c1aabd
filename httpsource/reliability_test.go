package httpsource_test

import (
	"os"
	"path/filepath"
	"regexp"
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
	exists := testFunctions(t, "*_test.go", "../arrowconv/*_test.go", "../tablefunc/*_test.go")
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

func testFunctions(t *testing.T, patterns ...string) map[string]bool {
	found := map[string]bool{}
	declaration := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	for _, pattern := range patterns {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, m := range declaration.FindAllStringSubmatch(string(text), -1) {
				found[m[1]] = true
			}
		}
	}
	return found
}
