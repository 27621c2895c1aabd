package sqltext

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/duckdb/duckdb-go/v2/mapping"
	"github.com/stretchr/testify/require"
)

// parser is DuckDB's own.
type parser struct {
	database   mapping.Database
	connection mapping.Connection
}

func newParser(t testing.TB) *parser {
	p := &parser{}
	require.Equal(t, mapping.StateSuccess, mapping.Open(":memory:", &p.database))
	require.Equal(t, mapping.StateSuccess, mapping.Connect(p.database, &p.connection))
	t.Cleanup(func() {
		mapping.Disconnect(&p.connection)
		mapping.Close(&p.database)
	})
	return p
}

// statements counts the statements of a text; 0 for one that DuckDB refuses.
func (p *parser) statements(text string) int {
	var extracted mapping.ExtractedStatements
	n := mapping.ExtractStatements(p.connection, text, &extracted)
	mapping.DestroyExtracted(&extracted)
	return int(n)
}

// oddTexts are texts whose statements are hard to tell apart. DuckDB takes them all.
var oddTexts = []string{
	// dollars in words, and dollar quotes
	"SELECT 1 AS a$b$; SELECT 2", "SELECT 1 AS a$$b; SELECT 2 AS c$$", "SELECT 1 AS _$x$; SELECT 2 AS y$x$",
	"SELECT 1 AS é$b$; SELECT 2 AS b$", "SELECT $$;$$; SELECT $a$;$$;$a$", "SELECT $é$;$é$; SELECT 2", "SELECT $a1$;$a1$",
	"SELECT $1; SELECT $2", "SELECT $name; SELECT 2", "SELECT $name, $$;$$",
	`SELECT "a"$$;$$`, "SELECT a.b$c$ FROM (SELECT {'b$c$': 1} AS a); SELECT 2", "SELECT $_$;$_$", "SELECT $a$ $b$ ; $a$; SELECT 2",
	// strings
	"SELECT 'it''s;'; SELECT ';'", `SELECT '\'; SELECT 2`, `SELECT E'\';'; SELECT 2`, `SELECT e'\\'; SELECT 2`,
	`SELECT E'\\\';' ; SELECT 2`, "SELECT E'a'';'; SELECT 2", "SELECT date'2020-01-01'; SELECT type'\\'; SELECT 2",
	"SELECT x'41'; SELECT X'42'", "SELECT 'a'\n';'; SELECT 2", "SELECT 'é;'; SELECT 2",
	"SELECT n'a;'", "SELECT b'0;'",
	// quoted names
	`SELECT 1 AS ";"; SELECT 2 AS """;"`, `SELECT 1 AS "\"; SELECT 2`,
	// comments
	"SELECT 1 /* ; /* ; */ ; */; SELECT 2", "SELECT 1 -- ; '\n; SELECT 2", "SELECT 1 -- a\r; SELECT 2", "SELECT 1 --", "SELECT 1 /**/; SELECT 2 /***/",
	"SELECT 1 --/* ;\n; SELECT 2", "SELECT '--'; SELECT '/*'; SELECT '*/'", "SELECT 2 */* ; */ 3; SELECT 1", "SELECT 1 /*/* ; */*/; SELECT 2",
	"SELECT 1+--;\n2; SELECT 3", "SELECT 4/ /*;*/ 2",
	// nothing in between
	";;SELECT 1;;; SELECT 2;;", "; ; SELECT 1 ; -- end;", "SELECT 1;\u00a0SELECT 2", "SELECT\u20031;\u3000SELECT 2", "\ufeffSELECT 1; SELECT 2",
	"SELECT a\u00a0FROM (SELECT 1 AS a); SELECT 2", "SELECT 1;\v\fSELECT 2", "SELECT .5; SELECT 1.; SELECT 1e5; SELECT 0x1e; SELECT 1_0",
}

// refusedTexts are texts that DuckDB cannot parse because a token has no end.
var refusedTexts = []string{
	"SELECT 1; SELECT 'open; SELECT 2", `SELECT 1; SELECT "open; SELECT 2`, "SELECT 1; SELECT 2 /* open; SELECT 3",
	"SELECT 1; SELECT 2 /* /* */ open; SELECT 3", "SELECT 1; SELECT $$ open; SELECT 2", "SELECT 1; SELECT $a$ open $b$; SELECT 2",
	`SELECT 1; SELECT E'open\'; SELECT 2`,
}

func TestStatementsAreThoseOfDuckDB(t *testing.T) {
	p := newParser(t)
	for _, text := range oddTexts {
		want := p.statements(text)
		require.NotZero(t, want, "DuckDB refuses %q", text)
		parts := Split(text)
		require.Len(t, parts, want, "%q: %q", text, parts)
		for _, part := range parts {
			require.Equal(t, 1, p.statements(part), "%q of %q", part, text)
		}
		require.True(t, Complete(text+"\n;"), text)
	}
}

// DuckDB knows no U&'…' and refuses such a statement, but not the one behind it.
func TestUnicodeEscapesAreRefused(t *testing.T) {
	p := newParser(t)
	for _, text := range []string{"SELECT U&'a'; SELECT 2", `SELECT U&'\'; SELECT 2`, `SELECT U&"a;"; SELECT 2`} {
		require.Zero(t, p.statements(text), text)
		require.Len(t, Split(text), 2, text)
		require.Equal(t, 1, p.statements(Split(text)[1]), text)
	}
}

func TestAnOpenTokenTakesTheRest(t *testing.T) {
	p := newParser(t)
	for _, text := range refusedTexts {
		require.Zero(t, p.statements(text), text)
		require.Len(t, Split(text), 2, text)
		require.Equal(t, 1, p.statements(Split(text)[0]), text)
		require.False(t, Complete(text+"\n;"), text)
	}
}

// Texts of random pieces, of which DuckDB takes some and refuses others.
func FuzzStatementsAreThoseOfDuckDB(f *testing.F) {
	p := newParser(f)
	for _, text := range append(oddTexts, refusedTexts...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if upper := strings.ToUpper(text); !utf8.ValidString(text) || strings.Contains(text, "\x00") || strings.Contains(upper, "PIVOT") || strings.Contains(upper, "PRAGMA") {
			return // C ends the text at NUL; DuckDB makes several statements of one PIVOT
		}
		if n := p.statements(text); n > 0 {
			require.Len(t, Split(text), n, "%q", text)
		}
	})
}
