package tablefunc_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

func TestNamedParametersReachTheServer(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(50))
	db.SetMaxOpenConns(1)
	mustExec(t, db, "SET TimeZone = 'Europe/Berlin'")
	for parameter, want := range map[string]string{
		"active_memberships := [2, 1, 2]":                               "active_memberships=1,2",
		"created_at_gte := '2026-01-01'":                                "created_at_gte=2026-01-01T00:00:00Z", // DuckDB casts a function's arguments without the session's zone
		"created_at_gte := TIMESTAMPTZ '2026-01-01'":                    "created_at_gte=2025-12-31T23:00:00Z",
		"created_at_lte := TIMESTAMPTZ '2026-01-01 00:00:00.5+00'":      "created_at_lte=2026-01-01T00:00:00.5Z",
		"created_at_timeframe := 'last_30_days'":                        "created_at_timeframe=last_30_days",
		"date_of_birth_gte := '1990-01-01'":                             "date_of_birth_gte=1990-01-01",
		"date_of_birth_lte := DATE '2000-02-29'":                        "date_of_birth_lte=2000-02-29",
		"has_account_credit := true":                                    "has_account_credit=true",
		"id_gt := 1000":                                                 "id_gt=1000",
		"ids := [3, 1]":                                                 "ids=1,3",
		"include_deleted := true":                                       "include_deleted=true",
		"is_active := false":                                            "is_active=false",
		"is_claimed := true":                                            "is_claimed=true",
		"is_new := true":                                                "is_new=true",
		"is_slipping_away := true":                                      "is_slipping_away=true",
		"registration_blocked := true":                                  "registration_blocked=true",
		"is_any := ['new', 'lead']":                                     "is_any=lead,new",
		"latest_registration_starts_at_gte := '2026-01-01 00:00:00+00'": "latest_registration_starts_at_gte=2026-01-01T00:00:00Z",
		"latest_registration_starts_at_lte := '2026-07-01 00:00:00+00'": "latest_registration_starts_at_lte=2026-07-01T00:00:00Z",
		"is_active := NULL":                                             "",
	} {
		mustTexts(t, db, "SELECT id FROM teamup_customers("+parameter+")")
		require.Equal(t, []string{want}, filters(server), parameter)
	}
	for _, p := range report.Customers.Parameters {
		_, err := texts(db, "SELECT id FROM teamup_customers("+p.Name+" := NULL)")
		require.Equal(t, p.Engine, err != nil, p.Name)
	}
}

func TestNamedParametersMayBeArguments(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(50))
	stmt, err := db.Prepare("SELECT id FROM teamup_customers(ids := $1, is_active := $2)")
	require.NoError(t, err)
	defer stmt.Close()
	for _, active := range []bool{true, false} {
		rows, err := stmt.Query([]int64{5, 7}, active)
		require.NoError(t, err)
		require.NoError(t, rows.Close())
		require.Equal(t, []string{map[bool]string{true: "ids=5,7&is_active=true", false: "ids=5,7&is_active=false"}[active]}, filters(server))
	}
}

func TestBadParametersAreRefusedBeforeARequest(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(50))
	for parameter, want := range map[string]string{
		"ids := [0]":                          "ids: 0 is not allowed; give whole numbers of 1 or more",
		"ids := [1, NULL]":                    "ids:",
		"id_gt := -1":                         "id_gt: -1 is not allowed",
		"active_memberships := [-5]":          "active_memberships: -5",
		"extra_customer_fields := [0]":        "extra_customer_fields: 0",
		"is_any := ['old']":                   `is_any: "old" is not allowed; give any of new, claimed`,
		"created_at_gte := 'infinity'":        "created_at_gte:",
		"date_of_birth_gte := '-infinity'":    "date_of_birth_gte:",
		"created_at_gte := '12000-01-01'":     "created_at_gte:",
		"created_at_timeframe := ''":          "created_at_timeframe:",
		"provider_id := 0":                    "provider_id: 0 is not allowed",
		"is_active := 'maybe'":                "maybe",
		"created_at_gte := 'yesterday'":       "yesterday",
		"columns := ['id']":                   "columns",
		"nonsense := 1":                       "nonsense",
		"ids := [99999999999999999999999999]": "99999999999999999999999999",
	} {
		_, err := texts(db, "SELECT id FROM teamup_customers("+parameter+")")
		require.Error(t, err, parameter)
		require.Contains(t, err.Error(), want, parameter)
	}
	require.Empty(t, server.Requests())
}

// The examples of docs/parameters.md have rows.
func TestExamplesOfParametersRun(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(900), teamuptest.WithProviders(7, 8, 9))
	page, err := os.ReadFile("../docs/parameters.md")
	require.NoError(t, err)
	examples := strings.Split(string(page), "```sql\n")[1:]
	require.Len(t, examples, 2)
	for _, e := range examples {
		query, _, _ := strings.Cut(e, "```")
		if !strings.Contains(query, "provider_ids") {
			query = strings.Replace(query, "teamup_customers(", "teamup_customers(provider_id := 7, ", 1)
		}
		require.NotEmpty(t, mustTexts(t, db, query), query)
	}
}

func TestProviderIsChosenPerCall(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(50), teamuptest.WithProviders(7, 8))
	mustTexts(t, db, "SELECT a.id FROM teamup_customers(provider_id := 7) a FULL JOIN teamup_customers(provider_id := 8) b USING (id)")
	seen := map[string]bool{}
	for _, r := range server.Requests() {
		seen[r.Header.Get("TeamUp-Provider-ID")] = true
	}
	require.Equal(t, map[string]bool{"7": true, "8": true}, seen)
	_, err := texts(db, "FROM teamup_customers(provider_id := 9)")
	var api *httpsource.APIError
	require.ErrorAs(t, err, &api)
	require.Equal(t, 403, api.Status)
}
