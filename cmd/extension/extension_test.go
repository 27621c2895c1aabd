package main

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2" // the program that loads the extension
	"github.com/stretchr/testify/require"

	_ "github.com/teamupsql/teamupsql/cmd/internal/account" // so that go test runs again after a change
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	_ "github.com/teamupsql/teamupsql/tablefunc"
)

var scratch string // a directory for all tests

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "teamup-extension-test-"); err != nil {
		panic(err)
	}
	status := m.Run()
	os.RemoveAll(scratch)
	os.Exit(status)
}

// built is the extension, built by the first test that needs it.
var built = sync.OnceValues(func() (string, error) {
	files, err := filepath.Glob("teamup/*")
	for _, file := range files { // so that go test runs again after a change
		_, err = os.ReadFile(file)
	}
	if err != nil {
		return "", err
	}
	return build(scratch)
})

// load opens a database with plain duckdb-go and loads the extension.
func load(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	path, err := built()
	require.NoError(t, err)
	db, err := sql.Open("duckdb", dsn+"?allow_unsigned_extensions=true")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.Exec("LOAD '" + path + "'")
	require.NoError(t, err)
	return db
}

func text(t *testing.T, db *sql.DB, query string) (value string) {
	t.Helper()
	require.NoError(t, db.QueryRow(query).Scan(&value), query)
	return value
}

// withoutToken clears the environment.
func withoutToken(t *testing.T) {
	t.Helper()
	_, err := built() // needs the environment
	require.NoError(t, err)
	t.Setenv("TEAMUP_TOKEN", "")
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "")
}

func TestTheExtensionIsLoaded(t *testing.T) {
	withoutToken(t)
	db := load(t, "")
	_, err := db.Exec("LOAD '" + first(built()) + "'") // again
	require.NoError(t, err)
	const count = "SELECT count(*) FROM teamup_customers WHERE is_active AND email IS NOT NULL"
	_, err = db.Exec(count)
	require.ErrorContains(t, err, "teamup_customers: no TeamUp token yet: set TEAMUP_TOKEN in the environment, "+
		"save a token with the program teamupsql (.login -save), or CALL teamup_demo() for made-up customers")

	require.Equal(t, "teamup_customers() now reads from the embedded report of 300 customers", text(t, db, "CALL teamup_demo(customers := 300)"))
	require.NotEqual(t, "0", text(t, db, count))
	require.Equal(t, "true", text(t, db, "SELECT bool_and(parameters['is_active'] = 'true')::VARCHAR FROM teamup_requests"))
	_, err = db.Exec("CALL teamup_demo(customers := -1)")
	require.ErrorContains(t, err, "-1 is not a number of customers from 1 to 1,000,000")

	other := load(t, filepath.Join(t.TempDir(), "other.duckdb"))
	_, err = other.Exec(count)
	require.ErrorContains(t, err, "no TeamUp token yet", "the demo is of one database")

	require.Equal(t, "1", text(t, db, "SELECT count(*)::VARCHAR FROM teamup_demo(customers := 0)"))
	_, err = db.Exec(count)
	require.ErrorContains(t, err, "no TeamUp token yet")
}

func first(path string, _ error) string { return path }

// TestTheEnvironmentIsReadWhenATokenIsNeeded sets the variables after LOAD.
func TestTheEnvironmentIsReadWhenATokenIsNeeded(t *testing.T) {
	withoutToken(t)
	server := teamuptest.NewServer(teamuptest.WithCustomers(50))
	defer server.Close()
	db := load(t, "")
	t.Setenv("TEAMUP_BASE_URL", server.URL())
	saved := filepath.Join(os.Getenv("HOME"), ".config", "teamupsql", "token")
	require.NoError(t, os.MkdirAll(filepath.Dir(saved), 0o700))
	require.NoError(t, os.WriteFile(saved, []byte("saved"), 0o600))
	_, err := db.Exec("SELECT email FROM teamup_customers()")
	require.ErrorContains(t, err, "no TeamUp token yet", "a saved token is for TeamUp's address only")
	require.Empty(t, server.Requests())

	t.Setenv("TEAMUP_TOKEN", "secret")
	require.NotEqual(t, "0", text(t, db, "SELECT count(email)::VARCHAR FROM teamup_customers()"))
	require.NotEmpty(t, server.Requests())
}

func TestFooter(t *testing.T) {
	b := footer("v1.2.3")
	fields := strings.FieldsFunc(string(b[len(b)-512:]), func(r rune) bool { return r == 0 })
	require.Equal(t, []string{"C_STRUCT_UNSTABLE", "v1.2.3", "v1.5.6", platform(), "4"}, fields)
}

func TestBuildChecksTheVersionOfDuckDB(t *testing.T) {
	require.Equal(t, "v0.10506.0", bindingsVersion("v1.5.6"))
}

func TestUsage(t *testing.T) {
	for line, want := range map[string]struct {
		status int
		text   string
	}{
		"-h":         {0, "Usage: go run ./cmd/extension build"},
		"build -h":   {0, "-o DIR"},
		"":           {2, "missing command build"},
		"make":       {2, `unknown command "make"`},
		"build x":    {2, `unknown argument "x"`},
		"build -o":   {2, "flag needs an argument"},
		"build -all": {2, "-all"},
	} {
		var out bytes.Buffer
		require.Equal(t, want.status, run(strings.Fields(line), &out, &out), line)
		require.Contains(t, out.String(), want.text, line)
	}
}

func TestBuildNeedsACompiler(t *testing.T) {
	t.Setenv("CC", "no-such-compiler")
	_, err := build(t.TempDir())
	require.ErrorContains(t, err, "building the extension needs a C compiler; install gcc or clang, or set CC")
}
