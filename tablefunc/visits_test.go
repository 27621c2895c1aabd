package tablefunc_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/teamupsql/teamupsql/internal/madeup"
	"github.com/teamupsql/teamupsql/report"
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
	visitsQuirks

	mu       sync.Mutex
	requests []string
}

// visitsQuirks are how a server can deviate from what it is asked.
type visitsQuirks struct {
	ignore  string // a parameter
	total   string // of the response: "null", "missing" or "all", for that of all rows
	maxRows int    // of a page, 0 for as many as requested
	every   int    // requests to one that misses the last row of its page; 0: none does
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
	n := len(s.requests)
	s.requests = append(s.requests, strings.ReplaceAll(r.URL.RawQuery, "%2C", ","))
	s.mu.Unlock()
	q, err := madeup.Visits.Parse(r.URL.Query())
	if err != nil || r.URL.Path != madeup.Visits.Path {
		http.Error(w, fmt.Sprint(r.URL.Path, err), http.StatusBadRequest)
		return
	}
	q = q.Without(s.ignore)
	rows := slices.DeleteFunc(slices.Clone(s.rows), func(v visit) bool { return !v.matches(q) })
	descending := slices.Equal(report.Value[[]string](q, "order"), []string{"-number"})
	if descending {
		slices.Reverse(rows)
	}
	total := len(rows)
	rows = rows[min(total, int(report.Value[int64](q, "skip"))):]
	take := len(rows)
	if q.Has("take") {
		take = int(report.Value[int64](q, "take"))
	}
	rows = rows[:min(len(rows), take, cmp.Or(s.maxRows, len(rows)))]
	if s.every > 0 && n%s.every == 0 && len(rows) > 0 {
		rows = rows[:len(rows)-1]
	}
	var headers, shown []map[string]any
	keys := report.Value[[]string](q, "fields")
	if !q.Has("fields") {
		keys = madeup.Visits.Keys()
	}
	for _, key := range keys {
		headers = append(headers, map[string]any{"key": key, "label": key, "sortable": true})
		if key == "number" {
			headers[len(headers)-1]["sorted"] = map[string]any{"order": map[bool]string{true: "desc", false: "asc"}[descending]}
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
	page := map[string]any{"total": total, "column_headers": headers, "rows": append([]map[string]any{}, shown...)}
	switch s.total {
	case "null":
		page["total"] = nil
	case "missing":
		delete(page, "total")
	case "all":
		page["total"] = len(s.rows)
	}
	_ = json.NewEncoder(w).Encode(page)
}
