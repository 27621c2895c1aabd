package shell

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestStatements(t *testing.T) {
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
		{"SELECT ';';", []string{"SELECT ';';"}, true},
		{`SELECT "a;b";`, []string{`SELECT "a;b";`}, true},
		{"SELECT 'it''s;';", []string{"SELECT 'it''s;';"}, true},
		{`SELECT 'back\'; x;`, []string{`SELECT 'back\';`, "x;"}, true},
		{`SELECT E'a\';b';`, []string{`SELECT E'a\';b';`}, true},
		{"SELECT $$;$$;", []string{"SELECT $$;$$;"}, true},
		{"SELECT $tag$ ; $$ ; $tag$;", []string{"SELECT $tag$ ; $$ ; $tag$;"}, true},
		{"SELECT $1; x;", []string{"SELECT $1;", "x;"}, true},
		{"SELECT a$b$;", []string{"SELECT a$b$;"}, false},
		{"x; -- tail;", []string{"x;"}, true},
		{"x /* ; /* ; */ ; */;", []string{"x /* ; /* ; */ ; */;"}, true},
		{"SELECT 'open", []string{"SELECT 'open"}, false},
		{"SELECT 'open;", []string{"SELECT 'open;"}, false},
		{"x; /* open ;", []string{"x;"}, false},
		{"SELECT $a$ open;", []string{"SELECT $a$ open;"}, false},
		{"SELECT 1;\n\nSELECT 2;\n", []string{"SELECT 1;", "SELECT 2;"}, true},
	} {
		assert.Equal(t, c.want, statements(c.sql), c.sql)
		assert.Equal(t, c.complete, complete(c.sql), c.sql)
	}
}

func TestFirstWord(t *testing.T) {
	for sql, want := range map[string]string{
		"explain select 1": "EXPLAIN", " -- x\n/* y */ Select": "SELECT", "": "", "(SELECT 1)": "", "'x'": "",
	} {
		assert.Equal(t, want, firstWord(sql), sql)
	}
}

func FuzzLex(f *testing.F) {
	for _, s := range []string{"", "SELECT $a$;", "E'\\", "/*/**/", "\"", "é$é$"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		at := 0
		for _, token := range lex(sql) {
			if token.start != at || token.end <= at {
				t.Fatalf("%q: token %+v does not follow %d", sql, token, at)
			}
			at = token.end
		}
		if at != len(sql) {
			t.Fatalf("%q: ends at %d", sql, at)
		}
		_ = statements(sql)
		_ = highlight(sql, nil)
	})
}
