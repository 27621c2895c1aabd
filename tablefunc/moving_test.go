package tablefunc_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

// TestRulesStayTrueWhileTheReportMoves lets the report change before every request.
// Then an answer need not be that of any one moment, but whoever was there all the
// time counts, and nobody else than who was there at some time.
func TestRulesStayTrueWhileTheReportMoves(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(1200), teamuptest.WithMutations(1))
	mustExec(t, db, "CREATE TABLE chosen AS SELECT id FROM teamup_customers() WHERE id % 7 = 0")
	chosen := ids(t, db, "FROM chosen")
	for range 20 {
		got, always, ever := during(t, db, server, "SELECT count(*) FROM teamup_customers()")
		require.GreaterOrEqual(t, got[0], int64(len(always)))
		require.LessOrEqual(t, got[0], int64(len(ever)))

		got, always, ever = during(t, db, server, "SELECT id FROM teamup_customers() ORDER BY id DESC LIMIT 20")
		require.Subset(t, ever, got)
		require.Len(t, got, 20)
		for _, id := range always {
			require.True(t, id < got[19] || slices.Contains(got, id))
		}

		got, _, ever = during(t, db, server, "SELECT id FROM teamup_customers() LIMIT 130")
		require.Subset(t, ever, got)
		require.Len(t, got, 130)

		got, always, ever = during(t, db, server, "SELECT c.id FROM teamup_customers() c JOIN chosen USING (id)")
		require.Subset(t, ever, got)
		require.Subset(t, chosen, got)
		for _, id := range always {
			require.True(t, !slices.Contains(chosen, id) || slices.Contains(got, id))
		}

		got, always, ever = during(t, db, server, "SELECT a.id FROM teamup_customers() a JOIN teamup_customers() b ON a.id = b.id")
		require.Subset(t, ever, got)
		require.Subset(t, got, always)
	}
}

// during runs a query and says who matched all the while, and who at some time.
func during(t *testing.T, db querier, server *teamuptest.Server, query string) (got, always, ever []int64) {
	from := server.Store().Seq()
	got = ids(t, db, query)
	always, ever, err := server.Store().Throughout(report.Customers.Query(), from, server.Store().Seq())
	require.NoError(t, err)
	return got, always, ever
}

// ids are the rows of a query with one number each.
func ids(t *testing.T, db querier, query string) []int64 {
	rows, err := db.QueryContext(context.Background(), query)
	require.NoError(t, err, query)
	defer rows.Close()
	var list []int64
	for rows.Next() {
		var id int64
		require.NoError(t, rows.Scan(&id))
		list = append(list, id)
	}
	require.NoError(t, rows.Err())
	return list
}
