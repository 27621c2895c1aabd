package shell

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

func TestHelp(t *testing.T) {
	p := start(t)
	golden(t, "help.golden", p.ok(".help --all"))
	assert.Contains(t, p.ok(".help"), ".mode MODE ?TABLE?")
	assert.NotContains(t, p.ok(".help"), "markdown")
	assert.Contains(t, p.ok(".help mode"), "markdown")
	assert.Equal(t, "Nothing matches 'zzz'\n", p.ok(".help zzz"))
	assert.Contains(t, p.ok(".help *ow*"), ".show")
}

func TestUnknownCommands(t *testing.T) {
	p := start(t)
	for line, like := range map[string]string{
		".mdoe csv": `".mode"`, ".haeders on": `".headers"`, ".requets": `".requests"`, ".timerr on": `".timer"`,
	} {
		_, errs := p.run(line)
		assert.Contains(t, errs, "Unrecognized command")
		assert.Contains(t, errs, "Did you mean: "+like)
	}
	_, errs := p.run(".xyzzyplugh")
	assert.Equal(t, "Unknown Command Error: Unrecognized command '.xyzzyplugh'\nRun '.help' for more information.\n", errs)
}

func TestCommandsCalledWrongly(t *testing.T) {
	p := start(t)
	for _, line := range []string{
		".headers", ".headers on off", ".nullvalue", ".separator", ".maxrows 1 2", ".mode a b c", ".timer", ".read", ".import x",
		".print_", ".exit x y", ".prompt", ".once", ".explain", ".requests x", ".demo 1 2", ".shell", ".columns a b", ".tables a b", ".bail",
	} {
		_, errs := p.run(line)
		assert.NotEmpty(t, errs, line)
	}
	for line, want := range map[string]string{
		".mode nonsense":         "mode should be one of: ascii box column",
		".mode csv t":            "TABLE argument can only be used with .mode insert",
		".headers maybe":         `"maybe" is not on or off`,
		".maxrows -1":            "not a number of 0 or more",
		".demo 0":                "from 1 to 1,000,000",
		".cd /nowhere/at/all":    "cannot change to directory",
		".read /nowhere":         `cannot open "/nowhere"`,
		".open --what":           "unknown option: --what",
		".import /no/such.csv t": "failed to import",
		".login hunter2":         "takes no token",
		".login":                 "needs a terminal",
	} {
		_, errs := p.run(line)
		assert.Contains(t, errs, want, line)
		assert.NotContains(t, errs, "hunter2")
	}
	assert.Contains(t, p.ok(".mode"), "duckbox", "a mode that was refused changes nothing")
}

func TestSettings(t *testing.T) {
	p := start(t)
	assert.Equal(t, "x=1\ny='a b'\n", p.ok(".print x=1", `.print y='a b'`))
	assert.Equal(t, "a b\tc\n", p.ok(`.print 'a b'"\t"c`)[:3]+"\tc\n")
	assert.Equal(t, "a,-\n1,(none)\n", p.ok(".mode csv", `.separator , \n`, ".nullvalue (none)", `SELECT 1 AS a, NULL AS "-";`))
	assert.Equal(t, "1,(none)\n", p.ok(".headers off", "SELECT 1, NULL;"))
	assert.Equal(t, "1;(none)|", p.ok(`.separator ; |`, "SELECT 1, NULL;"))
	assert.Equal(t, `INSERT INTO "order" VALUES(1,'a b');`+"\n", p.ok(".mode insert order", "SELECT 1, 'a b';"))
	assert.Equal(t, "current output mode: insert\n", p.ok(".mode"))
	assert.Equal(t, "current max rows: 40\ncurrent max width: 0\n", p.ok(".maxrows", ".maxwidth"))
	out := p.ok(".mode duckbox", ".maxrows 4", "FROM range(20);")
	assert.Contains(t, out, "(4 shown)")
	assert.Contains(t, p.ok(".show"), "     maxrows: 4\n")
}

func TestOutputGoesElsewhere(t *testing.T) {
	dir := t.TempDir()
	one, two, three := filepath.Join(dir, "one"), filepath.Join(dir, "two"), filepath.Join(dir, "three")
	p := start(t)
	out := p.ok(".mode list", ".headers off",
		".output "+one, "SELECT 1;", "SELECT 11;", ".output", "SELECT 2;",
		".once "+two, "SELECT 3;", "SELECT 4;",
		".once |cat -n > "+three, "SELECT 5;", ".output off", "SELECT 6;", ".output stdout", "SELECT 7;")
	assert.Equal(t, "2\n4\n7\n", out)
	for file, want := range map[string]string{one: "1\n11\n", two: "3\n", three: "     1\t5\n"} {
		got, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
	_, errs := p.run(".output " + dir)
	assert.NotEmpty(t, errs)
	assert.Equal(t, "8\n", p.ok("SELECT 8;"))
}

func TestTablesSchemaDatabases(t *testing.T) {
	p := start(t)
	p.ok("CREATE TABLE cats(name VARCHAR PRIMARY KEY, age INTEGER);", "CREATE VIEW old_cats AS FROM cats WHERE age > 10;",
		"CREATE SCHEMA s; CREATE TABLE s.cats(a INTEGER); CREATE TABLE s.dogs(a INTEGER);")
	assert.Equal(t, "dogs       main.cats  old_cats   s.cats\n", p.ok(".tables"))
	assert.Equal(t, "old_cats\n", p.ok(".tables old%"))
	assert.Equal(t, "CREATE TABLE s.dogs(a INTEGER);\n", p.ok(".schema dogs"))
	assert.Equal(t, 4, strings.Count(p.ok(".schema"), "CREATE"))
	assert.Equal(t, "memory: (memory)\n", p.ok(".databases"))
}

func TestOpenAndImport(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "my.db")
	csv := filepath.Join(dir, "people.csv")
	require.NoError(t, os.WriteFile(csv, []byte("id;name\n1;Ann\n2;Bob\n"), 0o600))
	p := start(t, demo)
	p.ok(".open "+file, ".import "+csv+" people", ".import "+csv+" people --delim ;", ".mode list", ".headers off")
	assert.Equal(t, "1|Ann\n1|Ann\n2|Bob\n2|Bob\n", p.ok("SELECT id, name FROM people ORDER BY ALL;"))
	assert.Equal(t, "300\n", p.ok("SELECT count(*) FROM teamup_customers(include_deleted := true);"), "the report is there in every database")
	assert.Equal(t, "0\n", p.ok(".open", "SELECT count(*) FROM duckdb_tables();"))
	_, errs := p.run(".open --readonly "+file, "DROP TABLE people;")
	assert.Contains(t, errs, "read-only")
	assert.Equal(t, "0\n", p.ok(".open --new "+file, "SELECT count(*) FROM duckdb_tables();"))
	_, errs = p.run(".open " + filepath.Join(dir, "no", "such", "dir", "x.db"))
	assert.Contains(t, errs, "cannot open")
	assert.Equal(t, "1\n", p.ok("SELECT 1;"), "there is always a database")
}

func TestShellCommand(t *testing.T) {
	p := start(t)
	assert.Equal(t, "a  b\n", p.ok(`.shell echo "a  b"`))
	_, errs := p.run(".system exit 3")
	assert.Equal(t, "System command returns 3\n", errs)
}

func TestLog(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	_, to := serve(t, teamuptest.WithCustomers(10))
	p := start(t, to)
	p.ok(".log "+file, "SELECT count(*) FROM teamup_customers() WHERE full_name = 's3cr3t-token';", ".log off", "SELECT 2;")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(text), "full_name = '***'")
	assert.Regexp(t, `msg=request path=\S+/customers/data query="?\S*columns=id,full_name`, string(text))
	assert.NotContains(t, string(text), "s3cr3t")
	assert.NotContains(t, string(text), "SELECT 2")
}

func TestSafeMode(t *testing.T) {
	p := start(t, demo, func(c *Config) { c.Safe = true })
	for _, line := range []string{
		".open x", ".cd /", ".read x", ".import a b", ".output x", ".once x", ".log x", ".shell ls", ".system ls", ".login", ".pager on",
	} {
		_, errs := p.run(line)
		assert.Contains(t, errs, "cannot be used in -safe mode", line)
	}
	for _, sql := range []string{
		"FROM read_csv('/etc/passwd');", "COPY (SELECT 1) TO 'x.csv';", "SET enable_external_access = true;", "RESET lock_configuration;",
		"ATTACH 'x.db';", "INSTALL httpfs;", "SET TimeZone = 'UTC';",
	} {
		_, errs := p.run(sql)
		assert.NotEmpty(t, errs, sql)
	}
	assert.Contains(t, p.ok("SELECT count(*) FROM teamup_customers(); SELECT TIMESTAMPTZ '2024-01-01 00:00:00+00' AS t;"), "2024")

	_, to := serve(t)
	q := start(t, to)
	out, errs := q.run(".safe_mode", "SELECT 'relies on safe mode';")
	assert.NotContains(t, out, "relies")
	assert.Contains(t, errs, "TeamUp's own address only")
	_, err := New(context.Background(), Config{Safe: true, TeamUp: q.cfg.TeamUp})
	assert.ErrorContains(t, err, "TeamUp's own address only")
}

func TestSafeModeEndsWhatItForbids(t *testing.T) {
	dir := t.TempDir()
	file, pages := filepath.Join(dir, "out"), filepath.Join(dir, "pages")
	p := start(t, onTerminal)
	p.ok(".mode list", ".headers off", ".pager tee "+pages+" #", ".output "+file, "SELECT 'before';", ".safe_mode")
	assert.Contains(t, p.ok(".show"), "output: stdout")
	assert.Contains(t, p.ok("SELECT 'after' FROM range(100);"), "after\nafter\n")
	assert.NoFileExists(t, pages)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "before\n", string(text))
}

func TestSafeModeIsOnOrAnError(t *testing.T) {
	p := start(t)
	p.run("BEGIN; SELECT error('x');")
	_, errs := p.run(".safe_mode")
	assert.Contains(t, errs, "safe mode is not on: ")
	p.ok("ROLLBACK;", ".safe_mode")
	_, errs = p.run("FROM read_csv('/etc/passwd');")
	assert.Contains(t, errs, "disabled by configuration")
}

// DuckDB would fail after each statement, whatever it is, and abort at the end.
func TestSafeModeHasNoLogFiles(t *testing.T) {
	dir := t.TempDir()
	p := start(t, func(c *Config) { c.Safe = true })
	for _, sql := range []string{
		"CALL enable_logging(storage = 'file', storage_path = '" + dir + "');", "FROM \"Enable_Logging\"(storage = 'file');",
		"FROM query('FROM enable_logging(storage = ''file'')');", "PREPARE p AS CALL /**/ ENABLE_LOGGING (storage = 'file');",
		"CREATE VIEW v AS FROM system.main.enable_logging(storage := 'file');", "EXPLAIN ANALYZE CALL enable_logging(storage = 'file');",
	} {
		_, errs := p.run(sql)
		assert.Equal(t, "enable_logging cannot be used in -safe mode\n", errs, sql)
		assert.Contains(t, p.ok("SELECT 'going on';"), "going on", sql)
	}
	_, errs := p.run("SET logging_storage = 'file';")
	assert.Contains(t, errs, "locked")
	assert.Contains(t, p.ok("SELECT 1 -- enable_logging\n;"), "1")

	q := start(t)
	q.ok("CALL enable_logging(storage = 'file', storage_path = '"+dir+"');", "SELECT 'logged';", ".safe_mode", "SELECT 'not logged';")
	text, err := os.ReadFile(filepath.Join(dir, "duckdb_log_entries.csv"))
	require.NoError(t, err)
	assert.NotContains(t, string(text), "not logged")
}

func TestColumns(t *testing.T) {
	p := start(t)
	golden(t, "columns.golden", p.ok(".columns"))
	out := p.ok(".mode csv", ".columns")
	assert.Equal(t, len(report.Customers.Columns)+1, strings.Count(out, "\r\n"))
	assert.Contains(t, p.ok(".columns teamup_attendances() customer_m%"), "\"customer_memberships, memberships\"")
	assert.Contains(t, p.ok(".columns classes day%"), "day_of_week,VARCHAR,")
	assert.Contains(t, p.ok(".columns created%"), "created_at,TIMESTAMP WITH TIME ZONE,When the customer was created,\"created_at_gte, created_at_lte\"")
}

// times are what differs between runs.
var times = regexp.MustCompile(`,\d+,1,NULL`)

func TestRequests(t *testing.T) {
	p := start(t, demo)
	assert.Equal(t, "No requests so far.\n", p.ok(".requests"))
	p.ok(".mode csv", `.separator , \n`, "SELECT count(*) FROM teamup_customers(is_active := true) LIMIT 1;", "SELECT 'asks nothing';")
	out := times.ReplaceAllString(p.ok(".requests"), ",MS,1,NULL")
	assert.Regexp(t, `^#,request,reason,status,rows,bytes,ms,try,error\n1,"?GET [^,]*/reports/customers/data\?`, out)
	assert.Contains(t, out, "is_active=true")
	assert.Contains(t, p.ok(".ratelimit"), "(limit: none)")
}

func TestDemoAndBack(t *testing.T) {
	server, to := serve(t, teamuptest.WithCustomers(7))
	p := start(t, to)
	const all = "SELECT count(*) FROM teamup_customers(include_deleted := true);"
	p.ok(".mode list", ".headers off", "CREATE TABLE kept(a INTEGER);")
	assert.Equal(t, "7\n", p.ok(all))
	asked := len(server.Requests())
	assert.Equal(t, "teamup_customers() now reads from the embedded report of 250 customers\n250\n", p.ok(".demo 250", all))
	assert.Len(t, server.Requests(), asked)
	assert.Equal(t, "teamup_customers() now reads from "+server.URL()+"\n7\n", p.ok(".demo off", all))
	assert.Equal(t, "kept\n", p.ok(".tables"), "the database stays")
}

func TestExplain(t *testing.T) {
	server, to := serve(t)
	p := start(t, to)
	out := p.ok("CREATE TEMP TABLE mine(id BIGINT);",
		".explain SELECT email FROM teamup_customers() WHERE is_active AND email LIKE '%;%'; FROM mine;")
	assert.Contains(t, out, "scan 1: GET /")
	assert.Contains(t, out, "columns=id,email,is_active")
	assert.Regexp(t, `exact +is_active`, out)
	assert.Regexp(t, `left +contains\(email`, out)
	assert.Contains(t, out, "The statement sends no requests to TeamUp.")
	assert.Empty(t, server.Requests())
	_, errs := p.run(".explain SELEC")
	assert.Contains(t, errs, "Parser Error")
}

// A custom field's type is guessed from the first customers and corrected for as long
// as the process lives, so that a statement in a process of its own has to be run again
// there.
func TestATypeThatAValueContradicts(t *testing.T) {
	_, to := serve(t, teamuptest.WithCustomers(2500), teamuptest.WithFault(teamuptest.Cell("custom_field_2", `"wide"`),
		func(c teamuptest.Call) bool { return c.Offset > 2200 }))
	const source = `teamup_customers(extra_customer_fields := [2])`
	assert.Equal(t, "VARCHAR|true\n", start(t, to).ok(".mode list", ".headers off",
		"CREATE TABLE t AS FROM "+source+";", `SELECT any_value(typeof("Custom field 2")), count(*) = count(DISTINCT id) FROM t WHERE "Custom field 2" IS NOT NULL;`))
	assert.Equal(t, "true\n", start(t, to).ok(".mode list", ".headers off", `SELECT list_contains(list("Custom field 2"), 'wide') FROM `+source+";"))

	out, errs := start(t, to).run(".mode csv", ".headers off", "SET streaming_buffer_size = '1 KB';", `SELECT id, repeat(email, 50), "Custom field 2" FROM `+source+";")
	assert.Contains(t, errs, `has "wide"; run the statement again`)
	assert.NotEmpty(t, out)
	ids := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		id, _, _ := strings.Cut(line, ",")
		assert.False(t, ids[id], "%s is printed twice", id)
		ids[id] = true
	}
	_, errs = start(t, to).run("BEGIN;", "CREATE TABLE t AS FROM "+source+";")
	assert.Contains(t, errs, `has "wide"; run the statement again`)
}
