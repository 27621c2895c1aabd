package shell

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/cmd/internal/account"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/report"
)

// words are what is proposed at the end of text.
func (p *screen) words(text string) []string {
	var prefix string
	var found []candidate
	if strings.HasPrefix(text, ".") {
		prefix, found = dotCandidates(text)
	} else {
		prefix, found = p.sqlCandidates(context.Background(), text)
	}
	list := []string{}
	for _, c := range found {
		assert.True(p.t, strings.HasPrefix(strings.ToLower(c.word), strings.ToLower(prefix)), c.word)
		list = append(list, c.word)
	}
	return list
}

func TestCompletion(t *testing.T) {
	p := start(t)
	p.ok("CREATE TABLE visitors(visited_on DATE);")
	for text, want := range map[string]string{
		".mo":                ".mode",
		".mode jsonl":        "jsonlines",
		".headers o":         "off",
		".help requ":         "requests",
		"SEL":                "SELECT ",
		"SELECT * FROM visi": "visitors",
		"SELECT visited_on FROM visitors WHERE visi":        "visited_on",
		"SELECT * FROM teamup_c":                            "teamup_customers()",
		"SELECT full_n":                                     "full_name",
		"SELECT VENUE.":                                     "name",
		"SELECT family.man":                                 "managers",
		"FROM teamup_customers(is_a":                        "is_active := ",
		"FROM teamup_customers(is_active := true, include_": "include_deleted := ",
		"FROM teamup_customers() WHERE days_":               "days_until_birthday",
		"FROM teamup_customers(provider":                    "provider_id := ",
		"SELECT * FROM teamup_att":                          "teamup_attendances()",
		"SELECT checki":                                     "checkin",
		"FROM teamup_invoices() WHERE paid":                 "paid_at",
		"FROM teamup_classes(day":                           "day_of_week := ",
		"FROM teamup_attendances() a WHERE a.customer_membership.membership.na": "name",
	} {
		assert.Contains(t, p.words(text), want, text)
	}
	assert.NotContains(t, p.words("FROM teamup_customers() WHERE is_"), "is_any := ", "the call is closed")
	assert.NotContains(t, p.words("FROM teamup_classes() WHERE full_"), "full_name", "another report's")
	assert.Len(t, p.words("SELECT id FROM "), len(report.All()), "no columns where a table is expected")
	assert.Len(t, p.words("SELECT (SELECT max(id) FROM teamup_classes() JOIN "), len(report.All()))
	assert.Equal(t, []string{"id", "name"}, p.words("SELECT venue."), "no functions where a field is expected")
	assert.Contains(t, p.words("FROM main.teamup_c"), "teamup_customers()")
	assert.NotContains(t, p.words("SELECT __team"), "__teamupsql_result_chunk")
	assert.NotContains(t, p.words("FROM teamup_customers(so"), "sort := ", "the engine's own business")
	assert.Empty(t, p.words(".nosuch x"))
}

func TestAccepts(t *testing.T) {
	for entered, want := range map[string]bool{
		"": true, ".help": true, "SELECT 1": false, "SELECT 1;": true, "SELECT 'a;": false, "SELECT\n1;": true,
		"SELECT 1; SELECT 2": false, ".mode csv\nSELECT 1": false, ".mode csv\nSELECT 1;\n.mode box": true, "-- just a comment": false,
	} {
		assert.Equal(t, want, accepts(entered), entered)
	}
}

func TestHighlight(t *testing.T) {
	keywords := start(t).keywords(context.Background())
	for input, want := range map[string]string{
		"SELECT 1":             green + "SELECT" + reset + " " + amber + "1" + reset,
		"'a' -- b":             amber + "'a'" + reset + " " + grey + "-- b" + reset,
		"'two\nlines":          amber + "'two" + reset + "\n" + amber + "lines" + reset,
		".mode csv\nname":      green + ".mode" + reset + " csv\nname",
		".help":                green + ".help" + reset,
		`"from" selected`:      `"from" selected`,
		"SELECT":               green + "SELECT" + reset,
		"insert into visitors": green + "insert" + reset + " " + green + "into" + reset + " visitors",
	} {
		assert.Equal(t, want, highlight(input, keywords), input)
	}
}

func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "history")
	never := func(string) bool { return false }
	h := openHistory(path, never)
	for _, entry := range []string{"SELECT 1;", "SELECT 1;", " ", "SELECT\n\t'é';", `"quoted" := 1;`, ".mode csv"} {
		_, err := h.Write(entry)
		require.NoError(t, err)
	}
	again := openHistory(path, never)
	assert.Equal(t, []string{"SELECT 1;", "SELECT\n\t'é';", `"quoted" := 1;`, ".mode csv"}, again.entries)
	line, err := again.GetLine(1)
	require.NoError(t, err)
	assert.Equal(t, "SELECT\n\t'é';", line)
	_, err = again.GetLine(4)
	assert.Error(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestHistoryIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	var lines strings.Builder
	for i := range 2*mostHistory + 1 {
		lines.WriteString("SELECT " + strconv.Itoa(i) + ";\n")
	}
	require.NoError(t, os.WriteFile(path, []byte(lines.String()), 0o600))
	h := openHistory(path, func(string) bool { return false })
	assert.Equal(t, mostHistory, h.Len())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, mostHistory, strings.Count(string(text), "\n"))
	assert.Equal(t, h.entries, openHistory(path, h.forgets).entries)
}

func TestHistoryForgetsSecrets(t *testing.T) {
	p := start(t, func(c *Config) { c.Secrets = []string{"hush-hush"} })
	for entry, forgotten := range map[string]bool{
		"SELECT 'hush-hush';": true, ".login hunter2": true, ".login": false, ".login -save": false,
		"CREATE SECRET s (TYPE s3, KEY_ID 'a');": true, "SELECT 1;": false, "SELECT secretary FROM t;": false,
	} {
		assert.Equal(t, forgotten, p.forgets(entry), entry)
	}
}

// vault is a keyring in memory.
type vault struct{ token string }

func (v *vault) Get() (string, error)   { return v.token, nil }
func (v *vault) Set(token string) error { v.token = token; return nil }
func (v *vault) Delete() error          { v.token = ""; return nil }

func TestLogin(t *testing.T) {
	server, to := serve(t)
	v := &vault{}
	withoutToken := func(c *Config) {
		to(c)
		c.TeamUp.Token, c.Secrets, c.Login, c.Typed = httpsource.Token{}, nil, account.Login{Keyring: v}, true
	}
	p := start(t, withoutToken, func(c *Config) {
		c.Terminal.Secret = func(string) (string, error) { return " typed-token\r", nil }
	})
	const all = "SELECT count(*) > 0 AS some FROM teamup_customers();"
	_, errs := p.run(all)
	assert.Equal(t, "teamup_customers: no TeamUp token yet: .login, or .demo to look around\n", errs)
	assert.Empty(t, server.Requests())

	out, errs := p.run(".mode list", ".headers off", ".login", all)
	assert.Equal(t, "true\n", out)
	assert.Equal(t, "\n", errs)
	assert.Empty(t, v.token, "it is kept in the process only")
	assert.True(t, p.forgets("SELECT 'typed-token'"))

	out, _ = p.run(".login -save")
	assert.Equal(t, "The token is saved in the keyring.\n", out)
	q := start(t, withoutToken)
	assert.Contains(t, q.ok(all), "true", "a later run finds it")
	q.ok(".login -forget")
	assert.Empty(t, v.token)
	_, errs = q.run(all)
	assert.Equal(t, "teamup_customers: no TeamUp token yet: .login, or .demo to look around\n", errs)
}

func TestLoginWithoutAKeyring(t *testing.T) {
	_, to := serve(t)
	file := filepath.Join(t.TempDir(), "config", "token")
	withoutToken := func(c *Config) {
		to(c)
		c.TeamUp.Token, c.Secrets, c.Login = httpsource.Token{}, nil, account.Login{File: file}
	}
	p := start(t, withoutToken, func(c *Config) {
		c.Terminal.Secret = func(string) (string, error) { return "typed-token", nil }
	})
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, []byte("older"), 0o644))
	out, _ := p.run(".login -save")
	assert.Equal(t, "The token is saved in "+file+".\n", out)
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	q := start(t, withoutToken)
	q.ok("SELECT count(*) FROM teamup_customers();", ".login -forget")
	assert.NoFileExists(t, file)
}

func TestProgressLine(t *testing.T) {
	begun := time.Now()
	r := reading{started: begun, requests: 12, rows: 1200}
	assert.Equal(t, "12 pages  1200 rows  600 rows/s", progressLine(r, begun.Add(2*time.Second)))
	r.scans = httpsource.Stats{PagesDone: 5, PagesTotal: 20, InFlight: 8, Waiting: true}
	assert.Equal(t, "▕█████               ▏  5/20 pages  1200 rows  600 rows/s  8 in flight  waiting for TeamUp's limit",
		progressLine(r, begun.Add(2*time.Second)))
	assert.Equal(t, "▕█", fit("▕█████", 2))
	assert.Equal(t, "", fit("abc", -1))
}

func TestScansUnderWayAddUp(t *testing.T) {
	var l requestLog
	l.begin()
	one := l.watch(context.Background(), func() httpsource.Stats {
		return httpsource.Stats{Requests: 3, PagesDone: 2, PagesTotal: 9, InFlight: 1}
	})
	two := l.watch(context.Background(), func() httpsource.Stats { return httpsource.Stats{Requests: 1, PagesTotal: -1, Waiting: true} })
	assert.Equal(t, httpsource.Stats{Requests: 4, PagesDone: 2, PagesTotal: 9, InFlight: 1, Waiting: true}, l.reading().scans)
	one()
	two()
	assert.Zero(t, l.reading())
}

func TestPager(t *testing.T) {
	p := start(t, func(c *Config) {
		c.Terminal = Terminal{In: true, Out: true, Size: func() (int, int) { return 80, 10 }}
		c.Env = func(name string) string { return map[string]string{"NO_COLOR": "1", "PAGER": "cat -n"}[name] }
	})
	assert.NotContains(t, p.ok("FROM range(20);"), "     1\t", "it is off by default")
	assert.Equal(t, "Pager mode: on\nPager command: cat -n\n", p.ok(".pager on", ".pager"))
	assert.Contains(t, p.ok("FROM range(20);"), "     1\t┌")
	assert.NotContains(t, p.ok("FROM range(2);"), "     1\t", "the result fits the screen")
	_, errs := p.run(".pager exit 3 #", "FROM range(20);")
	assert.Contains(t, errs, "exit status 3")
	assert.NotContains(t, p.ok(".pager off", "FROM range(20);"), "     1\t")
}
