package httpsource_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

// fate is what may become of a scan.
type fate func(t *testing.T, r result, want []int64)

func complete(t *testing.T, r result, want []int64) {
	require.NoError(t, r.err)
	assert.True(t, slices.Equal(want, r.ids), "%d rows of %d, %v", len(r.ids), len(want), r.ids)
}

func fails[E error](t *testing.T, r result, _ []int64) {
	var e E
	require.ErrorAs(t, r.err, &e)
}

func refused(status int) fate {
	return func(t *testing.T, r result, _ []int64) {
		var e *httpsource.APIError
		require.ErrorAs(t, r.err, &e)
		assert.Equal(t, status, e.Status)
		assert.Equal(t, 1, e.Tries, "at once")
	}
}

// completeOrSaysSo is for what cannot always be made right.
func completeOrSaysSo(t *testing.T, r result, want []int64) {
	if r.err != nil {
		fails[*httpsource.InconsistentError](t, r, want)
		return
	}
	complete(t, r, want)
}

func undecodable(t *testing.T, r result, _ []int64) {
	assert.ErrorContains(t, r.err, "a row without id")
}

var (
	retryable = [2]fate{complete, fails[*httpsource.RetryError]}
	throttled = [2]fate{complete, fails[*httpsource.RateLimitError]}
	harmless  = [2]fate{complete, complete}
	doubtful  = [2]fate{complete, completeOrSaysSo}
)

func final(f fate) [2]fate { return [2]fate{f, f} }

// fates says of each fault of the catalogue what becomes of a scan that meets it
// once, and one that meets it whenever it asks for a page of that place.
var fates = map[string][2]fate{
	"reset": retryable, "close": retryable, "hang_up": retryable, "hang_up_headers": retryable,
	"stall": retryable, "stall_body": retryable, "delayed": harmless,
	"429": throttled, "429_seconds": throttled, "429_date": throttled,
	"500": retryable, "502": retryable, "503": retryable, "504": retryable, "503_seconds": retryable,
	"400": final(refused(400)), "401": final(refused(401)), "403": final(refused(403)), "404": final(refused(404)), "409": final(refused(409)),
	"truncated_json": retryable, "malformed_json": retryable, "trailing_json": retryable, "empty_body": retryable,
	"null_body": retryable, "no_rows": retryable, "rows_object": retryable, "corrupt_gzip": retryable,
	"null_row": final(undecodable), "null_id": final(undecodable),
	"html": final(fails[*httpsource.NotJSONError]), "wrong_content_type": harmless,
	"gzip_bomb": final(fails[*httpsource.BodyTooLargeError]), "oversized_body": final(fails[*httpsource.BodyTooLargeError]),
	"oversized_value":     final(fails[*httpsource.BodyTooLargeError]),
	"redirect_other_host": final(fails[*httpsource.RedirectError]), "redirect_loop": {complete, fails[*httpsource.RedirectError]},
	"total_null": harmless, "total_text": harmless, "total_negative": harmless, "total_zero": harmless,
	"total_small": harmless, "total_large": harmless, "total_changing": harmless,
	"short_page": doubtful, "empty_page": doubtful, "repeated_rows": doubtful, "doubled_rows": harmless,
	"repeated_page": doubtful, "reordered_rows": doubtful, "extra_rows": harmless,
}

// decoders are the faults that a reader of cells has to notice, not paging.
var decoders = []string{"wrong_type", "wrong_type_integer", "wrong_type_boolean", "fraction", "integer_32", "integer_64",
	"money_overflow", "zero_date", "bad_date", "bad_time", "duplicate_keys", "invalid_utf8", "lone_surrogate", "nul", "deep_json"}

var places = map[string]teamuptest.When{
	"first page": teamuptest.FirstPage, "middle": teamuptest.MiddlePage, "last page": teamuptest.LastPage,
	"repair": teamuptest.Repair, "any page": teamuptest.Always,
}

// outputs collects all that a scan lets out, to be searched for the token.
type outputs struct {
	mu sync.Mutex
	bytes.Buffer
}

func (o *outputs) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.Buffer.Write(p)
}

// listen has a client write everything into o.
func (o *outputs) listen(cfg *httpsource.Config) {
	cfg.Logger = slog.New(slog.NewJSONHandler(o, &slog.HandlerOptions{Level: slog.LevelDebug}))
	cfg.Observer = func(_ context.Context, e httpsource.RequestEvent) {
		fmt.Fprintf(o, "%v\n%+v\n%#v\n%v\n", e, e, e, e.Err)
		text, err := json.Marshal(e.Parameters)
		fmt.Fprintf(o, "%s %v\n", text, err)
	}
}

func (o *outputs) check(t *testing.T, c *httpsource.Client, err error) {
	fmt.Fprintf(o, "%v\n%+v\n%#v\n%v\n%+v\n%#v\n", err, err, err, c, c, c)
	assert.NotContains(t, o.String(), secret)
}

func TestFaultMatrix(t *testing.T) {
	for name, fate := range fates {
		fault, ok := teamuptest.FaultByName(name)
		require.True(t, ok, name)
		for place, when := range places {
			for i, often := range []string{"once", "always"} {
				t.Run(strings.Join([]string{name, place, often}, "/"), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						strikes := when
						if i == 0 {
							strikes = teamuptest.Once(when)
						}
						faultScan(t, fault, strikes, place == "repair", fate[i])
					})
				})
			}
		}
	}
}

// faultScan meets a fault in a scan of some pages, one of which needs a repair.
func faultScan(t *testing.T, fault teamuptest.Fault, when teamuptest.When, repair bool, fate fate) {
	server := teamuptest.New(teamuptest.WithCustomers(450))
	defer server.Close()
	if repair {
		short, _ := teamuptest.FaultByName("short_page")
		server.Inject(short, teamuptest.Nth(2))
	}
	server.Inject(fault, when)
	q := report.Customers.Query().With("columns", []string{"email"}).With("include_deleted", true)
	var out outputs
	c := inProcess(t, server.Transport(), out.listen, func(cfg *httpsource.Config) {
		cfg.RequestTimeout, cfg.MaxBody = 10*time.Second, 4<<20
	})
	r := readAll(t, c, whole(q))
	fate(t, r, expected(t, server, q))
	out.check(t, c, r.err)
	if r.err != nil {
		assert.True(t, strings.HasPrefix(r.err.Error(), "customers report, page at offset "), "%v", r.err)
		assert.Less(t, len(r.err.Error()), 2000)
	}
}

func TestFaultMatrixHoldsTheCatalogue(t *testing.T) {
	for _, f := range teamuptest.Faults() {
		_, here := fates[f.Name]
		assert.True(t, here != slices.Contains(decoders, f.Name), "fault %s", f.Name)
	}
}

// Over real connections, where the transport is net/http's own.
func TestFaultsOnTheWire(t *testing.T) {
	for _, name := range []string{"reset", "close", "hang_up", "hang_up_headers", "stall", "stall_body", "corrupt_gzip", "gzip_bomb",
		"oversized_body", "html", "truncated_json", "redirect_other_host", "redirect_loop", "503"} {
		fault, _ := teamuptest.FaultByName(name)
		for i, often := range []string{"once", "always"} {
			t.Run(name+"/"+often, func(t *testing.T) {
				t.Parallel()
				server := teamuptest.NewServer(teamuptest.WithCustomers(300))
				defer server.Close()
				when := teamuptest.MiddlePage
				if i == 0 {
					when = teamuptest.Once(when)
				}
				server.Inject(fault, when)
				var out outputs
				c := inProcess(t, nil, out.listen, onTheWire(server), func(cfg *httpsource.Config) {
					cfg.MaxBody = 4 << 20
					if strings.HasPrefix(name, "stall") {
						cfg.RequestTimeout = time.Second
						cfg.Retry.Tries = 2
					}
				})
				q := report.Customers.Query().With("include_deleted", true)
				r := readAll(t, c, whole(q))
				fates[name][i](t, r, expected(t, server, q))
				out.check(t, c, r.err)
			})
		}
	}
}

// onTheWire has a client use a listening server, and its own transport.
func onTheWire(s *teamuptest.Server) func(*httpsource.Config) {
	return func(cfg *httpsource.Config) { cfg.BaseURL, cfg.HTTPClient = s.URL(), nil }
}

// A server that repeats the credentials in everything that it says.
func TestTokenIsConcealed(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"message": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(401)
			fmt.Fprintf(w, `{"code":%[1]q,"type":%[1]q,"message":%[1]q,"field_errors":{%[1]q:[%[1]q]}}`, r.Header.Get("Authorization"))
		},
		"page": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, "<html><title>%s</title>", r.Header.Get("Authorization"))
		},
		"error page": func(w http.ResponseWriter, r *http.Request) { http.Error(w, r.Header.Get("Authorization"), 500) },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
			http.Redirect(w, r, "https://elsewhere.test/"+token, http.StatusFound)
		},
		"content type": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", r.Header.Get("Authorization"))
			fmt.Fprint(w, "no JSON")
		},
		"address": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "https://[::"+r.Header.Get("Authorization"))
			w.WriteHeader(http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := teamuptest.New()
			server.Inject(teamuptest.Answer(answer), teamuptest.Always)
			var out outputs
			c := inProcess(t, server.Transport(), out.listen)
			r := readAll(t, c, whole(report.Customers.Query()))
			require.Error(t, r.err)
			out.check(t, c, r.err)
		})
	}
}

// An answer that repeats the token in some other way of writing, in a decoder's error.
func TestTokenIsConcealedHoweverWritten(t *testing.T) {
	const token = `tup"5ecret\<t&k'n>/+=`
	inJSON, err := json.Marshal(token)
	require.NoError(t, err)
	for _, form := range []string{token, url.QueryEscape(token), url.PathEscape(token), strings.ToLower(url.QueryEscape(token)),
		strings.Trim(string(inJSON), `"`), html.EscapeString(token), fmt.Sprintf("%q", token)[1:]} {
		server := teamuptest.New()
		var out outputs
		c := inProcess(t, server.Transport(), out.listen, func(cfg *httpsource.Config) { cfg.Token = httpsource.NewToken(token) })
		s := httpsource.Scan(t.Context(), c, whole(report.Customers.Query()), func([]byte) (*rows, error) {
			return nil, garbled{fmt.Errorf("the answer begins with <%s>", form)}
		})
		_, err := s.Next(t.Context())
		require.ErrorAs(t, err, new(garbled))
		require.NoError(t, s.Close())
		for _, e := range []error{err, errors.Unwrap(err)} {
			assert.NotContains(t, e.Error(), form)
			assert.Contains(t, e.Error(), "<***")
		}
		assert.NotContains(t, out.String(), form)
	}
}

// A context that ends in the middle of a scan ends it soon, over real connections
// too, and leaves nothing behind (TestMain looks for goroutines).
func TestCancelIsPrompt(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(5000))
	defer server.Close()
	stall, _ := teamuptest.FaultByName("stall_body")
	server.Inject(stall, teamuptest.MiddlePage)
	c := inProcess(t, nil, onTheWire(server))
	ctx, cancel := context.WithCancel(t.Context())
	s := httpsource.Scan(ctx, c, whole(report.Customers.Query()), decoder(new(alive)))
	p, err := s.Next(ctx)
	require.NoError(t, err)
	p.Release()
	require.Eventually(t, func() bool { return server.InFlight() == 8 }, 10*time.Second, time.Millisecond)
	cancel()
	start := time.Now()
	_, err = s.Next(context.Background())
	assert.ErrorIs(t, err, context.Canceled)
	require.NoError(t, s.Close())
	assert.Less(t, time.Since(start), 500*time.Millisecond) // some 100 ms, and a busy machine
	require.Eventually(t, func() bool { return server.InFlight() == 0 }, 10*time.Second, time.Millisecond)
}

// Connections are kept: as many as there are requests in flight, and no more.
func TestConnectionsAreReused(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(5000))
	defer server.Close()
	c := inProcess(t, nil, onTheWire(server))
	var dialled dialCounter
	q := report.Customers.Query().With("include_deleted", true)
	ctx := dialled.trace(t.Context())
	s := httpsource.Scan(ctx, c, whole(q), decoder(new(alive)))
	defer s.Close()
	n := 0
	for {
		p, err := s.Next(ctx)
		if err != nil {
			break
		}
		n += len(p.ids)
		p.Release()
	}
	assert.Equal(t, len(expected(t, server, q)), n)
	// One more may be opened while another is on its way back.
	assert.LessOrEqual(t, dialled.Load(), int64(10))
}

// Only the end of the rows is io.EOF, whatever a decoder or a connection says.
func TestFailureIsNotTheEnd(t *testing.T) {
	c := inProcess(t, newList(250))
	s := httpsource.Scan(t.Context(), c, httpsource.Request{Query: report.Customers.Query()}, func(body []byte) (*rows, error) {
		if strings.Contains(string(body), `"id":150`) {
			return nil, fmt.Errorf("decode: %w: %w", io.EOF, context.DeadlineExceeded)
		}
		return decoder(new(alive))(body)
	})
	defer s.Close()
	_, err := s.Next(t.Context())
	require.NoError(t, err)
	_, err = s.Next(t.Context())
	assert.NotErrorIs(t, err, io.EOF)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.ErrorContains(t, err, "decode: EOF")
}
