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

func TestStatementsKeepTheirSemicolons(t *testing.T) {
	for _, c := range []struct {
		sql      string
		want     []string
		complete bool
	}{
		{"", nil, false},
		{" -- nothing\n", nil, false},
		{";;", nil, true},
		{"SELECT 1", []string{"SELECT 1"}, false},
		{"SELECT 1;", []string{"SELECT 1;"}, true},
		{"a; b ;c", []string{"a;", "b ;", "c"}, false},
		{"SELECT a$b$;", []string{"SELECT a$b$;"}, true},
		{"SELECT $1; x;", []string{"SELECT $1;", "x;"}, true},
		{"x; -- tail;", []string{"x;"}, true},
		{"SELECT 'open;", []string{"SELECT 'open;"}, false},
		{"x; /* open ;", []string{"x;"}, false},
		{"SELECT $a$ open;", []string{"SELECT $a$ open;"}, false},
		{"SELECT 1;\n\nSELECT 2;\n", []string{"SELECT 1;", "SELECT 2;"}, true},
	} {
		require.Equal(t, c.want, Statements(c.sql), c.sql)
		require.Equal(t, c.complete, Complete(c.sql), c.sql)
	}
}

func FuzzTokens(f *testing.F) {
	for _, s := range []string{"", "SELECT $a$;", "E'\\", "/*/**/", "\"", "é$é$", "\xa0", "0x", ".5e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		at := 0
		for _, token := range Tokens(sql) {
			require.Equal(t, at, token.Start, "%q", sql)
			require.Greater(t, token.End, at, "%q", sql)
			at = token.End
		}
		require.Equal(t, len(sql), at, "%q", sql)
	})
}
