package httpsource_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/report"
)

// flaky answers with the given statuses first, then as the list does.
type flaky struct {
	list
	statuses   []int
	retryAfter func() string
	mu         sync.Mutex
	times      []time.Time
}

func (f *flaky) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.times = append(f.times, time.Now())
	if n := len(f.times); n <= len(f.statuses) {
		res := respond(r, f.statuses[n-1], "application/json", `{"message":"not now"}`)
		if f.retryAfter != nil {
			res.Header.Set("Retry-After", f.retryAfter())
		}
		return res, nil
	}
	return f.list.RoundTrip(r)
}

// Waits grow, within their jitter, up to the longest.
func TestBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &flaky{list: *newList(3), statuses: []int{500, 502, 503, 504, 500, 500, 500}}
		c := inProcess(t, server, func(cfg *httpsource.Config) {
			cfg.Retry = httpsource.Retry{Tries: 8, Wait: time.Second, MaxWait: 8 * time.Second}
		})
		r := readAll(t, c, whole(report.Customers.Query()))
		require.NoError(t, r.err)
		assert.EqualValues(t, 7, r.stats.Retries)
		for i, mean := range []float64{1, 2, 4, 8, 8, 8, 8} {
			wait := server.times[i+1].Sub(server.times[i]).Seconds()
			assert.InDelta(t, mean, wait, mean/2+0.01)
		}
	})
}

func TestRetryLimits(t *testing.T) {
	always := make([]int, 1000)
	for i := range always {
		always[i] = 503
	}
	for name, test := range map[string]struct {
		retry httpsource.Retry
		tries int
		most  time.Duration
	}{
		"tries":   {httpsource.Retry{Tries: 3}, 3, 3 * time.Second},
		"default": {httpsource.Retry{}, 5, 12 * time.Second},
		"one":     {httpsource.Retry{Tries: 1}, 1, 0},
		"time":    {httpsource.Retry{Tries: 1000, Elapsed: time.Minute}, 0, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &flaky{statuses: always}
				start := time.Now()
				r := readAll(t, inProcess(t, server, func(cfg *httpsource.Config) { cfg.Retry = test.retry }), whole(report.Customers.Query()))
				var e *httpsource.RetryError
				require.ErrorAs(t, r.err, &e)
				var api *httpsource.APIError
				require.ErrorAs(t, r.err, &api)
				assert.Equal(t, len(server.times), e.Tries)
				if test.tries > 0 {
					assert.Equal(t, test.tries, e.Tries)
				}
				assert.LessOrEqual(t, time.Since(start), test.most)
			})
		})
	}
}

func TestRetryAfterIsKept(t *testing.T) {
	for _, status := range []int{503, 429} {
		for name, after := range map[string]func() string{
			"seconds": func() string { return "7" },
			"date":    func() string { return time.Now().Add(7 * time.Second).UTC().Format(http.TimeFormat) },
		} {
			t.Run(fmt.Sprint(status, name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					server := &flaky{list: *newList(3), statuses: []int{status}, retryAfter: after}
					require.NoError(t, readAll(t, inProcess(t, server, realistic), whole(report.Customers.Query())).err)
					assert.Equal(t, 7*time.Second, server.times[1].Sub(server.times[0]).Round(time.Second))
				})
			})
		}
	}
}

func TestAPIErrorText(t *testing.T) {
	for want, test := range map[string]struct {
		status int
		body   string
	}{
		"TeamUp answered 401 Unauthorized (authentication_failed): Bad token; check TEAMUP_TOKEN, httpsource.Config.Token or httpsource.Config.TokenSource, and httpsource.Config.Scheme [": {401, `{"type":"invalid_request_error","code":"authentication_failed","message":"Bad token"}`},
		"403 Forbidden (provider_invalid): No access; check TEAMUP_PROVIDER_ID or httpsource.Config.ProviderID":                                                                             {403, `{"code":"provider_invalid","message":"No access"}`},
		"400 Bad Request (parameter_invalid): No; columns: is retired, try another; non_field_errors: both; the report rejects":                                                             {400, `{"code":"parameter_invalid","message":"No","field_errors":{"non_field_errors":"both","columns":["is retired","try another"]}}`},
		"400 Bad Request (provider_header_missing): Which?; set TEAMUP_PROVIDER_ID":                                                                                                         {400, `{"code":"provider_header_missing","message":"Which?"}`},
		"404 Not Found: Gone here; check TEAMUP_BASE_URL or httpsource.Config.BaseURL, which ends with /api/v2":                                                                             {404, `<html><head><TITLE lang="en">Gone   here</TITLE>`},
		"418 I'm a teapot: short and stout [GET https://teamup.test/api/v2/reports/customers/data?columns=id&format=json&limit=100&offset=0&sort=id]":                                       {418, `short and stout`},
	} {
		c := inProcess(t, handler(func(r *http.Request) (*http.Response, error) {
			return respond(r, test.status, "", test.body), nil
		}), func(cfg *httpsource.Config) { cfg.ProviderID = 7 })
		r := readAll(t, c, whole(report.Customers.Query()))
		assert.ErrorContains(t, r.err, want)
		assert.ErrorContains(t, r.err, "customers report of business 7, page at offset 0: ")
		assert.EqualValues(t, 1, r.stats.Requests)
	}
}

// A page that fails for good stops the requests behind it.
func TestFailureStopsTheScan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int64
		l := newList(100_000)
		l.delay = time.Second
		inner := handler(func(r *http.Request) (*http.Response, error) {
			sent.Add(1)
			switch offset, _ := strconv.Atoi(r.URL.Query().Get("offset")); {
			case offset == 198:
				return respond(r, 400, "application/json", `{"code":"parameter_invalid"}`), nil
			case offset > 198: // still in flight when the page before the failed one arrives
				time.Sleep(time.Second)
			}
			return l.RoundTrip(r)
		})
		r := readAll(t, inProcess(t, inner), whole(report.Customers.Query()))
		var e *httpsource.APIError
		require.ErrorAs(t, r.err, &e)
		assert.ErrorContains(t, r.err, "page at offset 198")
		assert.Len(t, r.ids, 199, "the pages before it")
		// The first page, eight in flight, and those that took the place of the two that ended.
		assert.LessOrEqual(t, sent.Load(), int64(9+2))
	})
}

// Many scans at once, some of them given up, share a client (for -race).
func TestManyScansSomeCancelled(t *testing.T) {
	l := newList(1500)
	l.delay = time.Millisecond
	c := inProcess(t, l)
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			var n alive
			s := httpsource.Scan(t.Context(), c, httpsource.Request{Query: report.Customers.Query(), WholeScan: i%2 == 0}, decoder(&n))
			defer func() {
				assert.NoError(t, s.Close())
				assert.Zero(t, n.Load())
			}()
			if i%3 == 0 {
				wg.Go(func() { time.Sleep(time.Duration(i) * time.Millisecond); _ = s.Close(); _ = s.Stats() })
			}
			total := 0
			for {
				p, err := s.Next(t.Context())
				if err != nil {
					break
				}
				total += len(p.ids)
				p.Release()
				_ = s.Stats()
			}
			if i%3 != 0 {
				assert.Equal(t, 1500, total)
			}
		})
	}
	wg.Wait()
}

var callers atomic.Int64

// fromServer answers one request with what a fuzzer made up.
func fromServer(t *testing.T, status int, header http.Header, body string) error {
	c := inProcess(t, handler(func(r *http.Request) (*http.Response, error) {
		res := respond(r, status, "", body)
		res.Header = header
		return res, nil
	}), func(cfg *httpsource.Config) {
		cfg.Retry.Tries, cfg.Retry.Elapsed = 1, time.Nanosecond
		cfg.Token = httpsource.NewToken(fmt.Sprint(secret, callers.Add(1))) // whom no 429 holds back
	})
	return readAll(t, c, whole(report.Customers.Query())).err
}

// Whatever an error answer holds, it gives an *APIError that can be printed in a line.
func FuzzErrorEnvelope(f *testing.F) {
	f.Fuzz(func(t *testing.T, status int, contentType, body string) {
		if status < 100 || status > 999 || status == 200 || status == 429 || status >= 300 && status < 400 {
			t.Skip()
		}
		err := fromServer(t, status, http.Header{"Content-Type": {contentType}}, body)
		var e *httpsource.APIError
		require.ErrorAs(t, err, &e)
		assert.Equal(t, status, e.Status)
		assert.NotContains(t, err.Error(), secret)
		assert.NotContains(t, err.Error(), "\n")
		assert.True(t, strings.ToValidUTF8(err.Error(), "") == err.Error())
	})
}

// Whatever Retry-After says, the wait is none or a day at most.
func FuzzRetryAfter(f *testing.F) {
	f.Fuzz(func(t *testing.T, value string) {
		if strings.ContainsAny(value, "\r\n\x00") {
			t.Skip()
		}
		err := fromServer(t, 429, http.Header{"Retry-After": {value}}, "")
		var e *httpsource.APIError
		require.ErrorAs(t, err, &e)
		assert.GreaterOrEqual(t, e.RetryAfter, time.Duration(0))
		assert.LessOrEqual(t, e.RetryAfter, 24*time.Hour)
		if seconds, bad := url.QueryUnescape(value); bad == nil && seconds == "120" {
			assert.Equal(t, 2*time.Minute, e.RetryAfter)
		}
	})
}
