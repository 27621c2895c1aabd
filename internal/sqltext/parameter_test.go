package sqltext_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/internal/sqltext"
)

func TestParameters(t *testing.T) {
	for text, want := range map[string][]string{
		"SELECT 1": nil,
		"SELECT * FROM t WHERE a = ? AND b IN (?, ?)":    {"1", "2", "3"},
		"SELECT $2, $1, $name, $2":                       {"2", "1", "name", "2"},
		"SELECT '?', \"$1\", $$?$$, $a$ ? $a$ -- ?\n, ?": {"1"},
		"SELECT /* ? /* ? */ ? */ a$1, E'\\'?', $x":      {"x"},
		"SELECT $": nil,
	} {
		var got []string
		for _, p := range sqltext.Parameters(text) {
			got = append(got, p.Identifier)
			require.Contains(t, []string{"?", "$" + p.Identifier}, text[p.At:p.End])
		}
		require.Equal(t, want, got, text)
	}
}

func TestLiterals(t *testing.T) {
	require.Equal(t, []string{"a.csv", "b''c", "T"}, sqltext.Literals(`FROM 'a.csv' JOIN 'b''c' ON "T".x = '' -- 'no'`))
}
