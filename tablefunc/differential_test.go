package tablefunc_test

import (
	"cmp"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

var (
	seedFlag       = flag.Uint64("seed", 0, "seed of the differential test, 0 for one from the clock")
	statementsFlag = flag.Int("statements", 2000, "statements of the differential test")
	modeFlag       = flag.String("mode", "", "of the differential test: connector or registered; each for some of the statements if empty")
)

// world is a server, a database that queries it, and a table m with the rows of the
// report: a statement must have the same result over either.
type world struct {
	mode mode
	of   *report.Report
	db   *sql.DB
	gen  *generator
	file string
	call string // of the function, with named parameters that add columns
	// ordered reports whether rows come by their key, as scans of the function return them.
	ordered   bool
	deviation string   // of the server, "none" if it does what it is asked
	settings  []string // of the session, one of each group of settings
	refused   int      // statements that failed because responses contradict each other
}

// deviation is how a server differs from one that does what it is asked: a statement may then fail, but never be wrong.
type deviation struct {
	name   string
	ignore string                // a parameter
	total  teamuptest.TotalQuirk // what the total counts
	fault  string                // that strikes each of so many requests
	every  int
}

// deviations are all of them, and first none.
func deviations(of *report.Report) []deviation {
	list := []deviation{{name: "none"}}
	for _, p := range of.Parameters {
		// Without format nothing can be read, and without custom fields these are missing.
		if roles := of.Roles; p.Name != roles.Format && p.Name != roles.Fields {
			list = append(list, deviation{name: "ignores " + p.Name, ignore: p.Name})
		}
	}
	for name, total := range map[string]teamuptest.TotalQuirk{"total leaves id_gt out": teamuptest.TotalLeavesIDGT, "total of all": teamuptest.TotalOfAll,
		"total is null": teamuptest.TotalIsNull, "total is missing": teamuptest.TotalIsMissing} {
		list = append(list, deviation{name: name, total: total})
	}
	slices.SortFunc(list[1:], func(a, b deviation) int { return cmp.Compare(a.name, b.name) })
	for _, fault := range []string{"short_page", "empty_page", "repeated_rows", "doubled_rows", "repeated_page", "reordered_rows", "extra_rows",
		"total_null", "total_zero", "total_small", "total_large", "total_changing"} {
		for _, every := range []int{1, 3} {
			list = append(list, deviation{name: fmt.Sprint(fault, " in one of ", every), fault: fault, every: every})
		}
	}
	return list
}

// apply has a server deviate from now on.
func (l deviation) apply(t testing.TB, server *teamuptest.Server) {
	if l.fault != "" {
		server.Inject(fault(t, l.fault), func(c teamuptest.Call) bool { return c.N%l.every == 0 })
	}
}

// someRulesOff switches a random few of the rules off that build on RuleWhere: each
// has to be right with and without the others.
func someRulesOff(random *rand.Rand) []tablefunc.Option {
	var options []tablefunc.Option
	for _, r := range requests.Rules() {
		if r != requests.RuleWhere && random.IntN(4) == 0 {
			options = append(options, tablefunc.WithoutPushdown(r))
		}
	}
	return options
}

// Each world has other columns behind the report's; perWorld statements make one.
const perWorld = 250

var worlds = []struct {
	fields     string
	businesses []int64
}{{}, {fields: "[3, 2, 1]"}, {businesses: []int64{7, 8, 9}}, {fields: "[4, 2]", businesses: []int64{12, 5}}}

// modeOf chooses the mode for a seed, so that each kind of world has both.
func modeOf(seed uint64) mode {
	for _, m := range modes {
		if m.name == *modeFlag {
			return m
		}
	}
	return modes[seed/perWorld/uint64(len(worlds))%uint64(len(modes))]
}

// customersFor is how many customers a server needs, so that the report has some hundred rows.
func customersFor(of *report.Report) int {
	if of == report.Customers {
		return 700
	}
	return 150
}

func newWorld(t testing.TB, of *report.Report, seed uint64, customers int, deviation deviation) *world {
	random := rand.New(rand.NewPCG(seed, 2))
	quirks := teamuptest.RandomQuirks(random)
	quirks.IgnoreSort = quirks.IgnoreSort && deviation.name == "none"
	kind := worlds[seed/perWorld%uint64(len(worlds))]
	serve := func(q teamuptest.Quirks) *teamuptest.Server {
		server := teamuptest.NewServer(teamuptest.WithCustomers(customers/max(1, len(kind.businesses))), teamuptest.WithSeed(seed), teamuptest.WithQuirks(q),
			teamuptest.WithProviders(kind.businesses...))
		t.Cleanup(server.Close)
		return server
	}
	honest := serve(quirks)
	quirks.Ignore, quirks.Total = deviation.ignore, deviation.total
	server := serve(quirks)
	mode := modeOf(seed)
	db := mode.openAt(t, server.URL(), someRulesOff(random)...)
	fields := "provider_id := NULL"
	if of.Roles.Fields != "" {
		fields = of.Roles.Fields + " := " + cmp.Or(kind.fields, "NULL")
	}
	call := of.Function + "(" + fields + ")"
	tables := []string{"SELECT * FROM " + call}
	if kind.businesses != nil {
		fields = strings.TrimPrefix(fields, "provider_id := NULL")
		if fields != "" {
			fields += ", "
		}
		call, tables = fmt.Sprintf("%s(%sprovider_ids := %s)", of.Function, fields, strings.ReplaceAll(fmt.Sprint(kind.businesses), " ", ", ")), nil
		for _, p := range kind.businesses {
			tables = append(tables, fmt.Sprintf("SELECT *, %d::BIGINT AS provider_id FROM %s(%sprovider_id := %[1]d)", p, of.Function, fields))
		}
	}
	w := &world{mode: mode, of: of, db: db, call: call, deviation: deviation.name,
		ordered: !quirks.IgnoreSort && deviation.name == "none" && kind.businesses == nil}
	w.fill(t, openAt(t, honest.URL()), seed, tables...)
	deviation.apply(t, server) // after the types of the custom fields have been inferred
	return w
}

// fill makes the tables of a world. honest is a database whose server does not deviate, and
// tables are the queries that together return all rows.
func (w *world) fill(t testing.TB, honest *sql.DB, seed uint64, tables ...string) {
	w.db.SetMaxOpenConns(1)
	w.file = filepath.Join(t.TempDir(), "vip.csv")
	truth := filepath.Join(t.TempDir(), "m.parquet")
	mustExec(t, honest, "COPY ("+strings.Join(tables, " UNION ALL ")+") TO '"+truth+"'")
	id := strings.NewReplacer("{key}", w.of.Key)
	mustExec(t, w.db,
		"CREATE TABLE m AS FROM '"+truth+"'",
		id.Replace("CREATE TABLE vip AS SELECT {key} + hash({key}) % 2 AS customer_id, CASE {key} % 3 WHEN 0 THEN 'gold' WHEN 1 THEN 'silver' END AS tier, {key} % 5 = 0 AS flag FROM m WHERE {key} % 4 = 0 UNION ALL SELECT NULL, 'gold', true"),
		"CREATE TABLE own AS FROM (VALUES (7::BIGINT, 'Gym'), (12, 'Pool'), (99, 'Hall'), (NULL, 'None')) o(business, name)",
		id.Replace("COPY (SELECT {key} + hash({key}) % 2 AS customer_id, CASE {key} % 2 WHEN 0 THEN 'gold' ELSE 'silver' END AS tier FROM m WHERE {key} % 5 < 2) TO '"+w.file+"' (HEADER)"),
		"CREATE VIEW live AS SELECT * FROM "+w.call, "CREATE VIEW kept AS SELECT * FROM m",
		"CREATE MACRO live_macro() AS TABLE SELECT * FROM "+w.call, "CREATE MACRO kept_macro() AS TABLE SELECT * FROM m")
	for _, group := range settings {
		w.settings = append(w.settings, group[0])
	}
	mustExec(t, w.db, w.settings...)
	w.gen = newGenerator(t, w.db, w.of, "m", seed)
}

// check runs one random statement of a kind over the function and over the table. It
// reports whether there were rows to compare.
func (w *world) check(t testing.TB, kind int) bool {
	w.gen.binds = w.gen.chance(30)
	statement, args := w.gen.numbered(w.gen.names.Replace(w.gen.statement(kind, w.file)))
	group := w.gen.IntN(len(settings))
	change := choose(w.gen, settings[group]...)
	if !w.ordered && strings.Contains(statement, "{ordinality}") || lacksColumn(statement) {
		return false
	}
	kept := strings.NewReplacer("{t}", "m", "{view}", "kept", "{macro}", "kept_macro()",
		"{ordinality}", "(SELECT *, row_number() OVER (ORDER BY "+w.of.Key+") AS ordinality FROM m)").Replace(statement)
	how := w.gen.IntN(5)
	want, err := w.kept(t, how, kept, args, change)
	mustExec(t, w.db, w.settings[group])
	w.settings[group] = change
	if err != nil {
		// What fails over the table may fail on rows that a pushed predicate spares.
		mustExec(t, w.db, change)
		return false
	}
	live := strings.NewReplacer("{t}", w.call, "{view}", "live", "{macro}", "live_macro()",
		"{ordinality}", w.call+" WITH ORDINALITY").Replace(statement)
	got, err := w.live(t, how, live, args, change)
	if w.deviation != "none" && w.contradiction(err) {
		w.refused++
		return false
	}
	require.NoError(t, err, "%s: %s: %s %v", w.deviation, change, live, args)
	require.Equal(t, sorted(want), sorted(got), "%s: %s: %s %v", w.deviation, change, live, args)
	return len(want) > 0
}

// contradiction reports whether a statement failed because the report's responses contradict
// each other. A database that duckdb-go opens has only the text of the error.
func (w *world) contradiction(err error) bool {
	return errors.As(err, new(*httpsource.InconsistentError)) ||
		w.mode.registered() && err != nil && strings.Contains(err.Error(), "the report's answers contradict each other")
}

func TestPushdownNeverChangesAnAnswer(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("to repeat: go test ./tablefunc -run %s -seed %d -statements %d", t.Name(), seed, *statementsFlag)
	compared := map[int]int{}
	ordered := false
	for done := 0; done < *statementsFlag; done += perWorld {
		// Every second world is of customers, in turn with and without other columns.
		i, of := done/perWorld, report.Customers
		if i%2 == 1 {
			of = report.All()[1+i/2%(len(report.All())-1)]
		}
		w := newWorld(t, of, seed+uint64((i+i/2)*perWorld), customersFor(of), deviation{name: "none"})
		ordered = ordered || w.ordered
		for range min(perWorld, *statementsFlag-done) {
			kind := w.gen.IntN(kindsOfStatements)
			if w.check(t, kind) {
				compared[kind]++
			}
		}
	}
	t.Logf("statements with rows, by kind: %v", compared)
	for kind := range kindsOfStatements {
		// A kind that never finds a row would show nothing. That of the ordinality needs a
		// world whose rows are ordered, which few seeds lack.
		require.True(t, compared[kind] > 0 || kind == ordinalityKind && !ordered || *statementsFlag < 50*kindsOfStatements, "no statement of kind %d had rows", kind)
	}
}

// TestDeviationsNeverChangeAnAnswer runs random statements against servers with every deviation. Two
// thirds are of the kinds that shortcuts answer.
func TestDeviationsNeverChangeAnAnswer(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("to repeat: go test ./tablefunc -run %s -seed %d -statements %d", t.Name(), seed, *statementsFlag)
	random := rand.New(rand.NewPCG(seed, 4))
	for _, of := range report.All() {
		all := deviations(of)[1:]
		n := max(10, *statementsFlag/len(all))
		if of != report.Customers {
			// The code is the same, so each run takes some deviations of each report.
			random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			all, n = all[:8], 12
		}
		for i, l := range all {
			runDeviation(t, of, seed+uint64(i*perWorld), l, n)
		}
	}
}

// runDeviation runs n statements over a report of a server that deviates.
func runDeviation(t *testing.T, of *report.Report, seed uint64, l deviation, n int) {
	shortcuts := []int{1, 4, 14, 15, 24, 26}
	w := newWorld(t, of, seed, customersFor(of), l)
	compared := 0
	for range n {
		kind := w.gen.IntN(kindsOfStatements)
		if w.gen.chance(66) {
			kind = choose(w.gen, shortcuts...)
		}
		if w.check(t, kind) {
			compared++
		}
	}
	t.Logf("%s, %s: of %d statements %d had rows, %d were refused", of.Name, l.name, n, compared, w.refused)
	require.True(t, w.refused == 0 || l.fault != "", "%s, %s: this can be made up for", of.Name, l.name)
}

func FuzzPushdownNeverChangesAnAnswer(f *testing.F) {
	w := newWorld(f, report.Customers, 7, 300, deviation{name: "none"})
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		w.gen.Rand = rand.New(rand.NewPCG(seed, 3))
		w.check(t, w.gen.IntN(kindsOfStatements))
	})
}
