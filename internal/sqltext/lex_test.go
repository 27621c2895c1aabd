package sqltext

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStatementsAreSplitWhereDuckDBEndsThem(t *testing.T) {
	for text, want := range map[string][]string{
		"SELECT 1":                          {"SELECT 1"},
		"SELECT 1;":                         {"SELECT 1"},
		" ; SELECT 1 ;; SELECT 2 ; ":        {"SELECT 1", "SELECT 2"},
		"SELECT ';'; SELECT 'it''s;'":       {"SELECT ';'", "SELECT 'it''s;'"},
		`SELECT E'\';'; SELECT 2`:           {`SELECT E'\';'`, "SELECT 2"},
		`SELECT e'\\'; SELECT 2`:            {`SELECT e'\\'`, "SELECT 2"},
		`SELECT '\'; SELECT 2`:              {`SELECT '\'`, "SELECT 2"},
		`SELECT ";" FROM t; SELECT """;"`:   {`SELECT ";" FROM t`, `SELECT """;"`},
		"SELECT $$;$$; SELECT $a$;$$;$a$":   {"SELECT $$;$$", "SELECT $a$;$$;$a$"},
		"SELECT $1; SELECT $2":              {"SELECT $1", "SELECT $2"},
		"SELECT $name; SELECT 2":            {"SELECT $name", "SELECT 2"},
		"SELECT a$b$; SELECT 2":             {"SELECT a$b$", "SELECT 2"},
		"-- a;b\nSELECT 1; -- c;\nSELECT 2": {"-- a;b\nSELECT 1", "-- c;\nSELECT 2"},
		"/* ; /* ; */ ; */ SELECT 1;/*;*/":  {"/* ; /* ; */ ; */ SELECT 1"},
		"SELECT 1 -- ; end":                 {"SELECT 1 -- ; end"},
		"-- nothing":                        {"-- nothing"},
		"":                                  {""},
		"SELECT 'open; SELECT 2":            {"SELECT 'open; SELECT 2"},
		"SELECT name'x;'; SELECT 'é;'; x":   {"SELECT name'x;'", "SELECT 'é;'", "x"},
	} {
		require.Equal(t, want, Split(text), text)
	}
}

func TestFirstWordsSkipComments(t *testing.T) {
	require.Equal(t, []string{"EXPLAIN", "ANALYZE"}, FirstWords("/* x */ explain -- y\n analyze SELECT 1", 2))
	require.Equal(t, []string{"EXPLAIN"}, FirstWords("EXPLAIN (FORMAT json) SELECT 1", 2))
	require.Empty(t, FirstWords("(SELECT 1)", 2))
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"SELECT 1; SELECT 2", "$a$;$a$", "/* /* */ ; */", "E'\\'", "\"", "'", "$", "--"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parts := Split(text)
		require.NotEmpty(t, parts)
		for _, p := range parts {
			if len(parts) > 1 {
				require.Equal(t, []string{p}, Split(p), "a statement is not split again")
			}
		}
	})
}
