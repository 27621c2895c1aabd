package tablefunc_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// TestTheFunctionsAreTables leaves out the parentheses.
func TestTheFunctionsAreTables(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(350))
	all := mustTexts(t, db, "SELECT id FROM teamup_customers() WHERE is_active ORDER BY id")
	for _, query := range []string{
		"SELECT id FROM teamup_customers WHERE is_active ORDER BY id",
		`SELECT c.id FROM "Teamup_Customers" c JOIN teamup_customers USING (id) WHERE c.is_active AND teamup_customers.is_active ORDER BY 1`,
		"SELECT id FROM v ORDER BY id",
	} {
		mustExec(t, db, "CREATE OR REPLACE VIEW v AS SELECT id FROM teamup_customers WHERE is_active")
		require.Equal(t, all, mustTexts(t, db, query), query)
	}
	for _, r := range server.Requests() {
		require.Equal(t, "true", r.Query.Get("is_active"), "pushdown works")
	}
	require.Equal(t, mustTexts(t, db, "DESCRIBE FROM teamup_customers()"), mustTexts(t, db, "DESCRIBE teamup_customers"))
	require.Equal(t, mustTexts(t, db, "SELECT count(*) FROM teamup_requests()"), mustTexts(t, db, "SELECT count(*) FROM teamup_requests"))
	_, err := texts(db, "FROM teamup_customer")
	require.ErrorContains(t, err, "does not exist")

	mustExec(t, db, "CREATE TABLE teamup_customers AS SELECT 'own' AS x")
	require.Equal(t, []string{"[own]"}, mustTexts(t, db, "FROM teamup_customers"), "a table of the user comes first")
	require.Equal(t, all, mustTexts(t, db, "SELECT id FROM teamup_customers() WHERE is_active ORDER BY id"))
}

// TestTheBusinessIsASetting uses the setting for calls that name no business.
func TestTheBusinessIsASetting(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(50))
	conn, err := db.Conn(context.Background())
	require.NoError(t, err)
	defer conn.Close()
	business := func(call string) []string {
		mustTexts(t, conn, "SELECT count(email) FROM "+call)
		return mustTexts(t, conn, "SELECT last(coalesce(provider_id, 0)) FROM teamup_requests()")
	}
	require.Equal(t, []string{"[0]"}, business("teamup_customers()"))
	mustTexts(t, conn, "SET teamup_provider_id = 7")
	require.Equal(t, []string{"[7]"}, business("teamup_customers"))
	require.Equal(t, []string{"[8]"}, business("teamup_customers(provider_id := 8)"))
	require.Equal(t, []string{"[9]"}, business("teamup_customers(provider_ids := [9])"))
	require.Equal(t, []string{"[7]"}, mustTexts(t, db, "SELECT current_setting('teamup_provider_id')"), "all sessions have it")
	mustTexts(t, conn, "SET teamup_provider_id = -1")
	_, err = texts(conn, "SELECT email FROM teamup_customers()")
	require.ErrorContains(t, err, "teamup_provider_id: -1 is not allowed; give whole numbers of 1 or more, or 0")
	mustTexts(t, conn, "RESET teamup_provider_id")
	require.Equal(t, []string{"[0]"}, business("teamup_customers()"))
	require.Equal(t, []string{"[true]"}, mustTexts(t, conn, "SELECT description LIKE '%business%' FROM duckdb_settings() WHERE name = 'teamup_provider_id'"))
}
