package tablefunc_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/report"
)

func TestEveryStatementShapeNarrowsItsRequests(t *testing.T) {
	inEachMode(t, func(t *testing.T, m mode) {
		db, server := effectDB(t, m)
		dir := t.TempDir()
		mustExec(t, db, "CREATE TABLE local AS SELECT 100011::BIGINT AS id, 'x' AS note", "CREATE TABLE ids (id BIGINT)",
			"CREATE VIEW v AS SELECT * FROM teamup_customers()", "CREATE VIEW renamed(a, b) AS SELECT email, is_active FROM teamup_customers()",
			"CREATE VIEW over_view AS SELECT * FROM v WHERE is_new", "CREATE TEMP VIEW tv AS FROM teamup_customers()",
			"CREATE MACRO mac(x) AS TABLE SELECT * FROM teamup_customers() WHERE is_active = x", "CREATE MACRO young(age) AS age < 30",
			"ATTACH ':memory:' AS second", "CREATE SCHEMA s")
		active, both, either := one("is_active=true"), []string{"is_active=true", "is_new=true"}, one("is_active=true&is_new=true")
		checkEffects(t, db, server, []effect{
			{"SELECT email FROM teamup_customers() WHERE is_active", active},
			{"FROM teamup_customers() SELECT email WHERE is_active", active},
			{"SELECT * FROM (SELECT email, is_active AS x FROM teamup_customers()) WHERE x", active},
			{"SELECT email, is_new FROM teamup_customers() WHERE is_active ORDER BY email LIMIT 3", active},
			{"SELECT email FROM teamup_customers() WHERE is_active ORDER BY lower(email) DESC LIMIT 3 OFFSET 1", active},
			{"SELECT venue.name, count(*) FROM teamup_customers() WHERE is_active GROUP BY ALL HAVING count(*) > 1 ORDER BY 2 DESC LIMIT 2", active},
			{"SELECT email, row_number() OVER (ORDER BY email) FROM teamup_customers() WHERE is_active", active},
			{"SELECT email FROM teamup_customers() WHERE is_active QUALIFY row_number() OVER (PARTITION BY venue.name ORDER BY id) = 1", active},
			{"SELECT DISTINCT ON (venue.name) email FROM teamup_customers() WHERE is_active ORDER BY venue.name, email", active},
			{"WITH x AS (FROM teamup_customers() WHERE is_active) SELECT email FROM x WHERE is_new", either},
			{"WITH x AS (FROM teamup_customers()) SELECT a.email FROM x a JOIN x b ON a.email = b.email WHERE a.is_active AND b.is_new", one("is_any=active,new")},
			{"WITH x AS NOT MATERIALIZED (FROM teamup_customers()) SELECT a.email FROM x a JOIN x b ON a.email = b.email WHERE a.is_active AND b.is_new", both},
			{"WITH x AS MATERIALIZED (FROM teamup_customers() WHERE is_active) SELECT a.email FROM x a, x b WHERE a.email = b.email", active},
			{"SELECT a.email FROM teamup_customers() a JOIN teamup_customers() b ON a.email = b.email WHERE a.is_active AND b.is_new", both},
			{"SELECT a.email FROM teamup_customers() a JOIN teamup_customers() b ON a.email = b.email WHERE a.is_active AND (a.age > 5 OR b.gender = 'x') AND b.is_new", both},
			{"SELECT a.email, b.email FROM teamup_customers() a LEFT JOIN teamup_customers() b ON a.email = b.email AND b.is_new WHERE a.is_active", both},
			{"SELECT c.email FROM local l JOIN teamup_customers() c ON l.note = c.email WHERE is_active ORDER BY c.email LIMIT 2", active},
			{"SELECT email FROM teamup_customers() a WHERE is_active AND EXISTS (FROM teamup_customers() b WHERE b.is_new AND b.email = a.email)", both},
			{"SELECT email FROM teamup_customers() a WHERE is_active AND email NOT IN (SELECT email FROM teamup_customers() WHERE is_new)", both},
			{"SELECT email, (SELECT count(*) FROM teamup_customers() b WHERE b.is_new AND b.email = a.email) FROM teamup_customers() a WHERE is_active", both},
			{"SELECT email FROM teamup_customers() WHERE is_active UNION SELECT email FROM teamup_customers() WHERE is_new", both},
			{"(SELECT email, id FROM teamup_customers() WHERE is_active ORDER BY email LIMIT 2) UNION ALL (SELECT email, id FROM teamup_customers() WHERE is_new ORDER BY email LIMIT 2)", both},
			{"SELECT * FROM (SELECT email, is_active AS x FROM teamup_customers() UNION ALL SELECT email, is_new FROM teamup_customers()) WHERE x", both},
			{"SELECT c.email, l.n FROM teamup_customers() c, LATERAL (SELECT count(*) AS n FROM teamup_customers() d WHERE d.id < c.id AND d.is_new) l WHERE c.is_active", both},
			{"WITH RECURSIVE r AS (SELECT email, 1 AS n FROM teamup_customers() WHERE is_active UNION ALL SELECT c.email, n + 1 FROM r JOIN teamup_customers() c USING (email) WHERE c.is_new AND n < 3) FROM r", both},
			{"SELECT email FROM v WHERE is_active", active}, {"SELECT email FROM over_view WHERE is_active", either}, {"SELECT email FROM tv WHERE is_active", active},
			{"SELECT a FROM renamed WHERE b", active}, {"SELECT email FROM mac(true) WHERE is_new", either}, {"SELECT email FROM teamup_customers() WHERE young(age)", one("date_of_birth_gte=1996-03-13")},
			{"SELECT email FROM main.teamup_customers() WHERE is_active", active}, {"SELECT email FROM system.main.\"teamup_customers\"() WHERE is_active", active},
			{"SET schema = 's'; SELECT email FROM main.v WHERE is_active; SET schema = 'main'", active},
			{"USE second; SELECT email FROM teamup_customers() WHERE is_active; USE memory", active},
			{"CREATE TABLE second.t AS SELECT email FROM teamup_customers() WHERE is_active", active},
			{"SELECT c.email FROM second.t JOIN teamup_customers() c USING (email) WHERE is_new", one("is_new=true")},
			{"COPY (SELECT email FROM teamup_customers() WHERE is_active) TO " + sqltext.QuoteText(filepath.Join(dir, "a.csv")), active},
			{"COPY (SELECT email, id FROM teamup_customers() WHERE is_active ORDER BY email LIMIT 5) TO " + sqltext.QuoteText(filepath.Join(dir, "a.parquet")), active},
			{"CREATE TABLE t AS SELECT email, id FROM teamup_customers() WHERE is_active ORDER BY email LIMIT 5", active},
			{"CREATE OR REPLACE TEMP TABLE t2 AS FROM teamup_customers() WHERE is_active", active},
			{"INSERT INTO ids SELECT id FROM teamup_customers() WHERE is_active RETURNING id", active},
			{"WITH x AS (FROM teamup_customers() WHERE is_active) INSERT INTO ids (id) SELECT id FROM x", active},
			{"DELETE FROM local WHERE note IN (SELECT email FROM teamup_customers() WHERE is_active)", active},
			{"UPDATE ids SET id = c.id FROM teamup_customers() c WHERE c.email = 'x' AND c.is_active", active},
			{"EXPLAIN ANALYZE SELECT email FROM teamup_customers() WHERE is_active", active}, {"EXPLAIN (ANALYZE, FORMAT json) SELECT email FROM teamup_customers() WHERE is_active", active},
			{"EXPLAIN SELECT email FROM teamup_customers() WHERE is_active", nil}, {"DESCRIBE SELECT email FROM teamup_customers() WHERE is_active", nil},
			{"CREATE TABLE empty AS FROM teamup_customers() WHERE is_active WITH NO DATA", nil}, {"CREATE VIEW another AS FROM teamup_customers() WHERE is_active", nil},
			{"SUMMARIZE SELECT email, age FROM teamup_customers() WHERE is_active", active},
			{"PIVOT (SELECT id, is_new, gender FROM teamup_customers() WHERE is_active) ON gender IN ('female', 'male') USING count(*)", active},
			{"UNPIVOT (SELECT id, is_new, is_lead FROM teamup_customers() WHERE is_active) ON is_new, is_lead INTO NAME n VALUE v", active},
			{"PIVOT (SELECT id, is_new, gender FROM teamup_customers() WHERE is_active) ON gender USING count(*)", one("")}, // two statements, which DuckDB doesn't plan
			{"SELECT email FROM teamup_customers() TABLESAMPLE 50% WHERE is_active", one("")},
			{"SELECT * FROM (SELECT email, is_active FROM teamup_customers() LIMIT 50) WHERE is_active", one("")},
			{"SELECT 1; SELECT email FROM teamup_customers() WHERE is_active; SELECT email FROM teamup_customers() WHERE is_new;", both},
			{"BEGIN; SELECT email FROM teamup_customers() WHERE is_active; COMMIT", active},
			{"SELECT/*;*/email/**/FROM/* ; */teamup_customers -- ;\n (/* z */)/**/WHERE\n\tis_active--end", active},
			{`SELECT 'ünïcödé' AS "ä ö", "клиент".email FROM teamup_customers() AS "клиент" WHERE "клиент".is_active`, active},
			{"SELECT email FROM teamup_customers() WHERE " + strings.Repeat("(", 200) + "is_active" + strings.Repeat(")", 200), active},
		})
	})
}

func TestRenamedColumnsKeepTheirMeaning(t *testing.T) {
	inEachMode(t, func(t *testing.T, m mode) {
		db, server := effectDB(t, m)
		names := make([]string, 0, 41)
		for _, c := range report.Customers.Columns {
			names = append(names, map[string]string{"is_active": "is_new", "is_new": "is_active", "id": "age", "age": "id"}[c.Name])
			if names[len(names)-1] == "" {
				names[len(names)-1] = c.Name
			}
		}
		list := "(" + strings.Join(names, ", ") + ")"
		checkEffects(t, db, server, []effect{
			{"SELECT email FROM teamup_customers() AS c" + list + " WHERE is_active", one("is_new=true")},
			{"SELECT email FROM teamup_customers() AS c" + list + " WHERE age = 7 AND is_new", one("ids=7&is_active=true")},
			{"SELECT is_active, is_new FROM (SELECT is_new AS is_active, is_active AS is_new FROM teamup_customers()) WHERE is_active", one("is_new=true")},
			{"WITH x(id, is_active) AS (SELECT age, is_lead FROM teamup_customers()) SELECT id FROM x WHERE is_active", one("is_any=lead")},
		})
	})
}

func TestOpenTransactionsAndSessionsNarrowToo(t *testing.T) {
	inEachMode(t, func(t *testing.T, m mode) {
		db, server := effectDB(t, m)
		ctx := context.Background()
		tx, err := db.BeginTx(ctx, nil)
		require.NoError(t, err)
		mustTexts(t, tx, "CREATE TEMP TABLE mine AS SELECT 'x' AS email")
		mustTexts(t, tx, "SELECT c.email FROM mine JOIN teamup_customers() c USING (email) WHERE is_active ORDER BY c.email LIMIT 2")
		require.Equal(t, one("is_active=true"), sent(server))
		require.NoError(t, tx.Rollback())

		stmt, err := db.Prepare("SELECT count(email) FROM teamup_customers() WHERE created_at >= now() - INTERVAL 30 DAY AND id > ?")
		require.NoError(t, err)
		defer stmt.Close()
		var since []string
		for range 3 {
			var n int
			require.NoError(t, stmt.QueryRow(5).Scan(&n))
			since = append(since, sent(server)...)
		}
		require.Len(t, since, 3)
		require.NotEqual(t, since[0], since[1], "the present is each execution's own")
		require.NotEqual(t, since[1], since[2])
	})
}
