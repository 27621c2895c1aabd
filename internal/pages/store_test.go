package pages

import (
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPagesBeyondTheMemoryAreKeptInAFile(t *testing.T) {
	s := Store{Limit: 10}
	var pages []*Page
	for _, text := range []string{"first", "second", "third page", "4"} {
		p := &Page{bytes: []byte(text), size: len(text)}
		require.NoError(t, s.Keep(p))
		pages = append(pages, p)
	}
	require.EqualValues(t, 6, s.held)
	name := s.file.Name()
	if runtime.GOOS != "windows" {
		require.NoFileExists(t, name) // it has no name while it is used
	}
	for i, want := range []string{"first", "second", "third page", "4"} {
		body, err := s.Body(pages[i])
		require.NoError(t, err)
		require.Equal(t, want, string(body))
	}
	s.Close()
	_, err := os.Stat(name)
	require.ErrorIs(t, err, os.ErrNotExist)
}
