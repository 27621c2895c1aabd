package teamuptest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// seen is what a plain client makes of the faults of the catalogue.
var seen = map[string]string{
	"reset": "no answer", "close": "no answer", "hang_up": "broken body", "hang_up_headers": "broken body",
	"stall": "cancelled", "stall_body": "cancelled", "delayed": "the page",
	"429": "429", "429_seconds": "429", "429_date": "429", "503_seconds": "503", "500": "500", "502": "502", "503": "503", "504": "504",
	"400": "400", "401": "401", "403": "403", "404": "404", "409": "409", "redirect_other_host": "302", "redirect_loop": "302",
	"truncated_json": "bad JSON", "malformed_json": "bad JSON", "trailing_json": "bad JSON", "empty_body": "bad JSON", "html": "bad JSON",
	"null_body": "other JSON", "no_rows": "other JSON", "rows_object": "other JSON", "null_row": "other JSON",
	"wrong_content_type": "the page", "corrupt_gzip": "broken body", "gzip_bomb": "a flood", "oversized_body": "a flood",
	"oversized_value": "a flood", "deep_json": "bad JSON", "lone_surrogate": "other JSON", "nul": "other JSON",
	"invalid_utf8": "other JSON", "duplicate_keys": "other JSON",
	"wrong_type": "other JSON", "wrong_type_integer": "other JSON", "wrong_type_boolean": "other JSON", "fraction": "other JSON",
	"integer_32": "other JSON", "integer_64": "other JSON", "null_id": "other JSON", "money_overflow": "other JSON",
	"zero_date": "other JSON", "bad_date": "other JSON", "bad_time": "other JSON",
	"total_null": "other JSON", "total_text": "other JSON", "total_negative": "other JSON", "total_zero": "other JSON",
	"total_small": "other JSON", "total_large": "other JSON", "total_changing": "other JSON",
	"short_page": "other JSON", "empty_page": "other JSON", "repeated_rows": "other JSON", "doubled_rows": "other JSON",
	"repeated_page": "other JSON", "reordered_rows": "other JSON", "extra_rows": "other JSON",
}

// observe asks as a client would that unpacks gzip and follows no redirects.
func observe(ctx context.Context, t *testing.T, rt http.RoundTripper, url string, plain []byte) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer secret")
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := rt.RoundTrip(req)
	switch {
	case ctx.Err() != nil:
		return "cancelled"
	case err != nil:
		return "no answer"
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return itoa(resp.StatusCode)
	}
	return judge(ctx, resp, plain)
}

func judge(ctx context.Context, resp *http.Response, plain []byte) string {
	const bound = 8 << 20
	var body []byte
	in := resp.Body
	var err error
	if resp.Header.Get("Content-Encoding") == "gzip" {
		in, err = gzip.NewReader(resp.Body)
	}
	if err == nil {
		body, err = io.ReadAll(io.LimitReader(in, bound))
	}
	switch {
	case ctx.Err() != nil:
		return "cancelled"
	case err != nil:
		return "broken body"
	case len(body) == bound:
		return "a flood"
	case bytes.Equal(body, plain):
		return "the page"
	case json.Valid(body):
		return "other JSON"
	}
	return "bad JSON"
}

func TestCatalogueOfFaults(t *testing.T) {
	t.Parallel()
	require.Len(t, teamuptest.Faults(), len(seen))
	network := &http.Transport{DisableCompression: true}
	defer network.CloseIdleConnections()
	for _, f := range teamuptest.Faults() {
		require.Contains(t, seen, f.Name)
		require.NotEmpty(t, f.Doc)
		byName, ok := teamuptest.FaultByName(f.Name)
		require.True(t, ok)
		require.Equal(t, f.Doc, byName.Doc)
		for _, inProcess := range []bool{true, false} {
			strike(t, f, inProcess, network)
		}
	}
	_, ok := teamuptest.FaultByName("nothing")
	require.False(t, ok)
}

// strike lets a fault hit the second of three requests for a page in the middle. The
// client gives up on a stall as soon as the server has the request.
func strike(t *testing.T, f teamuptest.Fault, inProcess bool, network http.RoundTripper) {
	s := teamuptest.NewServer(teamuptest.WithCustomers(500))
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.Inject(f, func(c teamuptest.Call) bool {
		if c.N == 2 && strings.HasPrefix(f.Name, "stall") {
			cancel()
		}
		return c.N == 2
	})
	rt := network
	if inProcess {
		rt = s.Transport()
	}
	target := path + "?format=json&sort=id&limit=100&offset=200"
	_, plain := get(t, s, target)
	require.Equal(t, seen[f.Name], observe(ctx, t, rt, s.URL()+target, plain), "%s, in process: %v", f.Name, inProcess)
	_, after := get(t, s, target)
	require.Equal(t, plain, after, "%s strikes once", f.Name)
	require.Eventually(t, func() bool { return s.InFlight() == 0 }, 5*time.Second, time.Millisecond)
	require.Equal(t, f.Name, s.Requests()[1].Fault)
}

func TestFaultsStrikeWhereTheyShould(t *testing.T) {
	t.Parallel()
	gone, _ := teamuptest.FaultByName("404")
	for name, c := range map[string]struct {
		when   teamuptest.When
		struck []bool // of pages at 0, 100, 200, 300, then id_gt from 0, then the first page again
	}{
		"always": {teamuptest.Always, []bool{true, true, true, true, true, true}},
		"first":  {teamuptest.FirstPage, []bool{true, false, false, false, true, true}},
		"middle": {teamuptest.MiddlePage, []bool{false, true, true, false, false, false}},
		"last":   {teamuptest.LastPage, []bool{false, false, false, true, false, false}},
		"repair": {teamuptest.Repair, []bool{false, false, false, false, true, false}},
		"once":   {teamuptest.Once(teamuptest.FirstPage), []bool{true, false, false, false, false, false}},
		"twice":  {teamuptest.Times(2, teamuptest.Always), []bool{true, true, false, false, false, false}},
		"third":  {teamuptest.Nth(3), []bool{false, false, true, false, false, false}},
	} {
		s := teamuptest.New(teamuptest.WithCustomers(350))
		s.Inject(gone, c.when)
		var struck []bool
		for _, params := range []string{"offset=0", "offset=100", "offset=200", "offset=300", "id_gt=100", "offset=0"} {
			resp, _ := get(t, s, path+"?include_deleted=true&format=json&limit=100&"+params)
			struck = append(struck, resp.StatusCode == 404)
		}
		require.Equal(t, c.struck, struck, name)
		s.ClearFaults()
		resp, _ := get(t, s, path)
		require.Equal(t, http.StatusOK, resp.StatusCode)
	}
}

func TestMadeFaults(t *testing.T) {
	t.Parallel()
	s := teamuptest.New()
	s.Inject(teamuptest.Cell("age", `"old"`), teamuptest.Nth(1))
	s.Inject(teamuptest.Status(418, "7"), teamuptest.Nth(2))
	s.Inject(teamuptest.Body(bytes.ToUpper), teamuptest.Nth(3))
	s.Inject(teamuptest.Answer(http.NotFoundHandler()), teamuptest.Nth(4))
	s.Inject(teamuptest.Delay(time.Millisecond), teamuptest.Nth(5))
	p := getPage(t, s, "columns=age&limit=5")
	require.Equal(t, "old", p.Rows[2]["age"])
	require.NotEqual(t, "old", p.Rows[1]["age"])
	resp, _ := get(t, s, path)
	require.Equal(t, 418, resp.StatusCode)
	require.Equal(t, "7", resp.Header.Get("Retry-After"))
	_, body := get(t, s, path+"?format=json")
	require.Contains(t, string(body), `"TOTAL"`)
	resp, _ = get(t, s, path)
	require.Equal(t, 404, resp.StatusCode)
	getPage(t, s, "limit=1")
}

// TestRedirectToAnotherHost shows that a test can see whether the token followed.
func TestRedirectToAnotherHost(t *testing.T) {
	t.Parallel()
	s := teamuptest.NewServer()
	defer s.Close()
	away, _ := teamuptest.FaultByName("redirect_other_host")
	s.Inject(away, teamuptest.Always)
	client := &http.Client{Transport: s.Transport()}
	req, err := http.NewRequest(http.MethodGet, s.URL()+path+"?format=json", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer secret")
	resp, err := client.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	log := s.Requests()
	require.Len(t, log, 2)
	require.True(t, strings.HasPrefix(log[1].Host, "localhost:"))
	require.True(t, log[0].Authorized)
	require.False(t, log[1].Authorized, "net/http drops the header at another host")
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
}

// TestCloseEndsAStall does so while the client still waits.
func TestCloseEndsAStall(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"stall", "stall_body"} {
		stall, _ := teamuptest.FaultByName(name)
		s := teamuptest.NewServer(teamuptest.WithFault(stall, teamuptest.Always))
		ended := make(chan error)
		go func() {
			req := httptest.NewRequest(http.MethodGet, s.URL()+path+"?format=json", nil)
			req.RequestURI = ""
			req.Header.Set("Authorization", "Bearer x")
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			resp, err := transport.RoundTrip(req)
			if err == nil {
				_, err = io.ReadAll(resp.Body)
				_ = resp.Body.Close()
			}
			ended <- err
		}()
		require.Eventually(t, func() bool { return s.InFlight() == 1 }, 5*time.Second, time.Millisecond)
		s.Close()
		require.Error(t, <-ended)
	}
}
