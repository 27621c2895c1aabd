package teamuptest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

func TestARowHoldsAllColumnsInTheirOrder(t *testing.T) {
	t.Parallel()
	p := getPage(t, teamuptest.New(), "")
	require.Len(t, p.Rows, report.DefaultLimit)
	require.Greater(t, p.Total, 4500)
	var names []string
	for _, c := range report.Customers.Columns {
		names = append(names, c.Name)
		require.Contains(t, p.Rows[0], c.Name)
	}
	require.Len(t, p.Rows[0], len(names))
	for i, h := range p.Headers {
		require.Equal(t, names[i], h["key"])
	}
	require.Equal(t, map[string]any{"label": "Customer ID", "key": "id", "sortable": true, "holds_customer_id": true, "required": true}, p.Headers[0])
}

// TestEveryKeyOfTheColumnsParameter asks for each alone: the row has it, under the
// column's name, nested if it is a part.
func TestEveryKeyOfTheColumnsParameter(t *testing.T) {
	t.Parallel()
	s, flat := teamuptest.New(), teamuptest.New(teamuptest.WithQuirks(teamuptest.Quirks{Parts: teamuptest.Flat}))
	whole := getPage(t, s, "sort=id&limit=100")
	for _, c := range report.Customers.Columns {
		asked := map[string]string{c.Name: c.Name}
		for _, part := range c.Type.Fields {
			for _, key := range part.Keys {
				asked[key] = c.Name + "." + part.Name
			}
		}
		for key, name := range asked {
			p, f := getPage(t, s, "sort=id&limit=100&columns="+key), getPage(t, flat, "sort=id&limit=100&columns="+key)
			require.Equal(t, name, p.Headers[len(p.Headers)-1]["key"])
			for i, r := range whole.Rows {
				require.Equal(t, r.at(name), p.Rows[i].at(name), key)
				require.Contains(t, f.Rows[i], name)
				require.Equal(t, r.at(name), f.Rows[i][name], key)
				require.LessOrEqual(t, len(p.Rows[i]), 2)
			}
		}
	}
	p := getPage(t, s, "sort=id&limit=100&columns=family_name,id,family.role")
	require.Len(t, p.Headers, 3)
	for i, r := range p.Rows {
		require.Equal(t, whole.Rows[i].at("family.role"), r.at("family.role"))
		if family, ok := r["family"].(map[string]any); ok {
			require.Len(t, family, 2)
		}
	}
}

func TestRowShapesHoldTheSameValues(t *testing.T) {
	t.Parallel()
	plain := getPage(t, teamuptest.New(), "sort=id&limit=100")
	for _, q := range []teamuptest.Quirks{{EscapeUnicode: true}, {ExtraKeys: true}, {OmitNulls: true}, {Parts: teamuptest.AllFlat}, {MoneyAsText: true, IntegersAsText: true}} {
		p := getPage(t, teamuptest.New(teamuptest.WithQuirks(q)), "sort=id&limit=100")
		for _, h := range p.Headers {
			require.True(t, q.OmitNulls || slices.Contains(slices.Collect(maps.Keys(p.Rows[0])), h["key"].(string)), h["key"])
		}
		for i, r := range p.Rows {
			for _, c := range report.Customers.Columns {
				want := plain.Rows[i][c.Name]
				if q.Parts == teamuptest.AllFlat && len(c.Type.Fields) > 0 {
					for _, part := range c.Type.Fields {
						require.Equal(t, plain.Rows[i].at(c.Name+"."+part.Name), r[c.Name+"."+part.Name])
					}
					continue
				}
				if q.IntegersAsText {
					a, _ := json.Marshal(want)
					b, _ := json.Marshal(r[c.Name])
					require.Equal(t, strings.ReplaceAll(string(a), `"`, ""), strings.ReplaceAll(string(b), `"`, ""))
					continue
				}
				require.Equal(t, want, r[c.Name], "%+v %s", q, c.Name)
				require.False(t, q.OmitNulls && want == nil && len(r) == len(plain.Rows[i]))
			}
		}
	}
}

func TestPagingBothWays(t *testing.T) {
	t.Parallel()
	s := teamuptest.New(teamuptest.WithCustomers(250))
	all, err := s.Store().IDs(report.Customers.Query())
	require.NoError(t, err)
	for params, want := range map[string][]int64{
		"limit=100": all[:100], "": all[:50], "offset=30": all[30:80], "limit=7&offset=200": all[200:207],
		"page=1": all[:50], "page=2&page_size=30": all[30:60], "page_size=20": all[:20], "limit=0": {}, "page=2&page_size=0": {},
		"offset=100000": {}, "page=100000": {}, "page=9223372036854775807": {}, "limit=100&offset=9223372036854775807": {},
		"offset=" + itoa(len(all)-3): all[len(all)-3:],
	} {
		p := getPage(t, s, params)
		require.Equal(t, want, ids(p.Rows), params)
		require.Equal(t, len(all), p.Total)
	}
	fixed := teamuptest.New(teamuptest.WithCustomers(250), teamuptest.WithQuirks(teamuptest.Quirks{FixedLimit: 20}))
	require.Equal(t, all[100:120], ids(getPage(t, fixed, "limit=100&offset=100").Rows))
}

func TestCSVIsTheDefault(t *testing.T) {
	t.Parallel()
	s := teamuptest.New()
	resp, body := get(t, s, path+"?sort=id&limit=100&columns=id,first_name,venue_name,active_customer_memberships,age")
	require.Equal(t, "text/csv; charset=utf-8", resp.Header.Get("Content-Type"))
	records, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"Customer ID", "First name", "Venue name", "Active customer memberships", "Age"}, records[0])
	for i, r := range getPage(t, s, "sort=id&limit=100").Rows {
		require.Equal(t, itoa(int(r.id())), records[i+1][0])
		if name, ok := r["first_name"].(string); ok {
			require.Equal(t, strings.ReplaceAll(name, "\r\n", "\n"), records[i+1][1])
		} else {
			require.Empty(t, records[i+1][1])
		}
	}
}

func TestCustomFields(t *testing.T) {
	t.Parallel()
	s := teamuptest.New()
	p := getPage(t, s, "columns=id&extra_customer_fields=1,2,3,12&limit=100")
	require.Len(t, p.Headers, 5)
	require.Equal(t, "custom_field_12", p.Headers[4]["key"])
	require.Equal(t, "Custom field 12", p.Headers[4]["label"])
	kinds := map[string]bool{}
	for _, r := range p.Rows {
		require.Len(t, r, 5)
		_, isText := r["custom_field_1"].(string)
		_, isNumber := r["custom_field_2"].(json.Number)
		_, isBool := r["custom_field_3"].(bool)
		kinds["text"], kinds["number"], kinds["bool"] = kinds["text"] || isText, kinds["number"] || isNumber, kinds["bool"] || isBool
		kinds["null"] = kinds["null"] || r["custom_field_12"] == nil
	}
	require.Equal(t, map[string]bool{"text": true, "number": true, "bool": true, "null": true}, kinds)
}

// TestRefusals are the answers in the error envelope.
func TestRefusals(t *testing.T) {
	t.Parallel()
	one, two := teamuptest.New(teamuptest.WithTokens("secret", "other")), teamuptest.New(teamuptest.WithProviders(7, 8))
	only := teamuptest.New(teamuptest.WithOnlyColumns("id", "email"))
	for _, c := range []struct {
		server *teamuptest.Server
		target string
		header []string
		status int
		code   string
		field  string
	}{
		{one, path, []string{"Authorization", ""}, 401, "authentication_failed", ""},
		{one, path, []string{"Authorization", "Bearer wrong"}, 401, "authentication_failed", ""},
		{one, path, []string{"Authorization", "Basic secret"}, 401, "authentication_failed", ""},
		{one, path, []string{"Authorization", "JWT other"}, 200, "", ""},
		{one, path, []string{"Authorization", "Token secret", "TeamUp-Provider-ID", "5", "TeamUp-Request-Mode", "provider"}, 200, "", ""},
		{one, path, []string{"TeamUp-Provider-ID", "x"}, 400, "provider_header_invalid", ""},
		{one, path, []string{"TeamUp-Request-Mode", "customer"}, 403, "mode_not_allowed", ""},
		{two, path, nil, 400, "provider_header_missing", ""},
		{two, path, []string{"TeamUp-Provider-ID", "9"}, 403, "provider_invalid", ""},
		{two, path, []string{"TeamUp-Provider-ID", "8"}, 200, "", ""},
		{one, "/reports/customers", nil, 404, "not_found", ""},
		{one, path + "?limit=%zz", nil, 400, "parameter_invalid", "non_field_errors"},
		{one, path + "?limit=101", nil, 400, "parameter_invalid", "limit"},
		{one, path + "?format=xml", nil, 400, "parameter_invalid", "format"},
		{one, path + "?columns=nope", nil, 400, "parameter_invalid", "columns"},
		{one, path + "?sort=venue", nil, 400, "parameter_invalid", "sort"},
		{one, path + "?nope=1", nil, 400, "parameter_invalid", "nope"},
		{one, path + "?extra_customer_fields=21", nil, 400, "parameter_invalid", "extra_customer_fields"},
		{one, path + "?created_at_timeframe=soon", nil, 400, "parameter_invalid", "created_at_timeframe"},
		{only, path + "?columns=id", nil, 200, "", ""},
		{only, path + "?columns=id,age", nil, 400, "parameter_invalid", "columns"},
		{only, path, nil, 400, "parameter_invalid", "columns"},
	} {
		resp, body := get(t, c.server, c.target, c.header...)
		require.Equal(t, c.status, resp.StatusCode, "%s %v", c.target, c.header)
		if c.status == http.StatusOK {
			continue
		}
		var e struct {
			Type, Code, Message string
			FieldErrors         map[string][]string `json:"field_errors"`
		}
		require.NoError(t, json.Unmarshal(body, &e))
		require.Equal(t, "invalid_request_error", e.Type)
		require.Equal(t, c.code, e.Code)
		require.NotEmpty(t, e.Message)
		if c.field != "" {
			require.NotEmpty(t, e.FieldErrors[c.field])
		}
	}
	req, err := http.NewRequest(http.MethodPost, one.URL()+path, nil)
	require.NoError(t, err)
	resp, err := one.Transport().RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode)
}

func TestBusinessesDiffer(t *testing.T) {
	t.Parallel()
	s := teamuptest.New(teamuptest.WithProviders(7, 8), teamuptest.WithCustomers(50))
	_, seven := get(t, s, path+"?format=json", "TeamUp-Provider-ID", "7")
	_, eight := get(t, s, path+"?format=json", "TeamUp-Provider-ID", "8")
	require.NotEqual(t, seven, eight)
	require.Nil(t, s.Store())
	require.NotNil(t, s.Store(7))
	require.Nil(t, s.Store(9))
}

// TestTransportAnswersAsTheListenerDoes compares the two ways of reaching a server.
func TestTransportAnswersAsTheListenerDoes(t *testing.T) {
	t.Parallel()
	s := teamuptest.NewServer()
	defer s.Close()
	require.True(t, strings.HasSuffix(s.URL(), "/api/v2"))
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	for _, target := range []string{path + "?format=json&limit=100", path, path + "?limit=x", "/nothing"} {
		for _, accept := range []string{"identity", "gzip"} {
			req, err := http.NewRequest(http.MethodGet, s.URL()+target, nil)
			require.NoError(t, err)
			req.Header.Set("Authorization", "Bearer secret")
			req.Header.Set("Accept-Encoding", accept)
			far, err := client.Do(req)
			require.NoError(t, err)
			farBody, err := io.ReadAll(far.Body)
			require.NoError(t, err)
			require.NoError(t, far.Body.Close())
			near, nearBody := get(t, s, target, "Accept-Encoding", accept)
			require.Equal(t, far.StatusCode, near.StatusCode)
			require.Equal(t, far.Status, near.Status)
			require.Equal(t, farBody, nearBody)
			require.Equal(t, far.ContentLength, near.ContentLength)
			far.Header.Del("Date")
			require.Equal(t, far.Header, near.Header)
			if near.Header.Get("Content-Encoding") == "gzip" {
				z, err := gzip.NewReader(bytes.NewReader(nearBody))
				require.NoError(t, err)
				text, err := io.ReadAll(z)
				require.NoError(t, err)
				_, plain := get(t, s, target)
				require.Equal(t, plain, text)
			}
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	s := teamuptest.New(teamuptest.WithRate(0.001, 2), teamuptest.WithRetryAfter(1500*time.Millisecond))
	for i, want := range []int{200, 200, 429, 429} {
		resp, body := get(t, s, path)
		require.Equal(t, want, resp.StatusCode, i)
		if want == 429 {
			require.Equal(t, "2", resp.Header.Get("Retry-After"))
			require.Contains(t, string(body), `"code":"throttled"`)
		}
	}
	s = teamuptest.New(teamuptest.WithMaxInFlight(1))
	stall, _ := teamuptest.FaultByName("stall")
	s.Inject(stall, teamuptest.Once(teamuptest.Always))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+path, nil)
		req.Header.Set("Authorization", "Bearer x")
		_, err := s.Transport().RoundTrip(req)
		ended <- err
	}()
	require.Eventually(t, func() bool { return s.InFlight() == 1 }, 5*time.Second, time.Millisecond)
	resp, _ := get(t, s, path)
	require.Equal(t, 429, resp.StatusCode)
	require.Empty(t, resp.Header.Get("Retry-After"))
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.Equal(t, 2, s.MaxInFlight())
	require.Eventually(t, func() bool { return s.InFlight() == 0 }, 5*time.Second, time.Millisecond)
}

func TestLatencyEndsWithTheRequest(t *testing.T) {
	t.Parallel()
	s := teamuptest.New(teamuptest.WithLatency(time.Hour))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+path, nil)
	require.NoError(t, err)
	_, err = s.Transport().RoundTrip(req)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestTheLogHasNoSecrets(t *testing.T) {
	t.Parallel()
	s := teamuptest.New(teamuptest.WithTokens("secret"))
	get(t, s, path+"?limit=3&columns=id", "User-Agent", "me", "TeamUp-Provider-ID", "4")
	get(t, s, path, "Authorization", "Bearer wrong-one")
	log := s.Requests()
	require.Len(t, log, 2)
	r := log[0]
	require.True(t, r.Authorized && r.Done)
	require.Equal(t, "/api/v2"+path, r.Path)
	require.Equal(t, "limit=3&columns=id", r.RawQuery)
	require.Equal(t, []string{"3"}, r.Query["limit"])
	require.Equal(t, http.Header{"User-Agent": {"me"}, "Teamup-Provider-Id": {"4"}}, r.Header)
	require.Equal(t, []int{200, 3, 1}, []int{r.Status, r.Rows, r.InFlight})
	require.Positive(t, r.Bytes)
	require.False(t, log[1].Authorized)
	require.Equal(t, 401, log[1].Status)
	text, err := json.Marshal(log)
	require.NoError(t, err)
	require.NotContains(t, string(text), "secret")
	require.NotContains(t, string(text), "wrong-one")
	s.ResetLog()
	require.Empty(t, s.Requests())
	require.Zero(t, s.MaxInFlight())
}

func TestServeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- teamuptest.New().Serve(ctx, l) }()
	resp, err := http.Get("http://" + l.Addr().String() + "/")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
	cancel()
	require.NoError(t, <-ended)
	require.Error(t, teamuptest.ListenAndServe(t.Context(), "127.0.0.1:-1"))
	http.DefaultClient.CloseIdleConnections()
}
