package httpsource_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

// A scan that wants few rows asks for no page that it does not need.
func TestNoMoreRowsThanWanted(t *testing.T) {
	for wanted, requests := range map[int64]int{1: 1, 2: 1, 30: 1, 99: 1, 100: 1, 101: 2, 199: 2, 200: 2, 201: 3, 1000: 10} {
		t.Run(fmt.Sprint(wanted), func(t *testing.T) {
			server := teamuptest.New(teamuptest.WithCustomers(5000))
			got := readAll(t, inProcess(t, server.Transport()), httpsource.Request{Query: report.Customers.Query(), Rows: wanted})
			require.NoError(t, got.err)
			assert.GreaterOrEqual(t, int64(len(got.ids)), wanted)
			assert.Equal(t, expected(t, server, report.Customers.Query())[:len(got.ids)], got.ids)
			assert.Equal(t, requests, len(server.Requests()))
		})
	}
}

// While the report moves, the rows that come first are complete as far as they go.
func TestWantedRowsAreCompleteAsFarAsTheyGo(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(900), teamuptest.WithMutations(1))
	c := inProcess(t, server.Transport())
	for _, wanted := range []int64{150, 400, 2000} {
		for range 50 {
			from := server.Store().Seq()
			got := readAll(t, c, httpsource.Request{Query: report.Customers.Query(), Rows: wanted})
			require.NoError(t, got.err)
			always, ever, err := server.Store().Throughout(report.Customers.Query(), from, server.Store().Seq())
			require.NoError(t, err)
			require.IsIncreasing(t, got.ids)
			require.Subset(t, ever, got.ids)
			if int64(len(got.ids)) < wanted {
				require.Subset(t, got.ids, always)
				continue
			}
			last := got.ids[len(got.ids)-1]
			for _, id := range always {
				require.True(t, id > last || slices.Contains(got.ids, id), "customer %d is missing", id)
			}
		}
	}
}

// More rows wanted than there are: everything is read.
func TestMoreRowsWantedThanThereAre(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(250))
	got := readAll(t, inProcess(t, server.Transport()), httpsource.Request{Query: report.Customers.Query(), Rows: 1000})
	require.NoError(t, got.err)
	assert.Equal(t, expected(t, server, report.Customers.Query()), got.ids)
}

func anyRows(*rows) bool { return true }

func TestCount(t *testing.T) {
	for _, n := range rowCounts {
		server := teamuptest.New(teamuptest.WithCustomers(n))
		q := report.Customers.Query().With("include_deleted", true)
		var alive atomic.Int64
		count, proven, err := httpsource.Count(context.Background(), inProcess(t, server.Transport()), httpsource.Request{Query: q}, decoder(&alive), anyRows)
		require.NoError(t, err)
		assert.True(t, proven)
		assert.EqualValues(t, len(expected(t, server, q)), count)
		assert.LessOrEqual(t, len(server.Requests()), 2)
		assert.Zero(t, alive.Load())
	}
}

// A total that the rows don't bear out proves nothing.
func TestCountDoesNotTrustTheTotal(t *testing.T) {
	for _, name := range []string{"total_null", "total_zero", "total_small", "total_large", "total_changing"} {
		fault, ok := teamuptest.FaultByName(name)
		require.True(t, ok)
		server := teamuptest.New(teamuptest.WithCustomers(950), teamuptest.WithFault(fault, teamuptest.Always))
		var alive atomic.Int64
		_, proven, err := httpsource.Count(context.Background(), inProcess(t, server.Transport()), httpsource.Request{Query: report.Customers.Query()}, decoder(&alive), anyRows)
		if err == nil {
			assert.False(t, proven, name)
		}
		assert.Zero(t, alive.Load())
	}
}

// A report that gives one row at a time does not show that a row is the last one.
func TestACountOfSingleRowsIsNotProven(t *testing.T) {
	for _, pages := range []int{1, 2, 3, 50} {
		l := newList(410)
		l.bend = func(q url.Values, a *listAnswer) {
			cut(q, a, pages)
			a.total = 205
		}
		var alive atomic.Int64
		_, proven, err := httpsource.Count(t.Context(), inProcess(t, l), whole(report.Customers.Query()), decoder(&alive), anyRows)
		require.NoError(t, err)
		assert.False(t, proven, "%d rows", pages)
		assert.Zero(t, alive.Load())
	}
}

// An error says which business and page it is about, as that of a scan does.
func TestACountThatFailsNamesThePage(t *testing.T) {
	server := teamuptest.New(teamuptest.WithProviders(4))
	refuse, _ := teamuptest.FaultByName("403")
	server.Inject(refuse, teamuptest.Always)
	_, _, err := httpsource.Count(context.Background(), inProcess(t, server.Transport()), httpsource.Request{Query: report.Customers.Query(), ProviderID: 4}, decoder(new(atomic.Int64)), anyRows)
	require.ErrorAs(t, err, new(*httpsource.APIError))
	require.ErrorContains(t, err, "customers report of business 4, page at offset 0: TeamUp answered 403")
}

func TestTop(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(950))
	ids := expected(t, server, report.Customers.Query())
	var alive atomic.Int64
	c := inProcess(t, server.Transport())
	page, ok, err := httpsource.Top(context.Background(), c, httpsource.Request{Query: report.Customers.Query()}, "id", true, 3, decoder(&alive))
	require.NoError(t, err)
	require.True(t, ok)
	assert.Equal(t, []int64{ids[len(ids)-1], ids[len(ids)-2], ids[len(ids)-3]}, page.IDs())
	page.Release()
	assert.Equal(t, []string{"columns=id&format=json&limit=3&offset=0&sort=-id"}, parameters(server))

	preview, err := c.PreviewTop(httpsource.Request{Query: report.Customers.Query()}, "id", true, 3)
	require.NoError(t, err)
	assert.Equal(t, "/api/v2/reports/customers/data?columns=id&format=json&limit=3&offset=0&sort=-id", preview)
}

func TestWatchFollowsAScan(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(950))
	var stats func() httpsource.Stats
	ended := 0
	c := inProcess(t, server.Transport(), func(cfg *httpsource.Config) {
		cfg.Watch = func(_ context.Context, s func() httpsource.Stats) func() {
			stats = s
			return func() { ended++ }
		}
	})
	got := readAll(t, c, whole(report.Customers.Query()))
	require.NoError(t, got.err)
	assert.EqualValues(t, len(got.ids), stats().Rows)
	assert.Equal(t, 1, ended)
}
