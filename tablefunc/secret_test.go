package tablefunc_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// TestTheTokenIsNotReadableFromSQL looks for it wherever DuckDB tells of itself,
// after a scan, with the token in the environment as well.
func TestTheTokenIsNotReadableFromSQL(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(50))
	t.Cleanup(server.Close)
	t.Setenv("TEAMUP_TOKEN", token)
	t.Setenv("TEAMUP_BASE_URL", server.URL())
	db, err := tablefunc.Open("")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	require.NotEmpty(t, mustTexts(t, db, "SELECT * FROM teamup_customers()"))
	for _, query := range []string{
		"FROM duckdb_settings()", "FROM duckdb_functions()", "FROM duckdb_variables()", "FROM duckdb_secrets()", "FROM duckdb_databases()",
		"FROM duckdb_views()", "FROM duckdb_logs", "EXPLAIN SELECT * FROM teamup_customers() WHERE is_active",
		"EXPLAIN ANALYZE SELECT * FROM teamup_customers() WHERE is_active", "SELECT getenv('TEAMUP_TOKEN')",
		"SELECT json_serialize_plan('FROM teamup_customers() WHERE is_active', optimize := true)::VARCHAR",
		"SELECT content FROM read_text('/proc/self/cmdline')",
	} {
		rows, err := texts(db, query)
		require.NotContains(t, strings.Join(rows, "\n"), token, query)
		require.NotContains(t, fmt.Sprint(err), token, query)
	}
	require.NotEmpty(t, server.Requests())
	for _, r := range server.Requests() {
		require.True(t, r.Authorized)
	}
}
