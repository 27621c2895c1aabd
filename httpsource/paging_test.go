package httpsource_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

// rowCounts are where pages of 100 rows that overlap by one begin and end, and
// where DuckDB's vectors do.
var rowCounts = []int{0, 1, 99, 100, 101, 198, 199, 200, 2047, 2048, 2049}

// quietRequests is the least that proves the end: the last page must not be full.
func quietRequests(rows int) int { return max(1, (rows+98)/99) }

func TestQuietScan(t *testing.T) {
	for _, n := range rowCounts {
		for _, all := range []bool{true, false} {
			t.Run(fmt.Sprintf("%d rows, whole %v", n, all), func(t *testing.T) {
				server := teamuptest.New(teamuptest.WithCustomers(n))
				q := report.Customers.Query().With("include_deleted", true)
				c := inProcess(t, server.Transport())
				got := readAll(t, c, httpsource.Request{Query: q, WholeScan: all})
				require.NoError(t, got.err)
				assert.Equal(t, expected(t, server, q), append([]int64{}, got.ids...))
				assert.Len(t, server.Requests(), quietRequests(len(got.ids)))
				assert.EqualValues(t, len(got.ids), got.stats.RowsTotal)
				assert.EqualValues(t, quietRequests(len(got.ids)), got.stats.PagesTotal)
				assert.Equal(t, got.stats.PagesTotal, got.stats.PagesDone)
			})
		}
	}
}

// parameters are those of the requests, in the order of arrival, as query strings.
func parameters(s *teamuptest.Server) []string {
	var all []string
	for _, r := range s.Requests() {
		all = append(all, r.RawQuery)
	}
	return all
}

func TestRequestsExactly(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(250))
	c := inProcess(t, server.Transport(), func(cfg *httpsource.Config) { cfg.Concurrency = 1 })
	q := report.Customers.Query().With("columns", []string{"email", "venue"}).With("include_deleted", true)
	require.NoError(t, readAll(t, c, whole(q)).err)
	const common = "columns=id,email,venue&format=json&include_deleted=true&limit=100&offset=%d&sort=id"
	n := len(expected(t, server, q))
	var want []string
	for i := range quietRequests(n) {
		want = append(want, fmt.Sprintf(common, 99*i))
	}
	assert.Equal(t, want, parameters(server))

	server.ResetLog()
	q = report.Customers.Query().With("columns", []string{"id"}).With("id_gt", 7).With("include_deleted", true)
	require.NoError(t, readAll(t, c, whole(q)).err)
	assert.Equal(t, "columns=id&format=json&id_gt=7&include_deleted=true&limit=100&offset=0&sort=id", parameters(server)[0])
}

func TestRequestHeaders(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(1), teamuptest.WithProviders(7, 8))
	c := inProcess(t, server.Transport(), func(cfg *httpsource.Config) {
		cfg.ProviderID, cfg.Scheme, cfg.UserAgent = 7, httpsource.SchemeToken, "tests/1"
	})
	require.NoError(t, readAll(t, c, whole(report.Customers.Query())).err)
	require.NoError(t, readAll(t, c, httpsource.Request{Query: report.Customers.Query(), ProviderID: 8}).err)
	log := server.Requests()
	require.Len(t, log, 2)
	want := map[string][]string{"User-Agent": {"tests/1"}, "Accept": {"application/json"}, "Accept-Encoding": {"gzip"},
		"Teamup-Provider-Id": {"7"}, "Teamup-Request-Mode": {"provider"}}
	assert.EqualValues(t, want, canonical(log[0].Header))
	want["Teamup-Provider-Id"] = []string{"8"}
	assert.EqualValues(t, want, canonical(log[1].Header))
}

func canonical(h map[string][]string) map[string][]string {
	out := map[string][]string{}
	for name, v := range h {
		out[http.CanonicalHeaderKey(name)] = v
	}
	return out
}

func TestIDsInBatches(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(2000), teamuptest.WithLatency(time.Millisecond))
	q := report.Customers.Query().With("include_deleted", true)
	all := expected(t, server, q)
	ids := append(slices.Clone(all[:730]), 1<<40, 1<<41)
	ids = append(ids, all[5], all[6]) // twice
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	q = q.With("ids", ids)
	for _, wholeScan := range []bool{true, false} {
		server.ResetLog()
		c := inProcess(t, server.Transport())
		got := readAll(t, c, httpsource.Request{Query: q, WholeScan: wholeScan})
		require.NoError(t, got.err)
		assert.Equal(t, all[:730], got.ids)
		log := server.Requests()
		assert.Len(t, log, 8)
		for _, r := range log {
			assert.Equal(t, "100", r.Query.Get("limit"))
			assert.False(t, r.Query.Has("offset"))
		}
		if wholeScan {
			assert.Greater(t, server.MaxInFlight(), 4, "side by side")
		}
	}
}

func TestNothingAskedForNothing(t *testing.T) {
	server := teamuptest.New()
	c := inProcess(t, server.Transport())
	for _, q := range []report.Query{report.Customers.Query().With("ids", []int64{}), report.Customers.Query().With("ids", []int64{3}).With("id_gt", 3),
		report.Customers.Query().With("is_any", []string{})} {
		got := readAll(t, c, whole(q))
		require.NoError(t, got.err)
		assert.Empty(t, got.ids)
	}
	assert.Empty(t, server.Requests())
}

func TestRequestIsChecked(t *testing.T) {
	server := teamuptest.New()
	c := inProcess(t, server.Transport())
	for name, req := range map[string]httpsource.Request{
		"limit":      {Query: report.Customers.Query().With("limit", 5)},
		"sort":       {Query: report.Customers.Query().With("sort", []string{"id"})},
		"format":     {Query: report.Customers.Query().With("format", report.FormatCSV)},
		"bad column": {Query: report.Customers.Query().With("columns", []string{"nonsense"})},
		"provider":   {ProviderID: -1},
	} {
		assert.Error(t, readAll(t, c, req).err, name)
	}
	assert.Empty(t, server.Requests())
}

// The first 13 pages after the first take two rounds with eight in flight.
func TestConcurrencyFillsRounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newList(10_000)
		l.delay = 50 * time.Millisecond
		c := inProcess(t, l)
		start := time.Now()
		got := readAll(t, c, whole(report.Customers.Query()))
		require.NoError(t, got.err)
		assert.Len(t, got.ids, 10_000)
		assert.Equal(t, 14*50*time.Millisecond, time.Since(start), "rounds: the first page, and 101 others, eight at a time")
		assert.EqualValues(t, 102, got.stats.Requests)
	})
}

// A caller that stops early has cost little: the window doubles as Next is called.
func TestWindowGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int64
		l := newList(10_000)
		l.bend = func(url.Values, *listAnswer) { sent.Add(1) }
		var alive atomic.Int64
		s := httpsource.Scan(t.Context(), inProcess(t, l), httpsource.Request{Query: report.Customers.Query()}, decoder(&alive))
		var after []int64
		for range 6 {
			p, err := s.Next(t.Context())
			require.NoError(t, err)
			p.Release()
			synctest.Wait()
			after = append(after, sent.Load())
		}
		assert.Equal(t, []int64{1, 3, 6, 11, 20, 21}, after)
		require.NoError(t, s.Close())
		assert.Zero(t, alive.Load())
	})
}

// Undelivered pages are bounded: a caller that stops reading stops the requests.
func TestWindowIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var alive atomic.Int64
		s := httpsource.Scan(t.Context(), inProcess(t, newList(100_000)), whole(report.Customers.Query()), decoder(&alive))
		p, err := s.Next(t.Context())
		require.NoError(t, err)
		synctest.Wait()
		assert.EqualValues(t, 1+16, alive.Load(), "the page that was delivered, and twice the concurrency")
		p.Release()
		require.NoError(t, s.Close())
		assert.Zero(t, alive.Load())
		_, err = s.Next(t.Context())
		assert.ErrorIs(t, err, context.Canceled)
		assert.NotErrorIs(t, err, io.EOF)
	})
}

// odd are servers that differ from what is published, and still give every row.
var odd = map[string]func(q url.Values, a *listAnswer){
	"limit ignored, always 50 rows": func(q url.Values, a *listAnswer) { cut(q, a, 50) },
	"limit ignored, always 2 rows":  func(q url.Values, a *listAnswer) { cut(q, a, 2) },
	"limit ignored, always 1 row":   func(q url.Values, a *listAnswer) { cut(q, a, 1) },
	"limit ignored, always 250":     func(q url.Values, a *listAnswer) { cut(q, a, 250) },
	"limit ignored, all rows":       func(q url.Values, a *listAnswer) { cut(q, a, 1<<30) },
	"offset ignored":                func(q url.Values, a *listAnswer) { q.Set("offset", "0"); cut(q, a, 100) },
	"total null":                    func(_ url.Values, a *listAnswer) { a.total = nil },
	"total 0":                       func(_ url.Values, a *listAnswer) { a.total = 0 },
	"total half":                    func(_ url.Values, a *listAnswer) { a.total = a.total.(int) / 2 },
	"total double":                  func(_ url.Values, a *listAnswer) { a.total = 2 * a.total.(int) },
	"total of the page":             func(_ url.Values, a *listAnswer) { a.total = len(a.rows) },
	"total enormous":                func(_ url.Values, a *listAnswer) { a.total = 1 << 52 },
	"rows twice in each page":       func(_ url.Values, a *listAnswer) { a.rows = twice(a.rows) },
}

// cut answers so many rows, whatever the limit.
func cut(q url.Values, a *listAnswer, limit int) {
	from, _ := strconv.Atoi(q.Get("offset"))
	from = min(from, len(a.all))
	a.rows = a.all[from:min(from+limit, len(a.all))]
}

func twice(ids []int64) []int64 {
	out := slices.Clone(ids)
	if len(out) > 3 {
		out[3] = out[2]
		out = append(out[:3:3], append([]int64{ids[2]}, ids[3:]...)...)
	}
	return out
}

func TestOddServers(t *testing.T) {
	for name, bend := range odd {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{0, 1, 2, 3, 49, 50, 51, 99, 100, 101, 250, 251, 500, 1234} {
				if name == "limit ignored, always 1 row" && n > 300 {
					continue
				}
				l := newList(n)
				l.bend = bend
				for _, wholeScan := range []bool{true, false} {
					got := readAll(t, inProcess(t, l), httpsource.Request{Query: report.Customers.Query(), WholeScan: wholeScan})
					require.NoError(t, got.err, "%d rows", n)
					assert.Equal(t, l.ids, got.ids, "%d rows", n)
				}
			}
		})
	}
}

// What goes wrong once, in any request, is made right.
func TestPassingSlips(t *testing.T) {
	slips := map[string]func(a *listAnswer){
		"empty page":            func(a *listAnswer) { a.rows = nil },
		"short page":            func(a *listAnswer) { a.rows = a.rows[:len(a.rows)/2] },
		"one row":               func(a *listAnswer) { a.rows = a.rows[:min(1, len(a.rows))] },
		"last row missing":      func(a *listAnswer) { a.rows = a.rows[:max(0, len(a.rows)-1)] },
		"first row missing":     func(a *listAnswer) { a.rows = a.rows[min(1, len(a.rows)):] },
		"total null":            func(a *listAnswer) { a.total = nil },
		"total too small":       func(a *listAnswer) { a.total = 3 },
		"total too large":       func(a *listAnswer) { a.total = 100_000 },
		"rows reversed":         func(a *listAnswer) { a.rows = slices.Clone(a.rows); slices.Reverse(a.rows) },
		"a row twice":           func(a *listAnswer) { a.rows = twice(a.rows) },
		"an impossible row":     func(a *listAnswer) { a.rows = append([]int64{-5}, a.rows...) },
		"rows of the last page": func(a *listAnswer) { a.rows = a.all[max(0, len(a.all)-20):] },
	}
	for name, slip := range slips {
		t.Run(name, func(t *testing.T) {
			for n := 1; n <= 12; n++ {
				if n == 1 && (name == "first row missing" || name == "rows of the last page") {
					continue // nobody could know
				}
				var mu sync.Mutex
				count := 0
				l := newList(950)
				l.bend = func(_ url.Values, a *listAnswer) {
					mu.Lock()
					defer mu.Unlock()
					if count++; count == n {
						slip(a)
					}
				}
				got := readAll(t, inProcess(t, l), whole(report.Customers.Query()))
				require.NoError(t, got.err, "request %d", n)
				assert.Equal(t, l.ids, got.ids, "request %d", n)
			}
		})
	}
}

// Servers whose answers cannot be trusted to be complete.
func TestHopelessServers(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 4))
	for name, bend := range map[string]func(q url.Values, a *listAnswer){
		"offset and id_gt ignored": func(q url.Values, a *listAnswer) { a.rows, a.total = newList(500).ids[:100], 500 },
		"sorted at first, then not": func(q url.Values, a *listAnswer) {
			if q.Get("offset") != "0" {
				a.rows = slices.Clone(a.rows)
				slices.Reverse(a.rows)
			}
		},
		"every answer in another order": func(q url.Values, a *listAnswer) {
			all := slices.Clone(a.all)
			dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			a.all = all
			cut(q, a, 100)
		},
		"rows claimed, none shown": func(_ url.Values, a *listAnswer) { a.rows = nil },
		"rows lost in the middle": func(q url.Values, a *listAnswer) {
			if q.Get("id_gt") != "" || q.Get("offset") != "0" {
				a.rows, a.total = nil, 0
			}
		},
		"nothing after an id, ever": func(q url.Values, a *listAnswer) {
			if q.Get("id_gt") != "" || q.Get("offset") == "198" {
				a.rows = nil
			}
		},
		"each answer but the first cut in half": func(q url.Values, a *listAnswer) {
			if q.Get("id_gt") != "" || q.Get("offset") != "0" {
				a.rows, a.total = a.rows[:len(a.rows)/2], nil
			}
		},
		"impossible ids": func(q url.Values, a *listAnswer) { a.rows = append([]int64{0}, a.rows...) },
	} {
		t.Run(name, func(t *testing.T) {
			l := newList(500)
			l.bend = bend
			got := readAll(t, inProcess(t, l, func(cfg *httpsource.Config) { cfg.Concurrency = 1 }), whole(report.Customers.Query()))
			var e *httpsource.InconsistentError
			require.ErrorAs(t, got.err, &e)
		})
	}
}

// A server that ignores sort but keeps to an order of its own is read all the same.
func TestUnsortedServer(t *testing.T) {
	for _, n := range []int{2, 5, 99, 100, 101, 199, 200, 1000} {
		for _, changes := range []int{0, 2} {
			t.Run(fmt.Sprintf("%d rows, %d changes", n, changes), func(t *testing.T) {
				l := newList(n)
				rand.New(rand.NewPCG(5, 6)).Shuffle(n, func(i, j int) { l.ids[i], l.ids[j] = l.ids[j], l.ids[i] })
				if l.ids[0] < l.ids[n-1] && n == 2 {
					slices.Reverse(l.ids)
				}
				steady := slices.Clone(l.ids)
				count := 0
				l.bend = func(url.Values, *listAnswer) {
					if count++; count%5 == 0 && count/5 <= changes && n > 150 {
						steady = slices.DeleteFunc(steady, func(id int64) bool { return id == l.ids[0] })
						l.ids = slices.Clone(l.ids[1:])
					}
				}
				got := readAll(t, inProcess(t, l, func(cfg *httpsource.Config) { cfg.Concurrency = 1 }), whole(report.Customers.Query()))
				require.NoError(t, got.err)
				slices.Sort(got.ids)
				assert.Equal(t, got.ids, slices.Compact(slices.Clone(got.ids)), "none twice")
				for _, id := range steady {
					assert.Contains(t, got.ids, id)
				}
			})
		}
	}
}
