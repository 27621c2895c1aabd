package tablefunc_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

func TestExplainSaysWhatWouldBeAsked(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(10))
	e, err := tablefunc.Explain(context.Background(), db,
		`SELECT email FROM teamup_customers() WHERE is_active AND created_at >= TIMESTAMPTZ '2026-01-01 00:00:00+00' AND email = $mail`, sql.Named("mail", "x"))
	require.NoError(t, err)
	require.NoError(t, e.Unplanned)
	require.Len(t, e.Scans, 1)
	s := e.Scans[0]
	require.Equal(t, []string{"/api/v2/reports/customers/data?columns=id,email,created_at,is_active" +
		"&created_at_gte=2025-12-31T23:59:59Z&format=json&is_active=true&limit=100&offset=0&sort=id"}, s.Requests)
	fates := map[pushdown.Outcome]int{}
	for _, f := range s.Predicates {
		fates[f.Outcome]++
	}
	require.Equal(t, map[pushdown.Outcome]int{pushdown.Exact: 1, pushdown.Widened: 1, pushdown.Left: 1}, fates)
	require.Contains(t, e.String(), "email has no parameter in this report")
	require.False(t, s.Exact)
	require.Empty(t, server.Requests(), "nothing is asked to explain")
}

func TestExplainShowsWhatNeedsNoRequest(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(10))
	for query, want := range map[string]string{
		"SELECT 1": "The statement sends no requests to TeamUp.\n",
		"CREATE OR REPLACE TEMP VIEW v AS FROM teamup_customers()":               "The statement sends no requests to TeamUp.\n",
		"CREATE MACRO m() AS TABLE SELECT * FROM teamup_customers()":             "The statement sends no requests to TeamUp.\n",
		"PREPARE p AS SELECT * FROM teamup_customers()":                          "The statement sends no requests to TeamUp.\n",
		"SELECT * FROM teamup_customers() WHERE id > 5 AND id < 3":               "scan 1: no request",
		"SELECT * FROM teamup_customers(ids := [])":                              "scan 1: no request, no customer can match",
		"SELECT id FROM teamup_customers(is_active := true) WHERE NOT is_active": "scan 1: no request, no customer can match",
	} {
		e, err := tablefunc.Explain(context.Background(), db, query)
		require.NoError(t, err)
		require.Contains(t, e.String(), want, query)
		require.NotContains(t, e.String(), "GET", query)
	}
	_, err := tablefunc.Explain(context.Background(), db, "SELECT 1; SELECT 2")
	require.ErrorContains(t, err, "one statement")
}

func TestExplainNamesTheRule(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(10))
	for query, want := range map[string]requests.Rule{
		"SELECT count(*) FROM teamup_customers() WHERE is_active":                      requests.RuleCount,
		"SELECT email FROM teamup_customers() ORDER BY created_at DESC LIMIT 20":       requests.RuleTop,
		"SELECT email FROM teamup_customers() LIMIT 20":                                requests.RuleLimit,
		"SELECT email FROM teamup_customers() WHERE email LIKE '%x' LIMIT 20":          "",
		"SELECT count(*) FROM teamup_customers() WHERE created_at > '2026-01-01'":      "",
		"SELECT email FROM teamup_customers() ORDER BY email LIMIT 20":                 "",
		"SELECT email FROM teamup_customers() ORDER BY created_at NULLS FIRST LIMIT 2": "",
	} {
		e, err := tablefunc.Explain(context.Background(), db, query)
		require.NoError(t, err)
		require.Len(t, e.Scans, 1)
		require.Equal(t, want, e.Scans[0].Rule, query)
		require.Len(t, e.Scans[0].Requests, 1)
	}
	require.Empty(t, server.Requests())
}

func TestExplainShowsWhatIsSentForScansThatShare(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(10))
	const query = "SELECT a.email FROM teamup_customers() a JOIN teamup_customers() b ON a.id = b.referring_member.id"
	e, err := tablefunc.Explain(context.Background(), db, query)
	require.NoError(t, err)
	require.Len(t, e.Scans, 2)
	require.Empty(t, e.Scans[1].Requests)
	mustTexts(t, db, query)
	require.Len(t, server.Requests(), 1)
	require.Equal(t, []string{server.Requests()[0].Path + "?" + server.Requests()[0].RawQuery}, e.Scans[0].Requests)
}
