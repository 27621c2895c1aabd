package teamuptest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const path = "/reports/customers/data"

func query(t testing.TB, text string) report.Query {
	t.Helper()
	v, err := url.ParseQuery(text)
	require.NoError(t, err)
	q, err := report.Customers.Parse(v)
	require.NoError(t, err)
	return q
}

// row is one row of an answer; its numbers are json.Number.
type row map[string]any

func (r row) id() int64 {
	n, _ := r["id"].(json.Number).Int64()
	return n
}

// at follows a dotted name into the row; nil for NULL.
func (r row) at(name string) any {
	var v any = map[string]any(r)
	for _, part := range strings.Split(name, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[part]
	}
	return v
}

type page struct {
	Total   int              `json:"total"`
	Headers []map[string]any `json:"column_headers"`
	Rows    []row            `json:"rows"`
}

// get asks without a network; header is name, value, name, value….
func get(t testing.TB, s *teamuptest.Server, target string, header ...string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+target, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer secret")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := s.Transport().RoundTrip(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, body
}

func getPage(t testing.TB, s *teamuptest.Server, params string) page {
	t.Helper()
	resp, body := get(t, s, path+"?format=json&"+params)
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s: %s", params, body)
	require.Equal(t, "application/json", resp.Header.Get("Content-Type"))
	return decode(t, body)
}

func decode(t testing.TB, body []byte) page {
	t.Helper()
	var p page
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	require.NoError(t, d.Decode(&p), "%.300s", body)
	return p
}

// getAll reads every page.
func getAll(t testing.TB, s *teamuptest.Server, params string) []row {
	t.Helper()
	var all []row
	for {
		p := getPage(t, s, params+"&limit=100&offset="+itoa(len(all)))
		all = append(all, p.Rows...)
		if len(p.Rows) == 0 {
			require.Len(t, all, p.Total)
			return all
		}
	}
}

func ids(rows []row) []int64 {
	list := []int64{}
	for _, r := range rows {
		list = append(list, r.id())
	}
	return list
}
