package tablefunc_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// TestViewsAndMacrosArePlanned covers statements that don't name the function and
// read the report all the same.
func TestViewsAndMacrosArePlanned(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(400))
	db.SetMaxOpenConns(1)
	mustExec(t, db,
		"CREATE VIEW active AS SELECT * FROM teamup_customers() WHERE is_active",
		"CREATE MACRO fresh() AS TABLE SELECT id, email FROM teamup_customers() WHERE is_new",
		"CREATE TABLE kept (id BIGINT, n BIGINT)", "CREATE SEQUENCE s")
	server.ResetLog()
	check := func(want string) {
		t.Helper()
		require.Equal(t, one(want), sent(server))
	}
	mustTexts(t, db, "SELECT email FROM active")
	check("is_active=true")
	mustTexts(t, db, "FROM fresh()")
	check("is_new=true")
	mustTexts(t, db, "WITH a AS (FROM active) SELECT id FROM a WHERE is_claimed = ?;", true)
	check("is_active=true&is_claimed=true")

	// Once is once: what was tried first has left nothing.
	for _, inTransaction := range []bool{false, true} {
		mustExec(t, db, "DELETE FROM kept")
		if inTransaction {
			mustExec(t, db, "BEGIN")
		}
		_, err := db.Exec("INSERT INTO kept SELECT id, nextval('s') FROM fresh()")
		require.NoError(t, err)
		check("is_new=true")
		mustExec(t, db, "INSERT INTO kept VALUES (1, nextval('s')); UPDATE kept SET id = -id WHERE id IN (SELECT id FROM active); SELECT 1")
		require.Len(t, sent(server), 1)
		require.Equal(t, []string{"[true]"}, mustTexts(t, db, "SELECT count(*) FILTER (id < 0) = (SELECT count(*) FROM active WHERE is_new) FROM kept"))
		server.ResetLog()
		require.Equal(t, []string{"[true]"}, mustTexts(t, db, "SELECT max(n) - min(n) = count(*) - 1 AND count(*) > 1 FROM kept"))
		if inTransaction {
			mustExec(t, db, "COMMIT")
		}
		require.Equal(t, []string{"[true]"}, mustTexts(t, db, "SELECT count(*) > 1 FROM kept"))
		server.ResetLog()
	}
}

func TestPlainStatementsAreDuckDBsOwn(t *testing.T) {
	db, _ := open(t)
	require.Equal(t, []string{"[3]"}, mustTexts(t, db, "SELECT $1::INT + $2::INT;", 1, 2))
	_, err := texts(db, "SELECT nothing")
	require.ErrorContains(t, err, "nothing")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = db.ExecContext(ctx, "SELECT count(*) FROM range(1000000000) a, range(1000) b")
	require.ErrorIs(t, err, context.Canceled)
	result, err := db.Exec("CREATE TABLE t AS FROM range(10); INSERT INTO t FROM range(7)")
	require.NoError(t, err)
	n, err := result.RowsAffected()
	require.NoError(t, err)
	require.Equal(t, int64(7), n)
	require.Equal(t, []string{fmt.Sprint([]int{17})}, mustTexts(t, db, "SELECT count(*) FROM t"))
}
