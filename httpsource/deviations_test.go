package httpsource_test

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

// totals are what the total of a report may count.
var totals = map[string]teamuptest.TotalQuirk{"matching": teamuptest.TotalMatching, "without id_gt": teamuptest.TotalLeavesIDGT,
	"all": teamuptest.TotalOfAll, "null": teamuptest.TotalIsNull, "missing": teamuptest.TotalIsMissing}

// What follows an id is right whatever the total counts: the usual query for new
// customers.
func TestCustomersAfterAnID(t *testing.T) {
	for name, total := range totals {
		t.Run(name, func(t *testing.T) {
			server := teamuptest.New(teamuptest.WithCustomers(450), teamuptest.WithQuirks(teamuptest.Quirks{Total: total}))
			all := expected(t, server, report.Customers.Query())
			for _, after := range []int{1, 2, 3, 50, 99, 100, 101, 250} {
				server.ResetLog()
				got := readAll(t, inProcess(t, server.Transport()), whole(report.Customers.Query().With("id_gt", all[len(all)-after])))
				require.NoError(t, got.err)
				assert.Equal(t, all[len(all)-after+1:], append([]int64{}, got.ids...))
				if after == 1 {
					assert.LessOrEqual(t, len(server.Requests()), 3)
				}
			}
			// No customer matches both.
			got := readAll(t, inProcess(t, server.Transport()), whole(report.Customers.Query().With("id_gt", all[len(all)-1]).With("is_active", true).With("is_new", true)))
			require.NoError(t, got.err)
			assert.Empty(t, got.ids)
		})
	}
}

// Customers asked for by id that the report counts and does not show are an error,
// however few they are, and whichever of them it hides.
func TestHiddenCustomers(t *testing.T) {
	for name, hide := range map[string]func(rows []int64) []int64{
		"second half": func(rows []int64) []int64 { return rows[:len(rows)/2] },
		"first half":  func(rows []int64) []int64 { return rows[len(rows)/2:] },
		"last":        func(rows []int64) []int64 { return rows[:max(0, len(rows)-1)] },
		"first":       func(rows []int64) []int64 { return rows[min(1, len(rows)):] },
		"middle": func(rows []int64) []int64 {
			return slices.Delete(slices.Clone(rows), len(rows)/2, min(len(rows), len(rows)/2+1))
		},
		"all": func(rows []int64) []int64 { return nil },
		"number 5": func(rows []int64) []int64 {
			return slices.DeleteFunc(slices.Clone(rows), func(id int64) bool { return id == 5 })
		},
	} {
		for _, n := range []int{1, 2, 3, 4, 5, 20, 99, 100, 101, 250} {
			t.Run(fmt.Sprint(name, "/", n), func(t *testing.T) {
				l := newList(1000)
				l.bend = func(_ url.Values, a *listAnswer) { a.rows = hide(a.rows) }
				got := readAll(t, inProcess(t, l), whole(report.Customers.Query().With("ids", append(slices.Clone(l.ids[:n]), 5000))))
				completeOrSaysSo(t, got, l.ids[:n:n])
				if name == "last" && n == 4 {
					require.ErrorContains(t, got.err, "the total is 4 customers, but there are only 3 of them")
				}
			})
		}
	}
}

// Whether the customers are among those of a list or not, and whatever the total says,
// a list of ids brings those that there are.
func TestCustomersByID(t *testing.T) {
	for name, total := range totals {
		for _, ignore := range []string{"", "ids", "id_gt", "limit", "sort"} {
			t.Run(fmt.Sprint(name, ", ignores ", ignore), func(t *testing.T) {
				server := teamuptest.New(teamuptest.WithCustomers(700), teamuptest.WithQuirks(teamuptest.Quirks{Total: total, Ignore: ignore}))
				all := expected(t, server, report.Customers.Query())
				for _, n := range []int{1, 2, 3, 99, 100, 101, 250} {
					ids := append(slices.Clone(all[5:5+n]), 1<<40, 7)
					got := readAll(t, inProcess(t, server.Transport()), whole(report.Customers.Query().With("ids", ids).With("id_gt", all[5])))
					slices.Sort(got.ids)
					if name != "matching" && ignore != "" { // two deviations at once
						completeOrSaysSo(t, got, all[6:5+n])
						continue
					}
					complete(t, got, all[6:5+n])
				}
			})
		}
	}
}

// A report that ignores a parameter gives more rows than were asked for, which is
// nobody's loss, and those that the scan itself depends on are made up for.
func TestIgnoredParameters(t *testing.T) {
	for _, p := range report.Customers.Parameters {
		if p.Name == "format" {
			continue
		}
		t.Run(p.Name, func(t *testing.T) {
			server := teamuptest.New(teamuptest.WithCustomers(700), teamuptest.WithQuirks(teamuptest.Quirks{Ignore: p.Name}))
			for _, wholeScan := range []bool{true, false} {
				q := report.Customers.Query().With("id_gt", 100_500).With("is_active", true)
				got := readAll(t, inProcess(t, server.Transport()), httpsource.Request{Query: q, WholeScan: wholeScan})
				require.NoError(t, got.err)
				if p.Name == "is_active" {
					q = q.With("is_active", nil)
				}
				slices.Sort(got.ids)
				assert.Equal(t, expected(t, server, q), got.ids)
			}
		})
	}
}

// growing has a report grow by a page with every answer.
func growing(l *list, bend func(q url.Values, a *listAnswer)) {
	var mu sync.Mutex
	l.bend = func(q url.Values, a *listAnswer) {
		mu.Lock()
		defer mu.Unlock()
		bend(q, a)
		for range 100 {
			l.ids = append(l.ids, int64(len(l.ids)+1))
		}
	}
}

// A scan ends though customers come as fast as it reads, with those at least that
// were there when it began.
func TestAReportThatGrowsAsFastAsItIsRead(t *testing.T) {
	for name, bend := range map[string]func(q url.Values, a *listAnswer){
		"total":          func(url.Values, *listAnswer) {},
		"total null":     func(_ url.Values, a *listAnswer) { a.total = nil },
		"total 0":        func(_ url.Values, a *listAnswer) { a.total = 0 },
		"total too high": func(_ url.Values, a *listAnswer) { a.total = 2 * a.total.(int) },
		"order of a page reversed": func(q url.Values, a *listAnswer) {
			if a.total = nil; q.Get("sort") == "-id" && q.Get("id_gt") != "" {
				slices.Reverse(a.rows)
			}
		},
	} {
		for _, n := range []int{0, 1, 100, 1234, 5000} {
			t.Run(fmt.Sprint(name, "/", n), func(t *testing.T) {
				l := newList(n)
				growing(l, bend)
				was := slices.Clone(l.ids)
				c := inProcess(t, l, func(cfg *httpsource.Config) { cfg.Concurrency = 1 })
				got := readAll(t, c, whole(report.Customers.Query()))
				require.NoError(t, got.err)
				assert.True(t, slices.Equal(was, got.ids[:n]))
				assert.Less(t, len(got.ids), 4*n+50*100)
			})
		}
	}
}

// withoutEnd answers with a page of rows whatever is asked for, in ascending order or
// with neighbours swapped.
func withoutEnd(swapped bool) *list {
	return &list{bend: func(q url.Values, a *listAnswer) {
		number := func(name string) (n int64) { n, _ = strconv.ParseInt(q.Get(name), 10, 64); return n }
		first := number("id_gt") + number("offset")
		a.total, a.rows = nil, nil
		for id := first + 1; id <= first+100; id++ {
			if a.rows = append(a.rows, id); swapped {
				a.rows[len(a.rows)-1] = (id - 1) ^ 1 + 1
			}
		}
	}}
}

// Nothing shows where such a report ends.
func TestAReportWithoutEnd(t *testing.T) {
	for _, swapped := range []bool{false, true} {
		var e *httpsource.InconsistentError
		require.ErrorAs(t, readAll(t, inProcess(t, withoutEnd(swapped)), whole(report.Customers.Query())).err, &e)
		assert.Contains(t, e.Reason, "end")
	}
}

// A count and the first rows of an order are not believed if a row is not what was
// asked for.
func TestOneAnswerIsLookedAt(t *testing.T) {
	above := int64(100_500)
	req := httpsource.Request{Query: report.Customers.Query().With("id_gt", above)}
	for name, c := range map[string]struct {
		quirks teamuptest.Quirks
		fault  teamuptest.Fault
		sorts  bool // the first rows are what they should be all the same
	}{
		"id_gt ignored":  {quirks: teamuptest.Quirks{Ignore: "id_gt"}, sorts: true},
		"repeated rows":  {fault: faultNamed(t, "repeated_rows")},
		"doubled rows":   {fault: faultNamed(t, "doubled_rows")},
		"id 0":           {fault: teamuptest.Cell("id", "0")},
		"a negative id":  {fault: teamuptest.Cell("id", "-5")},
		"total of all":   {quirks: teamuptest.Quirks{Total: teamuptest.TotalOfAll}, sorts: true},
		"offset ignored": {quirks: teamuptest.Quirks{Ignore: "offset"}, sorts: true},
		"sort ignored":   {quirks: teamuptest.Quirks{Ignore: "sort"}, sorts: true},
	} {
		t.Run(name, func(t *testing.T) {
			server := teamuptest.New(teamuptest.WithCustomers(950), teamuptest.WithQuirks(c.quirks))
			if c.fault.Name != "" {
				server.Inject(c.fault, teamuptest.Always)
			}
			var alive atomic.Int64
			client := inProcess(t, server.Transport())
			_, proven, err := httpsource.Count(t.Context(), client, req, decoder(&alive), anyRows)
			require.NoError(t, err)
			assert.False(t, proven)
			page, ok, err := httpsource.Top(t.Context(), client, req, "id", true, 50, decoder(&alive))
			require.NoError(t, err)
			assert.Equal(t, c.sorts, ok)
			if ok {
				page.Release()
			}
			assert.Zero(t, alive.Load())
		})
	}
	server := teamuptest.New(teamuptest.WithCustomers(950))
	for refused := range 3 { // the rows of the first answer, of the second, of none
		seen := 0
		var alive atomic.Int64
		_, proven, err := httpsource.Count(t.Context(), inProcess(t, server.Transport()), req, decoder(&alive), func(*rows) bool {
			seen++
			return seen-1 != refused
		})
		require.NoError(t, err)
		assert.Equal(t, refused == 2, proven)
		assert.Zero(t, alive.Load())
	}
}

func faultNamed(t *testing.T, name string) teamuptest.Fault {
	f, ok := teamuptest.FaultByName(name)
	require.True(t, ok, name)
	return f
}

// A scan that wanted few rows goes on to the end when its caller finds that they do
// not count, with full pages.
func TestReadOn(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(950))
	all := expected(t, server, report.Customers.Query())
	for _, ignore := range []string{"", "sort", "limit", "id_gt", "offset"} {
		for _, wanted := range []int64{1, 5, 100, 101, 350, 5000} {
			server := teamuptest.New(teamuptest.WithCustomers(950), teamuptest.WithQuirks(teamuptest.Quirks{Ignore: ignore}))
			var alive atomic.Int64
			s := httpsource.Scan(t.Context(), inProcess(t, server.Transport()), httpsource.Request{Query: report.Customers.Query(), Rows: wanted}, decoder(&alive))
			var got result
			for p, err := range s.All(t.Context()) {
				if got.err = err; err != nil {
					break
				}
				if got.ids = append(got.ids, p.ids...); int64(len(got.ids)) >= min(wanted, 300) {
					s.ReadOn()
				}
				p.Release()
			}
			if slices.Sort(got.ids); ignore == "sort" { // two rows may be in order by chance
				completeOrSaysSo(t, got, all)
			} else {
				complete(t, got, all)
			}
			assert.Zero(t, alive.Load())
			if ignore == "" {
				assert.LessOrEqual(t, len(server.Requests()), 15)
			}
		}
	}
}

// A page that is as long as this server's pages ever are does not show that nothing
// follows it, whatever total agrees with it by chance.
func TestShortPagesUnderWrongTotals(t *testing.T) {
	for name, wrong := range map[string]func(total, answer int) int{
		"half":         func(total, _ int) int { return total / 2 },
		"one too few":  func(total, _ int) int { return max(0, total-1) },
		"five too few": func(total, _ int) int { return max(0, total-5) },
		"of the page":  func(total, answer int) int { return min(total, 1+answer%7) },
	} {
		for _, pages := range []int{1, 2, 3, 7, 50} {
			t.Run(fmt.Sprint(name, "/", pages), func(t *testing.T) {
				for n := 20; n <= 170; n += 10 {
					var answers atomic.Int64
					l := newList(n)
					l.bend = func(q url.Values, a *listAnswer) {
						cut(q, a, pages)
						a.total = wrong(len(a.all), int(answers.Add(1)-1))
					}
					for _, query := range []report.Query{report.Customers.Query(), report.Customers.Query().With("ids", l.ids[:min(n, 100)])} {
						want := l.ids
						if ids := report.Value[[]int64](query, "ids"); ids != nil {
							want = ids
						}
						if wrong(len(want), 0) <= pages {
							continue // like a report that is all in its first page
						}
						answers.Store(0)
						completeOrSaysSo(t, readAll(t, inProcess(t, l), whole(query)), want)
					}
				}
			})
		}
	}
}

// The same holds for a report that does not sort.
func TestShortUnsortedPagesUnderWrongTotals(t *testing.T) {
	for _, total := range []int{7, 10, 13, 25} {
		l := newList(40)
		l.bend = func(q url.Values, a *listAnswer) {
			a.all = slices.Clone(a.all)
			slices.Reverse(a.all)
			cut(q, a, 4)
			a.total = total
		}
		got := readAll(t, inProcess(t, l), whole(report.Customers.Query()))
		slices.Sort(got.ids)
		completeOrSaysSo(t, got, l.ids)
	}
}

// A LIMIT on a report that ignores id_gt takes full pages, as its rows up to that id are
// read as well.
func TestAFewCustomersAfterAnIgnoredID(t *testing.T) {
	for _, rows := range []int64{1, 2, 20, 150} {
		server := teamuptest.New(teamuptest.WithCustomers(950), teamuptest.WithQuirks(teamuptest.Quirks{Ignore: "id_gt"}))
		all := expected(t, server, report.Customers.Query())
		for _, after := range []int{1, 2, 30, 300} {
			server.ResetLog()
			want := all[len(all)-after+1:]
			got := readAll(t, inProcess(t, server.Transport()), httpsource.Request{Query: report.Customers.Query().With("id_gt", all[len(all)-after]), Rows: rows})
			require.NoError(t, got.err)
			require.GreaterOrEqual(t, int64(len(got.ids)), min(rows, int64(len(want))))
			assert.Equal(t, want[:len(got.ids)], append([]int64{}, got.ids...))
			assert.LessOrEqual(t, len(server.Requests()), 20)
		}
	}
}

// A LIMIT larger than the report, whose total is another one in each response, is read to
// its end or fails. It does not request the first page for ever.
func TestALimitUnderChangingTotalsEnds(t *testing.T) {
	fault, ok := teamuptest.FaultByName("total_changing")
	require.True(t, ok)
	for first := range 4 { // the totals repeat after four responses
		server := teamuptest.New(teamuptest.WithCustomers(200), teamuptest.WithFault(fault, func(c teamuptest.Call) bool { return c.N > first }))
		all := expected(t, server, report.Customers.Query())
		timed := func(c *httpsource.Config) { c.ScanTimeout = 10 * time.Second }
		got := readAll(t, inProcess(t, server.Transport(), timed), httpsource.Request{Query: report.Customers.Query(), Rows: 288})
		completeOrSaysSo(t, got, all)
		assert.LessOrEqual(t, len(server.Requests()), 30)
	}
}
