package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// asProgram makes the test binary be the program, for the tests that need a
// process of their own.
const asProgram = "TEAMUPSQL_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	// The tests ask servers of their own, whatever the environment says.
	for _, name := range []string{httpsource.EnvToken, httpsource.EnvProviderID, httpsource.EnvBaseURL} {
		_ = os.Unsetenv(name)
	}
	os.Exit(m.Run())
}

// demoDay gives the embedded report the same customers every day.
const demoDay = "TEAMUPSQL_DEMO_DAY=2026-03-15"

// call runs the program with an empty home.
func call(t *testing.T, stdin string, args ...string) (out, errs string, status int) {
	t.Helper()
	home := t.TempDir()
	return callAt(t, home, stdin, args...)
}

func callAt(t *testing.T, home, stdin string, args ...string) (out, errs string, status int) {
	t.Helper()
	var o, e bytes.Buffer
	env := func(name string) string {
		return map[string]string{"HOME": home, "TEAMUPSQL_DEMO_DAY": "2026-03-15"}[name]
	}
	status = run(context.Background(), args, strings.NewReader(stdin), &o, &e, env)
	return o.String(), e.String(), status
}

func TestOneShot(t *testing.T) {
	for name, c := range map[string]struct {
		args  []string
		stdin string
		out   string
	}{
		"csv":                     {[]string{"-csv", "-c", "SELECT 1 AS a, 'x,y' AS b"}, "", "a,b\n1,\"x,y\"\n"},
		"json":                    {[]string{"-json", "-c", "SELECT 1 AS a UNION ALL SELECT 2 ORDER BY a"}, "", "[{\"a\":1},\n{\"a\":2}]\n"},
		"jsonlines":               {[]string{"-jsonlines", "-c", "SELECT 1 AS a, NULL AS b"}, "", "{\"a\":1,\"b\":null}\n"},
		"markdown":                {[]string{"-markdown", "-c", "SELECT 1 AS a"}, "", "| a |\n|--:|\n| 1 |\n"},
		"list, separator, null":   {[]string{"-list", "-separator", ";", "-nullvalue", "-", "-c", "SELECT 1 AS a, NULL AS b"}, "", "a;b\n1;-\n"},
		"no header, newline":      {[]string{"-list", "-noheader", "-newline", "!", "-c", "SELECT 1"}, "", "1!"},
		"two dashes":              {[]string{"--csv", "--c", "SELECT 1 AS a"}, "", "a\n1\n"},
		"several -c, in order":    {[]string{"-list", "-noheader", "-c", "CREATE TABLE t(a INT)", "-c", "INSERT INTO t VALUES (7)", "-c", "FROM t"}, "", "7\n"},
		"options in order":        {[]string{"-list", "-c", "SELECT 1 AS a", "-noheader", "-c", "SELECT 2 AS a"}, "", "a\n1\n2\n"},
		"standard input":          {[]string{"-list"}, "SELECT 1 AS a;\nSELECT 2 AS b", "a\n1\nb\n2\n"},
		"dot command as -c":       {[]string{"-c", ".print hello"}, "", "hello\n"},
		"SQL behind the database": {[]string{":memory:", "-csv", "SELECT 3 AS a", ".print b"}, "SELECT 9", "a\n3\nb\n"},
		"-cmd, then input":        {[]string{"-list", "-cmd", "CREATE TABLE t AS SELECT 5 AS a"}, "FROM t;", "a\n5\n"},
		"-no-stdin":               {[]string{"-no-stdin"}, "SELECT 1;", ""},
		"-echo":                   {[]string{"-echo", "-list"}, "SELECT 1 AS a;", "SELECT 1 AS a;\na\n1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			out, errs, status := call(t, c.stdin, c.args...)
			assert.Equal(t, c.out, out)
			assert.Empty(t, errs)
			assert.Zero(t, status)
		})
	}
}

func TestExitStatus(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		stdin  string
		out    string
		errs   string
		status int
	}{
		"-c fails":                {[]string{"-c", "SELEC", "-c", ".print no"}, "", "", "Parser Error", 1},
		"input fails and goes on": {nil, "SELEC;\n.print yes", "yes\n", "Parser Error", 1},
		"-bail":                   {[]string{"-bail"}, "SELEC;\n.print no", "", "Parser Error", 1},
		".exit":                   {nil, ".exit 3\n.print no", "", "", 3},
		".exit in -c":             {[]string{"-c", ".exit 4", "-c", ".print no"}, "", "", "", 4},
		"unknown option":          {[]string{"-jsn"}, "", "", "Did you mean: \"-json\"", 1},
		"option without a value":  {[]string{"-c"}, "", "", "needs an argument", 1},
		"bad number":              {[]string{"-concurrency", "many"}, "", "", "whole number", 1},
		"bad time":                {[]string{"-timeout", "5"}, "", "", "such as 30s", 1},
		"bad concurrency":         {[]string{"-concurrency", "1000", "-c", "SELECT 1"}, "", "", "1 to 64", 1},
		"no such file":            {[]string{"-f", "/no/such.sql"}, "", "", "cannot open", 1},
		"no such token file":      {[]string{"-token-file", "/no/such"}, "", "", "no such file", 1},
		"no token":                {[]string{"-c", "SELECT count(*) FROM teamup_customers()"}, "", "", "TEAMUP_TOKEN", 1},
		"no database":             {[]string{"/no/such/dir/x.db"}, "", "", "/no/such/dir", 1},
		"unreachable":             {[]string{"-base-url", "http://example.invalid/api/v2", "-c", "SELECT 1"}, "", "", "https://", 1},
		"safe and another server": {[]string{"-safe", "-base-url", "http://127.0.0.1:1/api/v2"}, "", "", "safe mode", 1},
	} {
		t.Run(name, func(t *testing.T) {
			out, errs, status := call(t, c.stdin, c.args...)
			assert.Equal(t, c.out, out)
			assert.Contains(t, errs, c.errs)
			assert.Equal(t, c.status, status)
		})
	}
}

// Errors name the options of this program, and its dot commands where statements are
// typed; nothing of the Go library behind it.
func TestErrorsSpeakOfThisProgram(t *testing.T) {
	const all = "FROM teamup_customers()"
	_, nowhere, _ := strings.Cut(closedServer(t), "http://")
	file := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(file, []byte("t0ken\n"), 0o600))
	refuse := func(status int, body string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(server.Close)
		return server.URL + "/api/v2"
	}
	at := func(address string, args ...string) []string {
		return append([]string{"-base-url", address, "-token-file", file}, args...)
	}
	for name, c := range map[string]struct {
		args  []string
		stdin string
		says  string
	}{
		"no token, an option":           {[]string{"-c", all}, "", "teamup_customers: no TeamUp token yet: set TEAMUP_TOKEN or use -token-file FILE; -demo shows made-up customers\n"},
		"no token, a script":            {nil, all + ";", "teamup_customers: no TeamUp token yet: set TEAMUP_TOKEN or use -token-file FILE; -demo shows made-up customers\n"},
		"no token, typed":               {[]string{"-interactive"}, all + ";\n", "teamup_customers: no TeamUp token yet: .login, or .demo to look around\n"},
		"no token, an export":           {[]string{"export", "-to", t.TempDir()}, "", "no TeamUp token yet: set TEAMUP_TOKEN or use -token-file FILE"},
		"another token":                 {at(refuse(401, "{}"), "-c", all), "", "; check the token (TEAMUP_TOKEN or -token-file) and -auth-scheme [GET"},
		"another token, typed":          {at(refuse(401, "{}"), "-interactive"), all + ";\n", "; give another one with .login [GET"},
		"no access":                     {at(refuse(403, "{}"), "-c", all), "", "; check -provider-id (TEAMUP_PROVIDER_ID), -request-mode, and whether"},
		"which business":                {at(refuse(400, `{"code":"provider_header_missing"}`), "-c", all), "", "; choose the business with -provider-id N (TEAMUP_PROVIDER_ID) [GET"},
		"which business, typed":         {at(refuse(400, `{"code":"provider_header_missing"}`), "-interactive"), all + ";\n", "; choose the business with teamup_customers(provider_id := N) [GET"},
		"no report there":               {at(refuse(404, "{}"), "-c", all), "", "; check -base-url (TEAMUP_BASE_URL), which ends with /api/v2"},
		"nothing there":                 {at("http://"+nowhere, "-c", all), "", "; check the network and -base-url (TEAMUP_BASE_URL)\n"},
		"too many in flight":            {[]string{"-concurrency", "1000"}, "", "-concurrency is 1000; give 1 to 64 requests in flight\n"},
		"unknown scheme":                {[]string{"-auth-scheme", "Basic"}, "", "-auth-scheme is \"Basic\"; give Bearer, Token or JWT\n"},
		"unencrypted":                   {[]string{"-base-url", "http://example.invalid/api/v2"}, "", "refusing to send the token to example.invalid over unencrypted http; use an https:// address\n"},
		"a wrong parameter":             {[]string{"-demo", "-c", "FROM teamup_customers(ids := [0])"}, "", "Binder Error: teamup_customers: ids: 0 is not allowed; give whole numbers of 1 or more\n\nLINE 1: "},
		"an unknown field, in .explain": {[]string{"-demo", "-c", ".explain FROM teamup_customers(extra_customer_fields := [99])"}, "", "teamup_customers: extra_customer_fields: TeamUp shows no custom field 99"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, errs, status := call(t, c.stdin, c.args...)
			assert.Contains(t, errs, c.says)
			for _, word := range []string{"Config", "httpsource", "tablefunc", "arrowconv", "teamup_customers: teamup_customers", "t0ken"} {
				assert.NotContains(t, errs, word)
			}
			assert.Equal(t, !slices.Contains(c.args, "-interactive"), status == 1)
		})
	}
}

// closedServer is an address where nothing listens.
func closedServer(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	return server.URL
}

func TestDemo(t *testing.T) {
	out, errs, status := call(t, "", "-demo", "-csv", "-c",
		"SELECT venue.name, count(*) AS customers FROM teamup_customers() GROUP BY ALL ORDER BY ALL LIMIT 2")
	assert.Regexp(t, "^name,customers\n.+,\\d+\n.+,\\d+\n$", out)
	assert.Empty(t, errs)
	assert.Zero(t, status)
}

// The embedded report lives on a day of its own, from which ages are pushed down too.
func TestDemoCountsAgesFromItsOwnDay(t *testing.T) {
	for _, where := range []string{"age < 18", "age >= 65", "age = 30", "date_of_birth > DATE '2000-01-01'"} {
		out, errs, status := call(t, "", "-demo", "-csv", "-noheader", "-c", "CREATE TABLE m AS FROM teamup_customers()",
			"-c", "SELECT (SELECT count(*) FROM teamup_customers() WHERE "+where+") = (SELECT count(*) FROM m WHERE "+where+")")
		assert.Equal(t, "true\n", out, where)
		assert.Empty(t, errs)
		assert.Zero(t, status)
	}
}

func TestAskingAServer(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(250), teamuptest.WithTokens("tok-123"), teamuptest.WithProviders(5, 6))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(file, []byte("tok-123\n"), 0o600))
	args := []string{"-base-url", server.URL(), "-token-file", file, "-concurrency", "2", "-timeout", "10s", "-rate", "100",
		"-list", "-noheader", "-c", "SELECT count(*) FROM teamup_customers(include_deleted := true)"}
	out, errs, status := call(t, "", append([]string{"-provider-id", "6"}, args...)...)
	assert.Equal(t, "250\n", out)
	assert.Empty(t, errs)
	assert.Zero(t, status)
	assert.LessOrEqual(t, server.MaxInFlight(), 2)

	_, errs, status = call(t, "", args...)
	assert.Contains(t, errs, "provider")
	assert.Equal(t, 1, status)
	assert.NotContains(t, errs, "tok-123")
}

func TestDatabaseFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.db")
	_, errs, status := call(t, "", file, "-c", "CREATE TABLE t AS SELECT 42 AS a")
	require.Zero(t, status, errs)
	out, _, _ := call(t, "", "-readonly", "-csv", file, "-c", "FROM t")
	assert.Equal(t, "a\n42\n", out)
	_, errs, status = call(t, "", "-readonly", file, "-c", "DROP TABLE t")
	assert.Contains(t, errs, "read-only")
	assert.Equal(t, 1, status)
}

func TestInitFile(t *testing.T) {
	home := t.TempDir()
	rc := filepath.Join(home, ".teamupsqlrc")
	require.NoError(t, os.WriteFile(rc, []byte(".mode csv\n.nullvalue none\n"), 0o600))
	other := filepath.Join(home, "other")
	require.NoError(t, os.WriteFile(other, []byte(".mode list\n"), 0o600))
	const sql = "SELECT 1 AS a, NULL AS b"
	out, _, _ := callAt(t, home, "", "-c", sql)
	assert.Equal(t, "a,b\r\n1,none\r\n", out)
	out, _, _ = callAt(t, home, "", "-init", other, "-c", sql)
	assert.Equal(t, "a|b\n1|NULL\n", out)
	out, _, _ = callAt(t, home, "", "-no-init", "-json", "-c", sql)
	assert.Equal(t, `[{"a":1,"b":null}]`+"\n", out)
	out, _, _ = callAt(t, home, "", "-jsonlines", "-c", sql)
	assert.Equal(t, `{"a":1,"b":null}`+"\n", out, "options come after the file")

	require.NoError(t, os.WriteFile(rc, []byte("SELEC;\n"), 0o600))
	out, errs, status := callAt(t, home, "", "-c", sql)
	assert.Empty(t, out)
	assert.Contains(t, errs, "Parser Error")
	assert.Equal(t, 1, status)
}

func TestHelpAndVersion(t *testing.T) {
	out, _, status := call(t, "", "-help")
	assert.Zero(t, status)
	for _, o := range new(invocation).options() {
		assert.Contains(t, out, "\n  -"+o.name)
	}
	out, _, status = call(t, "", "-version")
	assert.Zero(t, status)
	assert.Regexp(t, `^teamupsql \S+( \(\S+\))?\n$`, out)
}

// differing are the lines of want that got does not have in their places.
func differing(want, got string) []string {
	var lines []string
	have := strings.Split(got, "\n")
	for i, line := range strings.Split(want, "\n") {
		if i >= len(have) || have[i] != line {
			lines = append(lines, line)
		}
	}
	return lines
}

// What one mode writes, DuckDB reads back to the same values.
func TestRoundTrip(t *testing.T) {
	const sql = "SELECT id, full_name, created_at, is_active, date_of_birth, account_credit_balance.\"decimal\" AS credit, venue.name AS venue" +
		" FROM teamup_customers() ORDER BY id"
	dir := t.TempDir()
	whole, _, _ := call(t, "", "-demo", "-csv", "-c", "SET TimeZone = 'UTC'", "-c", sql)
	for option, reader := range map[string]string{"-csv": "read_csv(%s, nullstr = 'NULL')", "-json": "read_json(%s)", "-jsonlines": "read_json(%s)"} {
		out, errs, status := call(t, "", "-demo", option, "-c", "SET TimeZone = 'UTC'", "-c", sql)
		require.Zero(t, status, errs)
		file := filepath.Join(dir, "out")
		require.NoError(t, os.WriteFile(file, []byte(out), 0o600))
		again, errs, status := call(t, "", "-csv", "-c", "SET TimeZone = 'UTC'", "-c",
			"SELECT id, full_name, created_at::TIMESTAMPTZ AS created_at, is_active, date_of_birth::DATE AS date_of_birth, credit::DECIMAL(18,4) AS credit, venue FROM "+
				fmt.Sprintf(reader, "'"+file+"'")+" ORDER BY id")
		require.Zero(t, status, errs)
		assert.Empty(t, differing(whole, again), option)
	}
	out, _, _ := call(t, "", "-demo", "-json", "-c", "SELECT * FROM teamup_customers() LIMIT 500")
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &rows))
	assert.Len(t, rows, 500)
}

func TestInteractiveWithoutATerminal(t *testing.T) {
	out, errs, status := call(t, "SELECT 1\n AS a;\nSELEC;\n.quit\n", "-interactive", "-list")
	assert.Regexp(t, `^teamupsql .*\n.*\nmemory D └ a\n1\nmemory D memory D $`, out)
	assert.Contains(t, errs, "Parser Error")
	assert.Zero(t, status)
}
