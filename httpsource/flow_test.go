package httpsource_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
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

// limited is a list behind limits as a server may have them.
type limited struct {
	list
	perSecond   float64 // a bucket that holds a second's worth; 0: no limit
	mostAtOnce  int     // 0: no limit
	retryAfter  string
	mu          sync.Mutex
	tokens      float64
	filled      time.Time
	inFlight    int
	refusals    int
	arrivals    []time.Time
	largestLoad int
}

func (l *limited) RoundTrip(r *http.Request) (*http.Response, error) {
	if !l.enter() {
		res := respond(r, http.StatusTooManyRequests, "application/json", `{"message":"slow down"}`)
		if l.retryAfter != "" {
			res.Header.Set("Retry-After", l.retryAfter)
		}
		return res, nil
	}
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.inFlight--
	}()
	return l.list.RoundTrip(r)
}

func (l *limited) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.filled.IsZero() {
		l.tokens = l.perSecond
	} else {
		l.tokens = min(l.perSecond, l.tokens+now.Sub(l.filled).Seconds()*l.perSecond)
	}
	l.filled = now
	if l.mostAtOnce > 0 && l.inFlight >= l.mostAtOnce || l.perSecond > 0 && l.tokens < 1 {
		l.refusals++
		return false
	}
	l.tokens--
	l.inFlight++
	l.largestLoad = max(l.largestLoad, l.inFlight)
	l.arrivals = append(l.arrivals, now)
	return true
}

// realistic are the waits of a real client.
func realistic(cfg *httpsource.Config) { cfg.Retry = httpsource.Retry{} }

// A server that throttles is read to its end, near the speed that it allows.
func TestThrottlingServer(t *testing.T) {
	for _, test := range []struct {
		name  string
		rows  int
		limit *limited
		best  time.Duration // what a client that knows the limits needs
		slack float64
	}{
		{"5 a second, Retry-After", 20_000, &limited{perSecond: 5, retryAfter: "1"}, 40 * time.Second, 1.25},
		{"5 a second, silent", 20_000, &limited{perSecond: 5}, 40 * time.Second, 1.25},
		{"2 in flight, Retry-After", 40_000, &limited{mostAtOnce: 2, retryAfter: "1"}, 202 * 50 * time.Millisecond, 1.3},
		{"2 in flight, silent", 40_000, &limited{mostAtOnce: 2}, 202 * 50 * time.Millisecond, 1.3},
		{"1 in flight, silent", 40_000, &limited{mostAtOnce: 1}, 404 * 50 * time.Millisecond, 1.3},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := test.limit
				server.list = *newList(test.rows)
				server.delay = 50 * time.Millisecond
				start := time.Now()
				got := readAll(t, inProcess(t, server, realistic), whole(report.Customers.Query()))
				took := time.Since(start)
				require.NoError(t, got.err)
				assert.Equal(t, server.ids, got.ids)
				t.Logf("%v for %v at best, %d of %d requests refused, %v held back", took, test.best, server.refusals, got.stats.Requests, got.stats.RateWait)
				assert.LessOrEqual(t, took, time.Duration(float64(test.best)*test.slack))
				assert.EqualValues(t, server.refusals, got.stats.Retries)
				assert.Positive(t, got.stats.RateWait)
				assert.Less(t, got.stats.RateWait, took)
			})
		})
	}
}

// Within the budget nothing waits; beyond it, no minute sees more than the budget,
// whichever client of the token asks.
func TestBudgetIsSharedAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := limited{list: *newList(15_000)} // 152 pages
		server.delay = 100 * time.Millisecond
		rate := func(cfg *httpsource.Config) { cfg.RatePerMinute = 240 }
		first, second := inProcess(t, &server, rate), inProcess(t, &server, rate)
		start := time.Now()
		require.NoError(t, readAll(t, first, whole(report.Customers.Query())).err)
		assert.Less(t, time.Since(start), 3*time.Second, "a burst runs at full concurrency")
		got := readAll(t, second, whole(report.Customers.Query()))
		require.NoError(t, got.err)
		assert.Greater(t, got.stats.RateWait, 50*time.Second)
		for i := 240; i < len(server.arrivals); i++ {
			assert.GreaterOrEqual(t, server.arrivals[i].Sub(server.arrivals[i-240]), time.Minute)
		}
		assert.Len(t, server.arrivals, 304)
		assert.Less(t, time.Since(start), 63*time.Second)
	})
}

func TestDefaultBudgetIsTeamUpsOnly(t *testing.T) {
	for base, limited := range map[string]bool{httpsource.DefaultBaseURL: true, "https://teamup.test/api/v2": false} {
		synctest.Test(t, func(t *testing.T) {
			c := inProcess(t, newList(30_000), func(cfg *httpsource.Config) { cfg.BaseURL = base })
			start := time.Now()
			require.NoError(t, readAll(t, c, whole(report.Customers.Query())).err)
			assert.Equal(t, limited, time.Since(start) >= time.Minute)
		})
	}
}

// Scans of one client share its concurrency, clients of one token the largest of
// theirs.
func TestConcurrencyIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := limited{list: *newList(3_000)}
		server.delay = 20 * time.Millisecond
		few := inProcess(t, &server, func(cfg *httpsource.Config) { cfg.Concurrency = 3 })
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { assert.NoError(t, readAll(t, few, whole(report.Customers.Query())).err) })
		}
		wg.Wait()
		assert.Equal(t, 3, server.largestLoad)
		many := inProcess(t, &server, func(cfg *httpsource.Config) { cfg.Concurrency = 6 })
		for _, c := range []*httpsource.Client{few, many, many} {
			wg.Go(func() { assert.NoError(t, readAll(t, c, whole(report.Customers.Query())).err) })
		}
		wg.Wait()
		assert.Equal(t, 6, server.largestLoad)
	})
}

// A wait that TeamUp asks for and that is too long is an error, at once.
func TestRateLimitExhausted(t *testing.T) {
	for after, most := range map[string]time.Duration{"7200": time.Second, "": 5 * time.Minute, "100": 5 * time.Minute} {
		t.Run("Retry-After "+after, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := limited{list: *newList(10), perSecond: 1e-9, retryAfter: after}
				start := time.Now()
				got := readAll(t, inProcess(t, &server, realistic), whole(report.Customers.Query()))
				var e *httpsource.RateLimitError
				require.ErrorAs(t, got.err, &e)
				var api *httpsource.APIError
				require.ErrorAs(t, got.err, &api)
				assert.Equal(t, 429, api.Status)
				assert.Equal(t, e.Tries, api.Tries)
				assert.LessOrEqual(t, time.Since(start), most)
				assert.Less(t, e.Tries, 30)
			})
		})
	}
}

func TestScanTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newList(100_000)
		l.delay = 100 * time.Millisecond
		c := inProcess(t, l, func(cfg *httpsource.Config) { cfg.ScanTimeout = 5 * time.Second })
		start := time.Now()
		got := readAll(t, c, whole(report.Customers.Query()))
		assert.ErrorIs(t, got.err, context.DeadlineExceeded)
		assert.ErrorContains(t, got.err, "longer than its limit of 5s")
		assert.Equal(t, 5*time.Second, time.Since(start))
	})
}

func TestRequestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newList(10)
		l.delay = time.Hour
		c := inProcess(t, l, func(cfg *httpsource.Config) {
			cfg.RequestTimeout = 10 * time.Second
			cfg.Retry = httpsource.Retry{Tries: 3}
		})
		start := time.Now()
		got := readAll(t, c, whole(report.Customers.Query()))
		var e *httpsource.RetryError
		require.ErrorAs(t, got.err, &e)
		assert.Equal(t, 3, e.Tries)
		assert.ErrorIs(t, got.err, context.DeadlineExceeded)
		assert.ErrorContains(t, got.err, "no complete answer within the time for one request (10s)")
		assert.Less(t, time.Since(start), 33*time.Second)
	})
}

// Whatever a scan waits for, the end of its context ends it at once.
func TestCancelledWhileWaiting(t *testing.T) {
	for name, server := range map[string]http.RoundTripper{
		"for an answer": &list{delay: time.Hour},
		"for a pause":   &limited{list: *newList(10), perSecond: 1e-9, retryAfter: "200"},
		"for a retry": handler(func(r *http.Request) (*http.Response, error) {
			res := respond(r, 503, "text/plain", "")
			res.Header.Set("Retry-After", "200")
			return res, nil
		}),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := inProcess(t, server, realistic)
				ctx, cancel := context.WithCancel(context.Background())
				var alive atomic.Int64
				s := httpsource.Scan(ctx, c, whole(report.Customers.Query()), decoder(&alive))
				time.AfterFunc(10*time.Second, cancel)
				start := time.Now()
				_, err := s.Next(context.Background())
				assert.ErrorIs(t, err, context.Canceled)
				require.NoError(t, s.Close())
				assert.Equal(t, 10*time.Second, time.Since(start))
			})
		})
	}
}

// The context of Next ends that call alone.
func TestNextContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newList(10)
		l.delay = time.Second
		var alive atomic.Int64
		s := httpsource.Scan(t.Context(), inProcess(t, l), whole(report.Customers.Query()), decoder(&alive))
		defer s.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := s.Next(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		p, err := s.Next(t.Context())
		require.NoError(t, err)
		assert.Equal(t, l.ids, p.ids)
		p.Release()
	})
}

// Requests go out in the order of pages, also when they queue.
func TestRequestsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var offsets []string
		l := newList(3_000)
		l.delay = 10 * time.Millisecond
		l.bend = func(q url.Values, _ *listAnswer) {
			mu.Lock()
			defer mu.Unlock()
			offsets = append(offsets, q.Get("offset"))
		}
		c := inProcess(t, l, func(cfg *httpsource.Config) { cfg.Concurrency = 1 })
		require.NoError(t, readAll(t, c, whole(report.Customers.Query())).err)
		for i, offset := range offsets {
			assert.Equal(t, fmt.Sprint(99*i), offset)
		}
	})
}

// What goes on is told: events for each request, a log, statistics while it lasts.
func TestObservation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var mu sync.Mutex
		var events, own []httpsource.RequestEvent
		server := limited{list: *newList(250), retryAfter: "30"}
		server.delay = time.Second
		server.mostAtOnce = 1
		c := inProcess(t, &server, func(cfg *httpsource.Config) {
			cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			cfg.ProviderID = 7
			cfg.Observer = func(_ context.Context, e httpsource.RequestEvent) {
				mu.Lock()
				defer mu.Unlock()
				events = append(events, e)
			}
		})
		var alive atomic.Int64
		s := httpsource.Scan(t.Context(), c, httpsource.Request{Query: report.Customers.Query(), WholeScan: true, Observer: func(_ context.Context, e httpsource.RequestEvent) {
			mu.Lock()
			defer mu.Unlock()
			own = append(own, e)
		}}, decoder(&alive))
		p, err := s.Next(t.Context())
		require.NoError(t, err)
		p.Release()
		synctest.Wait()
		stats := s.Stats()
		assert.True(t, stats.Waiting)
		assert.EqualValues(t, 1, stats.InFlight)
		assert.EqualValues(t, 250, stats.RowsTotal)
		assert.EqualValues(t, 3, stats.PagesTotal)
		for range 2 {
			p, err := s.Next(t.Context())
			require.NoError(t, err)
			p.Release()
		}
		require.NoError(t, s.Close())
		require.Len(t, events, 4)
		assert.Equal(t, events, own, "the scan's observer is told what the client's is")
		first, refused, retried := events[0], events[1], events[3]
		assert.Equal(t, httpsource.ReasonFirstPage, first.Reason)
		assert.Equal(t, "/api/v2/reports/customers/data", first.Path)
		assert.Equal(t, url.Values{"columns": {"id"}, "format": {"json"}, "limit": {"100"}, "offset": {"0"}, "sort": {"id"}}, first.Parameters)
		assert.Equal(t, []any{"GET", int64(7), 1, 200, 100, time.Second},
			[]any{first.Method, first.ProviderID, first.Try, first.Status, first.Rows, first.Duration})
		assert.Equal(t, 429, refused.Status)
		assert.Error(t, refused.Err)
		assert.Equal(t, []any{2, 200, 30 * time.Second, httpsource.ReasonPage}, []any{retried.Try, retried.Status, retried.Waited, retried.Reason})
		assert.Equal(t, 30*time.Second, s.Stats().RateWait)
		assert.Contains(t, log.String(), `msg="rate limit: pausing" pause=30s in_flight_limit=4`)
		assert.Contains(t, log.String(), `msg="request failed, trying again" path=/api/v2/reports/customers/data provider_id=7 reason=page try=1 status=429`)
		assert.NotContains(t, log.String(), secret)
	})
}

// The limits in force are those of the open clients of a token: the lowest rate and
// the largest concurrency. What has been sent counts whichever client is there.
func TestLimitsAreThoseOfOpenClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := limited{list: *newList(3_000)} // 31 pages
		server.delay = 20 * time.Millisecond
		with := func(rate, concurrency int) *httpsource.Client {
			return inProcess(t, &server, func(cfg *httpsource.Config) { cfg.RatePerMinute, cfg.Concurrency = rate, concurrency })
		}
		took := func(c *httpsource.Client) time.Duration {
			server.largestLoad = 0
			start := time.Now()
			require.NoError(t, readAll(t, c, whole(report.Customers.Query())).err)
			return time.Since(start).Round(time.Minute)
		}
		wide := with(100, 2)
		assert.Equal(t, 100, wide.RatePerMinute())
		assert.Zero(t, took(wide))

		narrow := with(20, 6)
		assert.Equal(t, 20, wide.RatePerMinute(), "the lowest rate counts for all")
		assert.Equal(t, 2*time.Minute, took(wide), "as do the requests before it")
		require.NoError(t, narrow.Close())
		require.NoError(t, narrow.Close())
		assert.Equal(t, 100, wide.RatePerMinute())
		assert.Equal(t, 100, narrow.RatePerMinute(), "there is one budget")
		assert.Zero(t, took(wide), "which ends with its client")
		assert.Equal(t, 2, server.largestLoad)

		free := with(-1, 4)
		assert.Equal(t, 100, free.RatePerMinute())
		require.NoError(t, wide.Close())
		assert.Zero(t, free.RatePerMinute())
		for range 10 {
			assert.Zero(t, took(free))
		}
		assert.Equal(t, 4, server.largestLoad)

		// A request that waits goes out when the client that held it back is gone.
		held := with(1, 1)
		ended := make(chan time.Duration)
		go func() { ended <- took(free) }()
		synctest.Wait()
		require.NoError(t, held.Close())
		assert.Zero(t, <-ended)

		require.NoError(t, free.Close())
		last := with(20, 3)
		assert.Equal(t, 20, last.RatePerMinute())
		assert.Equal(t, 2*time.Minute, took(last), "also those sent without a limit count")
		assert.LessOrEqual(t, server.largestLoad, 3)
	})
}
