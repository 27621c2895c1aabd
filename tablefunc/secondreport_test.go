package tablefunc_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/internal/madeup"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// visit is a row of the made-up report.
type visit struct {
	Number      int64     `json:"number"`
	Late        *bool     `json:"late"`
	MemberSince *string   `json:"member_since"`
	Years       *int      `json:"years"`
	State       string    `json:"state"`
	Begins      time.Time `json:"begins"`
	Place       *place    `json:"place"`
}

type place struct {
	Name string `json:"name"`
	Room *room  `json:"room"`
}

type room struct {
	Code  *int64 `json:"code"`
	Seats *int   `json:"seats"`
}

// visitsServer serves the made-up report.
type visitsServer struct {
	rows []visit

	mu       sync.Mutex
	requests []string
}

func newVisits(n int) *visitsServer {
	s := &visitsServer{}
	for i := range n {
		v := visit{Number: int64(3*i + 1), State: []string{"came", "missed"}[i%2], Begins: today().Add(-time.Duration(i) * time.Hour)}
		if i%7 > 0 {
			v.Late = new(i%3 == 0)
		}
		if i%5 > 0 {
			years := i % 30
			v.Years, v.MemberSince = &years, new(today().AddDate(-years, 0, -i%300).Format(time.DateOnly))
		}
		if i%11 > 0 {
			v.Place = &place{Name: fmt.Sprint("Hall ", i%4)}
			if i%6 > 0 {
				v.Place.Room = &room{Code: new(int64(i%20 + 1)), Seats: new(i % 3)}
			}
		}
		s.rows = append(s.rows, v)
	}
	return s
}

// matches is what the report's parameters mean.
func (v *visit) matches(q report.Query) bool {
	r := &room{}
	if v.Place != nil && v.Place.Room != nil {
		r = v.Place.Room
	}
	is := func(name string, b bool) bool { return !q.Has(name) || report.Value[bool](q, name) == b }
	day := report.Date(0)
	if v.MemberSince != nil {
		day, _ = report.ParseDate(*v.MemberSince)
	}
	return v.Number > report.Value[int64](q, "after") && is("was_late", v.Late != nil && *v.Late) && is("seated", r.Seats != nil && *r.Seats > 0) &&
		(!q.Has("rooms") || r.Code != nil && slices.Contains(report.Value[[]int64](q, "rooms"), *r.Code)) &&
		(!q.Has("states") || slices.Contains(report.Value[[]string](q, "states"), v.State)) &&
		(!q.Has("since_gte") || v.MemberSince != nil && day >= report.Value[report.Date](q, "since_gte")) &&
		(!q.Has("since_lte") || v.MemberSince != nil && day <= report.Value[report.Date](q, "since_lte"))
}

func (s *visitsServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, strings.ReplaceAll(r.URL.RawQuery, "%2C", ","))
	s.mu.Unlock()
	q, err := madeup.Visits.Parse(r.URL.Query())
	if err != nil || r.URL.Path != madeup.Visits.Path {
		http.Error(w, fmt.Sprint(r.URL.Path, err), http.StatusBadRequest)
		return
	}
	rows := slices.DeleteFunc(slices.Clone(s.rows), func(v visit) bool { return !v.matches(q) })
	order := report.Value[[]string](q, "order")[0]
	if order == "-number" {
		slices.Reverse(rows)
	}
	total := len(rows)
	rows = rows[min(total, int(report.Value[int64](q, "skip"))):]
	rows = rows[:min(len(rows), int(report.Value[int64](q, "take")))]
	var headers, shown []map[string]any
	keys := report.Value[[]string](q, "fields")
	for _, key := range keys {
		headers = append(headers, map[string]any{"key": key, "label": key, "sortable": true})
		if key == "number" {
			headers[len(headers)-1]["sorted"] = map[string]any{"order": map[bool]string{true: "desc", false: "asc"}[order == "-number"]}
		}
	}
	for _, v := range rows {
		row, all := map[string]any{}, map[string]any{}
		text, _ := json.Marshal(v)
		_ = json.Unmarshal(text, &all)
		for _, key := range keys {
			column, _, _ := strings.Cut(key, ".")
			row[column] = all[column]
		}
		shown = append(shown, row)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"total": total, "column_headers": headers, "rows": append([]map[string]any{}, shown...)})
}

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
		"SELECT number FROM {t} WHERE state = 'came' AND number < 100 AND late IS NULL":   "take=100",
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
