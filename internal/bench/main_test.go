package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMain lets the test program be the processes that the program starts from
// itself.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestQuickRun has every measure do its work once, with the checks of its own, and
// looks for all that it should write.
func TestQuickRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "performance.md")
	require.NoError(t, run(context.Background(), []string{"-quick", "-runs", "1", "-out", file}, nil, io.Discard, io.Discard))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, m := range measures {
		_, after, found := strings.Cut(string(text), "\n## "+m.title+"\n")
		require.True(t, found, m.title)
		section, _, _ := strings.Cut(after, "\n## ")
		require.Regexp(t, `(?m)^\| [^-].*\d`, section, m.title)
	}
	require.Contains(t, string(text), "\n## Targets\n")
	require.NotContains(t, string(text), "NaN")
	require.Contains(t, string(text), "The figures mean nothing")
}

func TestChosenMeasures(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-quick", "-runs", "1", "-only", "5", "-out", "-"}, nil, &out, io.Discard))
	require.Contains(t, out.String(), "Not all measures were run")
	require.Contains(t, out.String(), "## Selective queries")
	require.NotContains(t, out.String(), "## Peak memory")
	for _, args := range [][]string{{"-only", "9"}, {"-only", "x"}, {"-runs", "0"}, {"more"}} {
		require.Error(t, run(context.Background(), args, nil, io.Discard, io.Discard), args)
	}
}

func TestStatistics(t *testing.T) {
	require.Equal(t, 2.0, series{3, 1, 2}.median())
	require.Equal(t, 2.5, series{4, 1, 2, 3}.median())
	require.Equal(t, "2.00 s (1.00 s–3.00 s)", series{3, 1, 2}.show(seconds))
	require.Equal(t, series{2, 0.5}, ratio(series{2, 1}, series{1, 2}))
	for _, c := range []struct {
		g   goal
		met bool
	}{
		{goal{got: 1.01, limit: 1.02, atMost: true}, true},
		{goal{got: 1.02, limit: 1.02, atMost: true}, true},
		{goal{got: 1.03, limit: 1.02, atMost: true}, false},
		{goal{got: 1.6, limit: 1.5}, true},
		{goal{got: 1.5, limit: 1.5}, true},
		{goal{got: 1.4, limit: 1.5}, false},
	} {
		require.Equal(t, c.met, c.g.met(), c.g)
	}
}

func TestContendersTakeTurns(t *testing.T) {
	var order string
	note := func(name string) contender {
		return func(context.Context) (float64, error) {
			order += name
			return float64(len(order)), nil
		}
	}
	results, err := interleave(context.Background(), 4, note("a"), note("b"))
	require.NoError(t, err)
	require.Len(t, order, 10)
	require.Len(t, results[0], 4)
	followed := map[string]bool{}
	for i := range order[1:] {
		followed[order[i:i+2]] = true
	}
	require.Len(t, followed, 4, order) // each follows each
	for turn := range 5 {
		require.Contains(t, []string{"ab", "ba"}, order[2*turn:2*turn+2])
	}
}
