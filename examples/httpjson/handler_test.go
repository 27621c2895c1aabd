package main

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/tablefunc"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard)
	goleak.VerifyTestMain(m)
}

// open is a handler over a report of so many customers.
func open(t *testing.T, patience time.Duration, options ...teamuptest.Option) (http.Handler, *teamuptest.Server) {
	t.Helper()
	server := teamuptest.New(options...)
	t.Cleanup(server.Close)
	client, err := httpsource.New(httpsource.Config{Token: httpsource.NewToken("demo"), RatePerMinute: -1,
		HTTPClient: &http.Client{Transport: server.Transport()},
		Retry:      httpsource.Retry{Tries: 2, Elapsed: time.Second, Wait: time.Millisecond, MaxWait: time.Millisecond}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	db, err := tablefunc.Open("", tablefunc.WithClient(client))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return handler(db, patience), server
}

func get(h http.Handler, path string) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Result()
}

func TestStatusOfFailures(t *testing.T) {
	stall := teamuptest.Answer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	fault := func(name string) teamuptest.Fault {
		f, ok := teamuptest.FaultByName(name)
		require.True(t, ok)
		return f
	}
	for name, c := range map[string]struct {
		fault    teamuptest.Fault
		patience time.Duration
		status   int
		says     string
	}{
		"the token is refused": {fault("401"), time.Minute, http.StatusBadGateway, "refuses"},
		"not allowed":          {fault("403"), time.Minute, http.StatusBadGateway, "refuses"},
		"TeamUp is down":       {fault("503"), time.Minute, http.StatusBadGateway, "does not answer"},
		"too many requests":    {teamuptest.Status(http.StatusTooManyRequests, "3600"), time.Minute, http.StatusServiceUnavailable, "rate limit"},
		"TeamUp is slow":       {stall, 20 * time.Millisecond, http.StatusGatewayTimeout, "too long"},
		"a value is wrong":     {teamuptest.Cell("created_at", `"never"`), time.Minute, http.StatusInternalServerError, "went wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			h, _ := open(t, c.patience, teamuptest.WithCustomers(10), teamuptest.WithFault(c.fault, teamuptest.Always))
			r := get(h, "/customers")
			body, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			assert.Equal(t, c.status, r.StatusCode, string(body))
			assert.Contains(t, string(body), c.says)
			if c.status == http.StatusServiceUnavailable {
				assert.Equal(t, "3600", r.Header.Get("Retry-After"))
			}
		})
	}
}

// What a stranger writes is a value, whatever it looks like.
func TestValuesAreBound(t *testing.T) {
	h, server := open(t, time.Minute, teamuptest.WithCustomers(50))
	r := get(h, "/customers?venue="+url.QueryEscape("x' OR 'a'='a"))
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, r.StatusCode)
	assert.JSONEq(t, `{"customers": []}`, string(body))
	asked := len(server.Requests())
	for _, query := range []string{"active=perhaps", "limit=1001", "limit=-1", "after=x", "order=id;DROP", "limit=1%3BDROP"} {
		assert.Equal(t, http.StatusBadRequest, get(h, "/customers?"+query).StatusCode, query)
	}
	assert.Len(t, server.Requests(), asked, "a bad request asks nothing")
}

func TestFiltersReachTheReport(t *testing.T) {
	h, server := open(t, time.Minute, teamuptest.WithCustomers(500))
	assert.Equal(t, http.StatusOK, get(h, "/customers?active=true&after=100100&limit=5").StatusCode)
	query := server.Requests()[0].RawQuery
	assert.Contains(t, query, "is_active=true")
	assert.Contains(t, query, "id_gt=100100")
}
