package tablefunc_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/tablefunc"
)

func TestFewestRequests(t *testing.T) {
	const customers = 3000
	live, server := open(t, teamuptest.WithCustomers(customers))
	// A scan that a LIMIT cuts off may still be sending requests, so it has its own server.
	other := teamuptest.NewServer(teamuptest.WithCustomers(customers))
	t.Cleanup(other.Close)
	plain := openAt(t, other.URL(), tablefunc.WithoutPushdown())
	for query, most := range map[string]int{
		"SELECT count(*) FROM teamup_customers()":                                                                2,
		"SELECT count(*) FROM teamup_customers() WHERE is_active":                                                2,
		"SELECT count(*) FROM teamup_customers() WHERE is_active AND id > 105000":                                2,
		"SELECT count(*) FROM teamup_customers() WHERE is_new OR is_lead":                                        2,
		"SELECT count(*) FROM teamup_customers() WHERE date_of_birth < DATE '1990-01-01'":                        2,
		"SELECT count(*) FROM teamup_customers(is_claimed := true) WHERE is_active":                              2,
		"SELECT (SELECT count(*) FROM teamup_customers()) + 1":                                                   2,
		"SELECT count(*) FROM teamup_customers() UNION ALL SELECT count(*) FROM teamup_customers() WHERE is_new": 4,
		"SELECT count(*) FROM teamup_customers() WHERE id > 5 AND id < 3":                                        0,
		"SELECT count(*) FROM (SELECT id FROM teamup_customers() LIMIT 10)":                                      1,
		"SELECT count(*) FROM (SELECT id FROM teamup_customers() WHERE is_active LIMIT 5 OFFSET 20)":             1,
		"SELECT count(*) FROM (SELECT * FROM teamup_customers() ORDER BY created_at DESC LIMIT 20)":              1,
		"SELECT count(*) FROM (SELECT * FROM teamup_customers() ORDER BY email LIMIT 20)":                        1,
		"SELECT count(*) FROM (SELECT * FROM teamup_customers() WHERE is_active ORDER BY id LIMIT 500)":          2,
		"SELECT count(*) FROM (SELECT * FROM teamup_customers() OFFSET 100)":                                     2,
		"SELECT id, email FROM teamup_customers() ORDER BY id LIMIT 20":                                          1,
		"SELECT id, email FROM teamup_customers() ORDER BY id DESC LIMIT 20":                                     1,
		"SELECT id FROM teamup_customers() WHERE is_active ORDER BY id DESC LIMIT 5 OFFSET 5":                    1,
	} {
		want := mustTexts(t, plain, query)
		server.ResetLog()
		require.Equal(t, sorted(want), sorted(mustTexts(t, live, query)), query)
		require.LessOrEqual(t, len(server.Requests()), most, query)
	}
}

// Newest customers: who has no time of creation makes the report's order useless,
// and the scan reads everything instead.
func TestNewestCustomersAreRight(t *testing.T) {
	const query = "SELECT created_at FROM teamup_customers() WHERE is_active ORDER BY created_at DESC LIMIT 20"
	for _, nulls := range []teamuptest.NullOrder{teamuptest.NullsLargest, teamuptest.NullsFirst, teamuptest.NullsLast} {
		for _, ignore := range []bool{false, true} {
			live, server := open(t, teamuptest.WithCustomers(900), teamuptest.WithQuirks(teamuptest.Quirks{NullOrder: nulls, IgnoreSort: ignore}))
			plain := openAt(t, server.URL(), tablefunc.WithoutPushdown())
			want := mustTexts(t, plain, query)
			server.ResetLog()
			require.Equal(t, want, mustTexts(t, live, query))
			const one = "SELECT id FROM teamup_customers() ORDER BY id DESC LIMIT 1"
			require.Equal(t, mustTexts(t, plain, one), mustTexts(t, live, one), "one row alone shows no order")
			server.ResetLog()
			mustTexts(t, live, query)
			if nulls == teamuptest.NullsLast && !ignore {
				require.Len(t, server.Requests(), 1)
			}
		}
	}
}

func TestACountIsProvenOrCounted(t *testing.T) {
	for _, fault := range []string{"total_null", "total_small", "total_large", "total_changing", "total_zero"} {
		f, ok := teamuptest.FaultByName(fault)
		require.True(t, ok)
		live, server := open(t, teamuptest.WithCustomers(900), teamuptest.WithFault(f, teamuptest.Always))
		ids, err := server.Store().IDs(report.Customers.Query())
		require.NoError(t, err)
		got, err := texts(live, "SELECT count(*) FROM teamup_customers()")
		if err == nil {
			require.Equal(t, []string{fmt.Sprintf("[%d]", len(ids))}, got, fault)
		}
	}
}

// Arguments decide as literals do.
func TestFewestRequestsWithArguments(t *testing.T) {
	inEachMode(t, func(t *testing.T, m mode) {
		live, server := m.open(t, teamuptest.WithCustomers(3000))
		for query, args := range map[string][]any{
			"SELECT id FROM teamup_customers() LIMIT ?":                             {7},
			"SELECT id FROM teamup_customers() ORDER BY id LIMIT ? OFFSET ?":        {5, 3},
			"SELECT count(*) FROM (SELECT id FROM teamup_customers() LIMIT $n)":     {20},
			"SELECT email FROM teamup_customers() WHERE id = ? AND gender = ANY(?)": {100100, []string{"female", "male"}},
		} {
			server.ResetLog()
			mustTexts(t, live, query, args...)
			require.Len(t, server.Requests(), 1, query)
		}
	})
}
