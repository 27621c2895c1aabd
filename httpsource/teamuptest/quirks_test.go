package teamuptest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

// answerOf is the number of rows and the total that a server gives to a query.
func answerOf(t *testing.T, s *teamuptest.Server, q report.Query) (rows int, total any) {
	q = q.With("format", report.FormatJSON)
	r := httptest.NewRequest(http.MethodGet, "/api/v2/reports/customers/data?"+q.Encode(), nil)
	r.Header.Set("Authorization", "Bearer token")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	require.Equal(t, http.StatusOK, w.Code)
	var answer struct {
		Total any
		Rows  []json.RawMessage
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
	return len(answer.Rows), answer.Total
}

func TestIgnoredParameterHasNoEffect(t *testing.T) {
	all := report.Customers.Query().With("limit", 7)
	some := all.With("is_active", true)
	server := func(ignore string) *teamuptest.Server {
		return teamuptest.New(teamuptest.WithCustomers(450), teamuptest.WithQuirks(teamuptest.Quirks{Ignore: ignore}))
	}
	_, everybody := answerOf(t, server(""), all)
	_, active := answerOf(t, server(""), some)
	require.NotEqual(t, everybody, active)
	rows, total := answerOf(t, server("is_active"), some)
	require.Equal(t, []any{7, everybody}, []any{rows, total})
	rows, total = answerOf(t, server("limit"), some)
	require.Equal(t, []any{report.DefaultLimit, active}, []any{rows, total})
}

func TestWhatTheTotalCounts(t *testing.T) {
	filter := report.Customers.Query().With("limit", 100).With("is_active", true)
	newer := filter.With("id_gt", 102_700)
	server := func(q teamuptest.TotalQuirk) *teamuptest.Server {
		return teamuptest.New(teamuptest.WithCustomers(450), teamuptest.WithQuirks(teamuptest.Quirks{Total: q}))
	}
	_, all := answerOf(t, server(teamuptest.TotalMatching), report.Customers.Query())
	_, active := answerOf(t, server(teamuptest.TotalMatching), filter)
	n, matching := answerOf(t, server(teamuptest.TotalMatching), newer)
	require.Positive(t, n)
	require.EqualValues(t, n, matching)
	for q, want := range map[teamuptest.TotalQuirk]any{teamuptest.TotalLeavesIDGT: active, teamuptest.TotalOfAll: all,
		teamuptest.TotalIsNull: nil, teamuptest.TotalIsMissing: nil} {
		rows, total := answerOf(t, server(q), newer)
		require.Equal(t, []any{n, want}, []any{rows, total})
	}
}
