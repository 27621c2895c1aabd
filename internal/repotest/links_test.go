package repotest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLinksLeadSomewhere follows the links between the project's own pages, and
// wants the index to name every page.
func TestLinksLeadSomewhere(t *testing.T) {
	atRoot(t)
	link := regexp.MustCompile(`\]\(([^)#\s]+)(#[^)]*)?\)`)
	pages, indexed := 0, map[string]bool{}
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".md" {
			return err
		}
		pages++
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			target := filepath.Join(filepath.Dir(path), m[1])
			_, err := os.Stat(target)
			require.NoError(t, err, "%s links to %s", path, m[1])
			if path == filepath.Join("docs", "README.md") {
				indexed[target] = true
			}
		}
		return nil
	}))
	require.Greater(t, pages, 5)
	docs, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	for _, page := range docs {
		if page != filepath.Join("docs", "README.md") {
			require.True(t, indexed[page], "docs/README.md does not name %s", page)
		}
	}
}
