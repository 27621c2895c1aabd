package tablefunc_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// TestAJoinAsksForItsKeys joins with tables and files that name few customers.
func TestAJoinAsksForItsKeys(t *testing.T) {
	live, server := open(t, teamuptest.WithCustomers(3000))
	plain := openAt(t, server.URL(), tablefunc.WithoutPushdown())
	dir := t.TempDir()
	csv, parquet, json := filepath.Join(dir, "vip.csv"), filepath.Join(dir, "vip.parquet"), filepath.Join(dir, "vip.json")
	require.NoError(t, os.WriteFile(csv, []byte("customer_id,tier\n100001,gold\n100021,silver\n,gold\n999999999,gold\n"), 0o600))
	mustTexts(t, live, "COPY (SELECT id AS customer_id FROM teamup_customers(id_gt := 100100) LIMIT 120) TO '"+parquet+"'")
	mustTexts(t, live, "COPY (SELECT 100034 AS customer_id) TO '"+json+"'")
	for _, db := range []querier{live, plain} {
		mustTexts(t, db, "CREATE TABLE vip AS SELECT * FROM '"+csv+"'")
		mustTexts(t, db, "CREATE VIEW vips AS SELECT * FROM '"+csv+"' WHERE tier = 'gold'")
		mustTexts(t, db, "CREATE TABLE texts AS SELECT customer_id::VARCHAR AS customer_id FROM vip")
	}
	const all = "ids=100001,100021,999999999"
	for query, want := range map[string][]string{
		"SELECT c.id, v.tier FROM teamup_customers() c JOIN '" + csv + "' v ON c.id = v.customer_id":                                        {all},
		"SELECT c.id FROM teamup_customers() c JOIN '" + csv + "' v ON c.id = v.customer_id WHERE v.tier = 'silver' AND c.id > 5":           {"ids=100021"},
		"SELECT c.id FROM teamup_customers() c JOIN vip v ON c.id = v.customer_id WHERE v.tier = 'silver'":                                  {"ids=100021"},
		"SELECT c.id FROM vip v JOIN teamup_customers() c ON c.id = v.customer_id AND c.is_active":                                          {all + "&is_active=true"},
		"SELECT id FROM teamup_customers() WHERE id IN (SELECT customer_id FROM vip WHERE tier = 'gold')":                                   {"ids=100001,999999999"},
		"SELECT id FROM teamup_customers() c WHERE EXISTS (FROM vip v WHERE v.customer_id = c.id AND v.tier <> 'gold')":                     {"ids=100021"},
		"SELECT id FROM teamup_customers() c SEMI JOIN vips v ON v.customer_id = c.id":                                                      {"ids=100001,999999999"},
		"SELECT v.customer_id, c.email FROM vip v LEFT JOIN teamup_customers() c ON c.id = v.customer_id":                                   {all},
		"WITH w AS (SELECT customer_id AS k FROM '" + csv + "' WHERE tier = 'silver') SELECT id FROM teamup_customers() c JOIN w ON k = id": {"ids=100021"},
		"SELECT id FROM teamup_customers() c JOIN '" + json + "' j ON j.customer_id = c.id":                                                 {"ids=100034"},
		"SELECT id FROM teamup_customers(ids := [100001, 7]) c JOIN vip v ON v.customer_id = c.id":                                          {"ids=100001"},
		"SELECT id FROM teamup_customers() c JOIN vip v ON v.customer_id = c.id WHERE v.tier = 'none'":                                      nil,
		"SELECT c.id, v.customer_id FROM teamup_customers() c LEFT JOIN vip v ON c.id = v.customer_id":                                      {""},
		"SELECT id FROM teamup_customers() c ANTI JOIN vip v ON v.customer_id = c.id":                                                       {""},
		"SELECT c.id FROM teamup_customers() c FULL JOIN vip v ON v.customer_id = c.id":                                                     {""},
		"SELECT c.id FROM teamup_customers() c JOIN vip v ON v.customer_id < c.id":                                                          {""},
		"SELECT c.id FROM teamup_customers() c JOIN texts v ON v.customer_id = c.id":                                                        {all},
	} {
		wanted := mustTexts(t, plain, query)
		server.ResetLog()
		require.Equal(t, sorted(wanted), sorted(mustTexts(t, live, query)), query)
		require.Equal(t, want, filters(server), query)
	}
	require.Len(t, mustTexts(t, live, "SELECT c.id FROM teamup_customers() c JOIN vip v ON c.id = v.customer_id WHERE v.tier = $1", "silver"), 1)
	require.Equal(t, []string{"ids=100021"}, filters(server))
	mustTexts(t, live, "SELECT c.id FROM teamup_customers() c JOIN '"+parquet+"' v ON c.id = v.customer_id")
	require.Equal(t, 2, len(server.Requests()), "120 ids make two requests")
}

// A table that changed within the transaction names the keys as the statement sees them.
func TestKeysAreReadInTheTransaction(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(3000))
	mustExec(t, db, "CREATE TABLE vip(customer_id BIGINT)")
	tx, err := db.Begin()
	require.NoError(t, err)
	_, err = tx.Exec("INSERT INTO vip VALUES (100001)")
	require.NoError(t, err)
	require.Len(t, mustTexts(t, tx, "SELECT id FROM teamup_customers() c JOIN vip v ON v.customer_id = c.id"), 1)
	require.Equal(t, []string{"ids=100001"}, filters(server))
	require.NoError(t, tx.Rollback())
	require.Empty(t, mustTexts(t, db, "SELECT id FROM teamup_customers() c JOIN vip v ON v.customer_id = c.id"))
	require.Empty(t, server.Requests())
}

// A list of ids that would take more requests than the report is not sent, once it
// is known how large the report is.
func TestALongListIsWorthNoMoreThanTheReport(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(900))
	query := "SELECT id FROM teamup_customers() WHERE id IN (100001"
	for id := 100002; id < 103000; id += 2 {
		query += fmt.Sprint(", ", id)
	}
	query += ")"
	want := mustTexts(t, db, query)
	require.Len(t, server.Requests(), 15)
	mustTexts(t, db, "SELECT max(id) FROM teamup_customers()")
	server.ResetLog()
	require.Equal(t, sorted(want), sorted(mustTexts(t, db, query)))
	require.Equal(t, []string{"id_gt=100000"}, filters(server))
}
