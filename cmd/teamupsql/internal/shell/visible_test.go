package shell

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/render"
)

// steering are texts that would steer a terminal, and every character that can.
func steering() string {
	var b strings.Builder
	for r := rune(1); r < 0xA0; r++ {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			b.WriteRune(r)
		}
	}
	b.WriteString("\x1b]0;owned\a \x1b]52;c;b3duZWQ=\a \x1b[2J\x1b[31m \u009b2J \x1b[6n \r gone")
	b.WriteString("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
	return b.String()
}

// requireCalm fails if a text steers a terminal.
func requireCalm(t *testing.T, text string, args ...any) {
	t.Helper()
	at := strings.IndexFunc(text, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r)
	})
	require.Negative(t, at, append([]any{fmt.Sprintf("%q", text)}, args...)...)
}

func onTerminal(c *Config) {
	c.Terminal = Terminal{In: true, Out: true, Err: true, Size: func() (int, int) { return 80, 24 }}
	c.Env = func(name string) string { return map[string]string{"NO_COLOR": "1"}[name] }
}

// evil runs lines and returns all that a user sees of them.
func (p *screen) evil(lines ...string) string {
	p.t.Helper()
	out, errs := p.run(lines...)
	return strings.ReplaceAll(out, "\r\n", "\n") + strings.ReplaceAll(errs, "\r\x1b[K", "") // csv's line ends, and the progress line's
}

func TestNoValueSteersATerminal(t *testing.T) {
	p := start(t, onTerminal, demo)
	name := `"` + strings.ReplaceAll(steering(), `"`, `""`) + `"`
	value := "'" + steering() + "'"
	p.evil("CREATE TABLE "+name+" ("+name+" VARCHAR);", "INSERT INTO "+name+" VALUES ("+value+"), (NULL);",
		"CREATE VIEW v AS SELECT 1 AS "+name+";", "CREATE SCHEMA "+name+";", "CREATE TYPE mood AS ENUM ("+value+");")
	results := []string{
		"FROM " + name + ";", "SELECT " + value + " AS a, 1 AS n;", "SELECT {" + name + ": " + value + "} AS s;", "SELECT [" + value + "] AS l;",
		"SELECT MAP {" + value + ": " + value + "} AS m;", "SELECT to_json(" + value + ") AS j;", "SELECT " + value + "::mood AS e;",
		"SELECT E'{\r\n \"a\": 1}'::JSON AS j;",
		"EXPLAIN FROM " + name + " WHERE " + name + " = " + value + ";", "DESCRIBE " + name + ";", "SHOW TABLES;",
	}
	for _, m := range render.Modes {
		p.ok(".mode " + string(m.Mode))
		for _, sql := range results {
			shown := p.evil(sql)
			requireCalm(t, shown, m.Mode, sql)
			assert.True(t, shown != "" || m.Mode == render.Trash, "%s %s", m.Mode, sql)
		}
	}
	p.ok(".mode duckbox")
	for _, line := range []string{
		"SELECT " + value + "::INTEGER;", "SELECT error(" + value + ");", "FROM " + name + name + ";", "SELEC " + value + ";",
		".tables", ".schema", ".databases", ".show", ".echo on", "SELECT " + value + ";", ".echo off", ".columns", ".mode " + steering(), ".nosuch" + steering(),
		".explain SELECT id FROM teamup_customers() WHERE email = " + value + " AND " + value + " <> ''",
		"SELECT count(*) FROM teamup_customers() WHERE email = " + value + ";", ".requests", "SELECT * FROM teamup_customers(status := " + value + ");",
	} {
		requireCalm(t, p.evil(line), line)
	}
	p.evil("USE " + name + ";")
	requireCalm(t, p.promptText(context.Background()))
	assert.Contains(t, p.promptText(context.Background()), `\e]0;owned`)
}

func TestValuesLeaveATerminalAsTheyAre(t *testing.T) {
	p := start(t, onTerminal)
	file := filepath.Join(t.TempDir(), "out")
	p.evil(".mode list", ".headers off", ".output "+file, "SELECT '"+steering()+"';", ".output")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, steering()+"\n", string(text))

	q := start(t)
	assert.Equal(t, steering()+"\n", q.ok(".mode list", ".headers off", "SELECT '"+steering()+"';"))
}

func TestJSONOnATerminalIsJSON(t *testing.T) {
	p := start(t, onTerminal)
	p.evil("CREATE TABLE t AS SELECT '" + steering() + "' AS a;")
	shown := p.evil(".mode jsonlines", "FROM t;")
	p.evil("CREATE TABLE again AS SELECT ('" + strings.ReplaceAll(strings.TrimSpace(shown), "'", "''") + "'::JSON)->>'a' AS a;")
	assert.Contains(t, p.evil("SELECT (SELECT a FROM t) = (SELECT a FROM again) AS same;"), `{"same":true}`)
}

func TestLogEntriesAreLines(t *testing.T) {
	p := start(t)
	file := filepath.Join(t.TempDir(), "log")
	p.ok(".log "+file, ".mode trash", "SELECT 1 /*\n\nstatement: forged */;", `SELECT 2 AS "two";`, "SELECT '\x1b]0;owned\a';", "SELECT\n'é';", ".log off")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, `statement: "SELECT 1 /*\n\nstatement: forged */;"
statement: SELECT 2 AS "two";
statement: "SELECT '\x1b]0;owned\a';"
statement: "SELECT\n'é';"
`, string(text))
}
