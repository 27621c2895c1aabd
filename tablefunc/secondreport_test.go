package tablefunc_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/internal/madeup"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// TestASecondReport runs statements over a report that has nothing in common with the
// customers report but the way that reports are described, and compares them with the
// same statements over a table of all rows.
func TestASecondReport(t *testing.T) {
	visits := newVisits(950)
	server := httptest.NewServer(visits)
	t.Cleanup(server.Close)
	db := openAt(t, server.URL)
	_, err := db.Exec("CREATE TABLE visits AS SELECT * FROM made_up_visits()")
	require.NoError(t, err)
	require.Equal(t, []string{"[950 950 2848]"}, mustTexts(t, db, "SELECT count(*), count(DISTINCT number), max(number) FROM visits"))
	_, err = db.Exec("CREATE TABLE few AS SELECT number FROM visits WHERE number % 200 = 0")
	require.NoError(t, err)

	for query, want := range map[string]string{
		"SELECT * FROM {t} WHERE late":                                                    "was_late=true",
		"SELECT number, state FROM {t} WHERE number > 2500":                               "after=2500",
		"SELECT number FROM {t} WHERE number IN (4, 7, 9)":                                "after=3",
		"SELECT number FROM {t} WHERE place.room.code IN (3, 5)":                          "rooms=3,5",
		"SELECT number, place.room.seats FROM {t} WHERE place.room.code = 3":              "fields=number,place.room.code,place.room.seats",
		"SELECT place.room.code, count(*) FROM {t} GROUP BY ALL":                          "fields=number,place.room.code",
		"SELECT number FROM {t} WHERE years BETWEEN 10 AND 12":                            "since_gte=2013-03-12&since_lte=2016-03-18",
		"SELECT number FROM {t} WHERE member_since >= DATE '2010-01-01' AND NOT late":     "since_gte=2010-01-01&skip=0&take=100&was_late=false",
		"SELECT number FROM {t} WHERE place.room.seats > 1":                               "seated=true",
		"SELECT number FROM {t} WHERE begins > TIMESTAMPTZ '2026-03-10 00:00:00+00'":      "take=100",
		"SELECT count(*) FROM {t} WHERE late":                                             "was_late=true",
		"SELECT number FROM {t} ORDER BY number DESC LIMIT 25":                            "order=-number",
		"SELECT number FROM {t} SEMI JOIN few USING (number)":                             "take=100",
		"SELECT a.number FROM {t} a JOIN {t} b ON a.number = b.number + 3 WHERE b.late":   "was_late=true",
		"SELECT number FROM {t} WHERE state = 'came' AND number < 100 AND late IS NULL":   "states=came",
		"SELECT number FROM {t} WHERE state IN ('missed', 'came') AND state > 'd'":        "states=missed,came",
		"SELECT number FROM {t} WHERE state IN ('came', 'left')":                          "skip=0&take=100",
		"SELECT number FROM {t} WHERE state <> 'came'":                                    "skip=0&take=100",
		"SELECT count(*) FROM {t} WHERE place.room.code IN (3, 5)":                        "rooms=3,5",
		"SELECT state, count(*) FROM {t} WHERE late OR number > 2000 GROUP BY state":      "take=100",
		"SELECT DISTINCT typeof(place) FROM {t}":                                          "take=100",
		"SELECT number FROM {t} WHERE number > 5 AND number > 2000 AND years IS NOT NULL": "after=2000",
	} {
		visits.mu.Lock()
		visits.requests = nil
		visits.mu.Unlock()
		got := sorted(mustTexts(t, db, strings.ReplaceAll(query, "{t}", "made_up_visits()")))
		require.Equal(t, sorted(mustTexts(t, db, strings.ReplaceAll(query, "{t}", "visits"))), got, query)
		require.Contains(t, strings.Join(visits.requests, "\n"), want, query)
		require.NotContains(t, strings.Join(visits.requests, "\n"), "ids=", query)
	}

	require.Equal(t, []string{"[475]"}, mustTexts(t, db, "SELECT count(*) FROM made_up_visits(states := ['came'])"))
	_, err = db.Exec("FROM made_up_visits(states := ['left'])")
	require.ErrorContains(t, err, `made_up_visits: states: "left" is not allowed; give came, missed`)
	e, err := tablefunc.Explain(t.Context(), db, "SELECT number FROM made_up_visits() WHERE late AND state = 'came'")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(e.Scans[0].Requests[0], "/elsewhere/visits.json?"), e.Scans[0].Requests)
}

// TestPushdownNeverChangesAnAnswerOfASecondReport runs the random statements over the
// made-up report, first on a server that does what it is asked, then on others.
func TestPushdownNeverChangesAnAnswerOfASecondReport(t *testing.T) {
	seed := cmp.Or(*seedFlag, uint64(time.Now().UnixNano()))
	t.Logf("to repeat: go test ./tablefunc -run %s -seed %d -statements %d", t.Name(), seed, *statementsFlag)
	list := []visitsQuirks{{}, {total: "null"}, {total: "missing"}, {total: "all"}, {maxRows: 30}, {every: 2}, {every: 3}}
	for _, p := range madeup.Visits.Parameters {
		if p.Name != madeup.Visits.Roles.Format {
			list = append(list, visitsQuirks{ignore: p.Name})
		}
	}
	for i, quirks := range list {
		n := max(10, *statementsFlag/100)
		if quirks == (visitsQuirks{}) {
			n = max(10, *statementsFlag/20)
		}
		w := newVisitsWorld(t, seed+uint64(i), quirks)
		compared := 0
		for range n {
			if w.check(t, w.gen.IntN(kindsOfStatements)) {
				compared++
			}
		}
		t.Logf("%s: of %d statements %d had rows, %d were refused", w.deviation, n, compared, w.refused)
		require.True(t, compared > 0 || n < 20 || quirks.every > 0, w.deviation)
	}
}

func newVisitsWorld(t *testing.T, seed uint64, quirks visitsQuirks) *world {
	serve := func(q visitsQuirks) string {
		visits := newVisits(500)
		visits.visitsQuirks = q
		server := httptest.NewServer(visits)
		t.Cleanup(server.Close)
		return server.URL
	}
	random := rand.New(rand.NewPCG(seed, 2))
	w := &world{of: madeup.Visits, db: openAt(t, serve(quirks), someRulesOff(random)...), call: "made_up_visits()", deviation: "none", ordered: true}
	if quirks != (visitsQuirks{}) {
		w.deviation, w.ordered = fmt.Sprintf("%+v", quirks), false
	}
	w.fill(t, openAt(t, serve(visitsQuirks{})), seed, "SELECT * FROM made_up_visits()")
	return w
}
