package tablefunc_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

func estimates(t *testing.T, db *sql.DB, query string) (sum int64, list []requests.Estimate) {
	t.Helper()
	e, err := tablefunc.Explain(context.Background(), db, query)
	require.NoError(t, err)
	for _, s := range e.Scans {
		sum += s.Estimate.Requests
		list = append(list, s.Estimate)
	}
	return sum, list
}

// TestEstimatesHold compares what is said beforehand with the requests that are
// then sent to a report that stays as it is.
func TestEstimatesHold(t *testing.T) {
	const whole = "SELECT max(email) FROM teamup_customers()"
	for _, customers := range []int{0, 1, 98, 99, 100, 101, 198, 199, 200, 1500} {
		db, server := open(t, teamuptest.WithCustomers(customers))
		_, list := estimates(t, db, whole)
		require.Equal(t, []requests.Estimate{{Bound: requests.Unknown}}, list, "before any scan")
		cost(t, server, db, "SELECT count(*) FROM teamup_customers()") // which tells it too
		if customers == 0 {
			continue
		}
		for query, bound := range map[string]requests.Bound{
			whole: requests.About,
			"SELECT max(email) FROM teamup_customers() WHERE email > 'm'":                                           requests.About,
			"SELECT max(email) FROM teamup_customers() WHERE is_active":                                             requests.AtMost,
			"SELECT max(email) FROM teamup_customers(is_new := true)":                                               requests.AtMost,
			"SELECT email FROM teamup_customers() WHERE email > 'm' LIMIT 3":                                        requests.AtMost,
			"SELECT count(*) FROM teamup_customers() WHERE is_new":                                                  requests.AtMost,
			"SELECT email FROM teamup_customers() LIMIT 150":                                                        requests.AtMost,
			"SELECT id FROM teamup_customers() ORDER BY id LIMIT 5":                                                 requests.Exactly,
			"SELECT id FROM teamup_customers(ids := range(100001, 100251))":                                         requests.Exactly,
			"SELECT id FROM teamup_customers() WHERE id < 5 AND id > 7":                                             requests.Exactly,
			"SELECT a.id FROM teamup_customers() a JOIN teamup_customers() b ON a.id = b.referring_member.id":       requests.About,
			"SELECT max(email), (SELECT count(*) FROM teamup_customers() WHERE is_new) FROM teamup_customers()":     requests.AtMost,
			"SELECT email FROM teamup_customers() UNION ALL SELECT email FROM teamup_customers() WHERE id = 100001": requests.AtMost,
		} {
			said, list := estimates(t, db, query)
			_, sent := cost(t, server, db, query)
			exact := true
			for _, e := range list {
				exact = exact && e.Bound != requests.AtMost
			}
			if exact {
				require.EqualValues(t, said, sent, "%d: %s", customers, query)
			} else {
				require.LessOrEqual(t, int64(sent), said, "%d: %s", customers, query)
			}
			if len(list) == 1 {
				require.Equal(t, bound, list[0].Bound, query)
			}
		}
		// Other customers than those that were counted.
		for _, query := range []string{"SELECT max(email) FROM teamup_customers(include_deleted := true)", "SELECT max(email) FROM teamup_customers(provider_id := 3)"} {
			_, list := estimates(t, db, query)
			require.Equal(t, requests.Unknown, list[0].Bound, query)
		}
	}
}

// emptyReport answers that there are no such customers, and counts.
type emptyReport struct{ total int }

func (r emptyReport) RoundTrip(q *http.Request) (*http.Response, error) {
	body := fmt.Sprintf(`{"rows":[],"total":%d,"column_headers":[]}`, r.total)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: q}, nil
}

func openOver(t *testing.T, transport http.RoundTripper, rate int) *sql.DB {
	// Clients with one token share its limit, so each test has its own.
	client, err := httpsource.New(httpsource.Config{Token: httpsource.NewToken(token + t.Name()), PageSize: 2, RatePerMinute: rate,
		HTTPClient: &http.Client{Transport: transport}})
	require.NoError(t, err)
	db, err := tablefunc.Open("", tablefunc.WithClient(client), tablefunc.WithStatementObserver(tellContext))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func TestEstimatesSayHowLong(t *testing.T) {
	db := openOver(t, emptyReport{}, 0)
	e, err := tablefunc.Explain(context.Background(), db, "SELECT id FROM teamup_customers(ids := range(1, 1001))")
	require.NoError(t, err)
	require.Contains(t, e.String(), "\n  500 requests, 3 minutes at 240 a minute\n")
	e, err = tablefunc.Explain(context.Background(), db, "SELECT id FROM teamup_customers(ids := [1])")
	require.NoError(t, err)
	require.Contains(t, e.String(), "\n  1 request\n")
}

func TestTheListOfRequestsIsBounded(t *testing.T) {
	db := openOver(t, emptyReport{}, -1)
	ctx, summaries := summarized()
	require.NoError(t, readAll(ctx, db, "SELECT id FROM teamup_customers(ids := range(1, 20101))"))
	require.NoError(t, readAll(ctx, db, "SELECT id FROM teamup_customers(ids := [4711])"))
	require.Equal(t, 10_050, (*summaries)[0].Requests)
	require.Equal(t, []string{"[2000]"}, mustTexts(t, db, "SELECT count(*) FROM teamup_requests()"))
	require.Equal(t, []string{fmt.Sprintf("[%d 4711]", (*summaries)[1].Statement)},
		mustTexts(t, db, "SELECT statement, parameters['ids'] FROM teamup_requests() LIMIT 1 OFFSET 1999"), "the newest is last")
	require.Equal(t, []string{"[1999]"},
		mustTexts(t, db, "SELECT count(DISTINCT parameters) FROM teamup_requests() WHERE statement = ?", (*summaries)[0].Statement))
}

// An estimate shows the rate in force: the lowest among the open clients of the token.
func TestEstimatesShowTheRateInForce(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(10))
	defer server.Close()
	client := func(rate int) *httpsource.Client {
		c, err := httpsource.New(httpsource.Config{BaseURL: server.URL(), Token: httpsource.NewToken(t.Name()), RatePerMinute: rate})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, c.Close()) })
		return c
	}
	db, err := tablefunc.Open("", tablefunc.WithClient(client(100)), tablefunc.WithClock(today))
	require.NoError(t, err)
	defer db.Close()
	perMinute := func() int {
		_, list := estimates(t, db, "SELECT max(email) FROM teamup_customers()")
		return list[0].PerMinute
	}
	require.Equal(t, 100, perMinute())
	other := client(20)
	require.Equal(t, 20, perMinute())
	require.NoError(t, other.Close())
	require.Equal(t, 100, perMinute())
}
