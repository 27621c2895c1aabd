package tablefunc_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// DuckDB makes several statements of one with a PIVOT. Each runs over the report as it
// runs over a table, in a transaction or not.
func TestStatementsThatDuckDBExpands(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(300))
	db.SetMaxOpenConns(1)
	dir := t.TempDir()
	mustExec(t, db, "CREATE TABLE m AS SELECT * FROM teamup_customers()", "CREATE TABLE into_live AS FROM (PIVOT m ON is_active IN (true, false) USING count(*) GROUP BY gender) LIMIT 0",
		"CREATE TABLE into_kept AS FROM into_live")
	pivot := "PIVOT {t} ON is_active USING count(*) GROUP BY gender"
	for _, c := range []struct{ statement, result string }{
		{pivot, ""},
		{"FROM (" + pivot + ") ORDER BY ALL", ""},
		{"WITH p AS (" + pivot + ") SELECT * FROM p", ""},
		{"PIVOT {t} ON is_active IN (true, false) USING count(*) GROUP BY gender", ""},
		{"COPY (" + pivot + ") TO '{file}'", "FROM read_csv('{file}')"},
		{"CREATE OR REPLACE TABLE {n} AS " + pivot, "FROM {n}"},
		{"CREATE OR REPLACE TABLE {n} AS FROM (" + pivot + ")", "FROM {n}"},
		{"INSERT INTO into_{n} " + pivot, "FROM into_{n}"},
		{"CREATE OR REPLACE TABLE {n}2 AS FROM (PIVOT {t} ON gender USING sum(id)) ORDER BY ALL", "FROM {n}2"},
		{"EXPLAIN " + pivot, "SELECT 1"},
		{"UNPIVOT (SELECT id, age, days_until_birthday FROM {t} WHERE is_active) ON age, days_until_birthday", ""},
	} {
		for _, transaction := range []bool{false, true} {
			run := func(report, name string) []string {
				replace := func(s string) string {
					return replaceAll(s, "{t}", report, "{n}", name, "{file}", filepath.Join(dir, name+".csv"))
				}
				if transaction {
					mustExec(t, db, "BEGIN")
				}
				if c.result == "" {
					rows := mustTexts(t, db, replace(c.statement))
					if transaction {
						mustExec(t, db, "COMMIT")
					}
					return sorted(rows)
				}
				mustExec(t, db, replace(c.statement))
				if transaction {
					mustExec(t, db, "COMMIT")
				}
				return sorted(mustTexts(t, db, replace(c.result)))
			}
			want, got := run("m", "kept"), run("teamup_customers()", "live")
			require.Equal(t, want, got, c.statement)
			require.NotEmpty(t, got, c.statement)
		}
	}
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, f := range files {
		require.True(t, strings.HasSuffix(f.Name(), ".csv"), "%s is left behind", f.Name())
	}
}
