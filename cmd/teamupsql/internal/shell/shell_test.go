package shell

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// screen is a shell with what it has printed.
type screen struct {
	*Shell
	t        *testing.T
	out, err bytes.Buffer
}

// start opens a shell without a terminal; change adapts its config.
func start(t *testing.T, change ...func(*Config)) *screen {
	t.Helper()
	p := &screen{t: t}
	cfg := Config{In: strings.NewReader(""), Out: &p.out, Err: &p.err}
	for _, c := range change {
		c(&cfg)
	}
	s, err := New(context.Background(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	p.Shell = s
	return p
}

// run feeds lines as standard input and returns what they printed.
func (p *screen) run(lines ...string) (out, errs string) {
	p.t.Helper()
	p.out.Reset()
	p.err.Reset()
	err := p.ReadAll(context.Background(), strings.NewReader(strings.Join(lines, "\n")), Standard)
	if p.err.Len() == 0 {
		require.NoError(p.t, err)
	}
	return p.out.String(), p.err.String()
}

// ok runs lines that must not fail.
func (p *screen) ok(lines ...string) string {
	p.t.Helper()
	out, errs := p.run(lines...)
	require.Empty(p.t, errs)
	return out
}

func demo(cfg *Config) { cfg.Demo = 300 }

// serve asks a report server in this process.
func serve(t *testing.T, options ...teamuptest.Option) (*teamuptest.Server, func(*Config)) {
	server := teamuptest.NewServer(options...)
	t.Cleanup(server.Close)
	return server, func(cfg *Config) {
		cfg.TeamUp = httpsource.Config{BaseURL: server.URL(), Token: httpsource.NewToken("s3cr3t-token")}
		cfg.Secrets = []string{"s3cr3t-token"}
	}
}

// A statement ends for the shell where it ends for DuckDB, so every result is printed.
func TestEveryResultIsPrinted(t *testing.T) {
	p := start(t)
	p.ok(".mode list", ".headers off")
	for _, first := range []string{
		"SELECT 'first' AS a$b$;", "SELECT 'first' AS a$$b;", "SELECT 'first' AS _$x$ /* $x$ */;", "SELECT 'first' --$$\n;",
		"SELECT 'first' FROM (SELECT 1 AS a$b$) WHERE a$b$ = 1;", "SELECT 'first' WHERE e'\\';' <> '';",
	} {
		assert.Equal(t, "first\nsecond\n", p.ok(first, "SELECT 'second';"), first)
	}
}

func TestStatementsOfALine(t *testing.T) {
	p := start(t)
	out := p.ok(".mode csv", ".separator , \\n", "SELECT 1 AS a; SELECT ';' AS b;", "SELECT", "  2 AS c", ";", "SELECT 3 AS d")
	assert.Equal(t, "a\n1\nb\n;\nc\n2\nd\n3\n", out)
}

func TestAnErrorEndsTheLineNotTheInput(t *testing.T) {
	p := start(t)
	out, errs := p.run(".mode list", "SELECT 1 AS a; SELEC; SELECT 2;", "SELECT 3 AS b;")
	assert.Equal(t, "a\n1\nb\n3\n", out)
	assert.Contains(t, errs, "Parser Error: syntax error at or near")

	out, _ = p.run(".bail on", "SELEC;", "SELECT 4;")
	assert.Empty(t, out)
}

func TestFilesEndAtTheFirstError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "script.sql")
	require.NoError(t, os.WriteFile(file, []byte(".mode list\nSELECT 1 AS a;\n.nonsense\nSELECT 2 AS a;\n"), 0o600))
	p := start(t)
	assert.Error(t, p.File(context.Background(), file))
	assert.Contains(t, p.err.String(), "Unrecognized command '.nonsense'")
	assert.NotContains(t, p.out.String(), "2")

	p.out.Reset()
	_, _ = p.run(".bail off")
	assert.Error(t, p.File(context.Background(), file))
	assert.Contains(t, p.out.String(), "2")
}

func TestResultsOfEveryKindOfStatement(t *testing.T) {
	p := start(t)
	p.ok("CREATE TABLE t(a INTEGER, b VARCHAR);", ".mode list", ".headers off")
	for _, c := range []struct{ sql, want string }{
		{"INSERT INTO t VALUES (1, 'x'), (2, NULL);", ""},
		{"INSERT INTO t VALUES (3, 'z') RETURNING a, b;", "3|z\n"},
		{"UPDATE t SET b = 'y' WHERE a = 1;", ""},
		{"SELECT * FROM t ORDER BY a;", "1|y\n2|NULL\n3|z\n"},
		{"DELETE FROM t WHERE a = 3;", ""},
		{"SHOW TABLES;", "t\n"},
		{"DESCRIBE t;", "a|INTEGER|YES|NULL|NULL|NULL\nb|VARCHAR|YES|NULL|NULL|NULL\n"},
		{"CALL range(2);", "0\n1\n"},
		{"PRAGMA table_info('t');", "0|a|INTEGER|false|NULL|false\n1|b|VARCHAR|false|NULL|false\n"},
		{"FROM t SELECT a;", "1\n2\n"},
		{"WITH u AS (SELECT a FROM t) SELECT sum(a) FROM u;", "3\n"},
		{"PREPARE p AS SELECT $1::INTEGER + 1; EXECUTE p(41);", "42\n"},
		{"BEGIN; ROLLBACK;", ""},
		{"SET threads = 2;", ""},
		{"SUMMARIZE SELECT 1 AS s;", "s|INTEGER|1|1|1|1.0|NULL|1|1|1|1|0.00\n"},
	} {
		assert.Equal(t, c.want, p.ok(c.sql), c.sql)
	}
	assert.Contains(t, p.ok("EXPLAIN SELECT 42;"), "││       Physical Plan       ││")
	assert.Contains(t, p.ok("PIVOT t ON a USING count(*);"), "y")
}

func TestTheDatabaseThatWasOpenedMayGo(t *testing.T) {
	p := start(t, demo)
	assert.Equal(t, "1\n", p.ok(".mode list", ".headers off", "ATTACH ':memory:' AS other; USE other; DETACH memory;",
		"CREATE TABLE t AS SELECT 1 AS a;", "FROM t;"))
	assert.Equal(t, "2\n", p.ok("SELECT count(*) FROM (FROM teamup_customers() LIMIT 2);"))
}

func TestParametersAreForPreparedStatements(t *testing.T) {
	_, errs := start(t).run("SELECT $1;")
	assert.Contains(t, errs, "use PREPARE")
}

func TestTimesFollowTheSession(t *testing.T) {
	p := start(t)
	assert.Equal(t, "2024-07-01 08:00:00-04\n", p.ok(".mode list", ".headers off", "SET TimeZone = 'America/New_York';",
		"SELECT TIMESTAMPTZ '2024-07-01 12:00:00+00';"))
	assert.Equal(t, "2024-07-01 17:45:00+05:45\n", p.ok("SET TimeZone = 'Asia/Kathmandu'; SELECT TIMESTAMPTZ '2024-07-01 12:00:00+00';"))
}

func TestChangesTimerEcho(t *testing.T) {
	p := start(t)
	out := p.ok("CREATE TABLE t(a INTEGER);", ".changes on", "INSERT INTO t FROM range(3);", "DELETE FROM t WHERE a = 1;")
	assert.Equal(t, "changes:   3   total_changes: 3\nchanges:   1   total_changes: 4\n", out)
	assert.Regexp(t, `^Run Time \(s\): real \d+\.\d{3} user \d+\.\d{6} sys \d+\.\d{6}\n$`, p.ok(".changes off", ".timer on", "BEGIN; COMMIT;"))
	assert.Regexp(t, `Run Time.*\nTeamUp: requests [12] rows \d+ bytes \d+\n$`, p.ok(".demo 150", "SELECT count(*) FROM teamup_customers() WHERE is_active;"))
	assert.Equal(t, "\n.print x\nx\nSELECT 1 AS one;\none\n1\n",
		p.ok(".timer off", ".mode list", ".echo on", "", ".print x", "SELECT 1 AS one;"))
}

func TestInterruptedScan(t *testing.T) {
	arrived := make(chan struct{})
	server, to := serve(t, teamuptest.WithLatency(time.Minute))
	p := start(t, to)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer close(arrived)
		for server.InFlight() == 0 && ctx.Err() == nil {
			runtime.Gosched()
		}
		cancel()
	}()
	begun := time.Now()
	err := p.ReadAll(ctx, strings.NewReader("SELECT count(*) FROM teamup_customers();"), Standard)
	<-arrived
	assert.ErrorIs(t, err, errInterrupted)
	assert.Equal(t, "Interrupted\n", p.err.String())
	assert.Less(t, time.Since(begun), 20*time.Second)
	assert.Equal(t, 1, strings.Count(p.ok("SELECT 'still here' AS a;"), "still here"), "the connection goes on")
}

func TestErrorsHoldNoToken(t *testing.T) {
	_, to := serve(t, teamuptest.WithTokens("another"))
	p := start(t, to)
	_, errs := p.run("SELECT count(*) FROM teamup_customers();", "SELECT 's3cr3t-token'::INTEGER;")
	assert.Contains(t, errs, "401")
	assert.Contains(t, errs, "'***'")
	assert.NotContains(t, errs, "s3cr3t")
}

func TestNothingIsAskedBeforeAQueryNeedsIt(t *testing.T) {
	server, to := serve(t)
	p := start(t, to)
	p.ok("SELECT 1;", ".columns", ".requests", ".ratelimit", "PREPARE p AS SELECT count(*) FROM teamup_customers();", "DESCRIBE FROM teamup_customers();")
	assert.Empty(t, server.Requests())
	p.ok("EXECUTE p;")
	assert.NotEmpty(t, server.Requests())
}

func TestAScriptIsTheSamePipedAndAsAFile(t *testing.T) {
	var script strings.Builder
	for i := range 200 {
		fmt.Fprintf(&script, "SELECT %d AS n, 'text %d; -- no comment' AS t\n  WHERE true; -- %d\n", i, i, i)
	}
	file := filepath.Join(t.TempDir(), "script.sql")
	require.NoError(t, os.WriteFile(file, []byte(script.String()), 0o600))
	p := start(t)
	piped := p.ok(script.String())
	p.out.Reset()
	require.NoError(t, p.File(context.Background(), file))
	assert.Equal(t, piped, p.out.String())
	assert.Equal(t, 200, strings.Count(piped, "no comment"))
}

func TestFilesDoNotReadEachOtherForEver(t *testing.T) {
	file := filepath.Join(t.TempDir(), "loop.sql")
	require.NoError(t, os.WriteFile(file, []byte(".read "+file+"\n"), 0o600))
	_, errs := start(t).run(".read " + file)
	assert.Contains(t, errs, "32 deep")
}

func TestExit(t *testing.T) {
	p := start(t)
	for line, status := range map[string]int{".quit": 0, ".exit": 0, ".exit 7": 7} {
		err := p.ReadAll(context.Background(), strings.NewReader(line+"\nSELECT 1;\n"), Standard)
		var exit *ExitError
		require.True(t, errors.As(err, &exit), line)
		assert.Equal(t, status, Status(err))
		assert.Empty(t, p.out.String())
	}
}
