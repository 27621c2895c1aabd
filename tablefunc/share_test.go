package tablefunc_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// TestTheSameRequestIsSentOnce lets several scans of a statement ask for the same
// customers, with other columns.
func TestTheSameRequestIsSentOnce(t *testing.T) {
	inEachMode(t, func(t *testing.T, m mode) {
		live, server := m.open(t, teamuptest.WithCustomers(900))
		plain := openAt(t, server.URL(), tablefunc.WithoutPushdown())
		server.ResetLog()
		mustTexts(t, live, "SELECT max(email) FROM teamup_customers()")
		scan := len(server.Requests())
		for query, scans := range map[string]int{
			"SELECT a.email, b.full_name FROM teamup_customers() a JOIN teamup_customers() b ON a.id = b.referring_member.id":             1,
			"SELECT a.id FROM teamup_customers() a JOIN teamup_customers() b ON a.id = b.id + 1 JOIN teamup_customers() c ON c.id = b.id": 1,
			"WITH x AS (SELECT * FROM teamup_customers()) SELECT id FROM x UNION ALL SELECT age FROM x":                                   1,
			"SELECT email FROM teamup_customers() UNION SELECT full_name FROM teamup_customers()":                                         1,
			"SELECT (SELECT max(age) FROM teamup_customers()), (SELECT min(email) FROM teamup_customers())":                               1,
			"SELECT venue.name FROM teamup_customers() UNION ALL SELECT venue::VARCHAR FROM teamup_customers()":                           1,
			"SELECT a.email FROM teamup_customers() a JOIN teamup_customers(is_active := true) b USING (id)":                              2,
			// Each round of the recursion reads the customers once more.
			"WITH RECURSIVE r AS (SELECT id, 0 AS d FROM teamup_customers() UNION ALL SELECT c.id, d + 1 FROM r JOIN teamup_customers() c ON c.id = r.id WHERE d < 4) SELECT d, count(*) FROM r GROUP BY d": 1,
		} {
			want := mustTexts(t, plain, query)
			server.ResetLog()
			require.Equal(t, sorted(want), sorted(mustTexts(t, live, query)), query)
			require.LessOrEqual(t, len(server.Requests()), scans*scan, query)
		}
	})
}

// Both references see the same customers while the report moves.
func TestSharedScansSeeTheSame(t *testing.T) {
	inEachMode(t, func(t *testing.T, m mode) {
		db, _ := m.open(t, teamuptest.WithCustomers(1500), teamuptest.WithMutations(1))
		for range 10 {
			require.Equal(t, []string{"[0]"}, mustTexts(t, db,
				"SELECT count(*) FROM teamup_customers() a FULL JOIN teamup_customers() b ON a.id = b.id WHERE a.id IS NULL OR b.id IS NULL OR a.email IS DISTINCT FROM b.email OR a.is_active IS DISTINCT FROM b.is_active"))
		}
	})
}

func TestASharedScanThatFailsFailsTheStatement(t *testing.T) {
	inEachMode(t, func(t *testing.T, m mode) {
		db, _ := m.open(t, teamuptest.WithCustomers(900), teamuptest.WithFault(fault(t, "403"), teamuptest.MiddlePage))
		_, err := texts(db, "SELECT a.email, b.full_name FROM teamup_customers() a JOIN teamup_customers() b ON a.id = b.referring_member.id")
		require.ErrorContains(t, err, report.Customers.Function)
	})
}

func TestASharedScanIsCancelled(t *testing.T) {
	inEachMode(t, func(t *testing.T, m mode) {
		db, _ := m.open(t, teamuptest.WithCustomers(900), teamuptest.WithLatency(time.Hour))
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		_, err := db.QueryContext(ctx, "SELECT a.email, b.full_name FROM teamup_customers() a JOIN teamup_customers() b ON a.id = b.referring_member.id")
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func fault(t testing.TB, name string) teamuptest.Fault {
	f, ok := teamuptest.FaultByName(name)
	require.True(t, ok, name)
	return f
}
