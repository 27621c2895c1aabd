package tablefunc_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/internal/sqltext"
)

func TestStatementsThatReadFilesNarrowTheirRequests(t *testing.T) {
	inEachMode(t, func(t *testing.T, m mode) {
		db, server := effectDB(t, m)
		dir := t.TempDir()
		for name, text := range map[string]string{
			"vip.csv":      "mail,tier\nx@example.com,gold\ny@example.com,silver\n",
			"v ip's.csv":   "mail,tier\nx@example.com,gold\n",
			"vip.json":     `{"mail": "x@example.com", "tier": "gold"}` + "\n",
			"vip.ndjson":   `{"mail": "x@example.com", "tier": "gold"}` + "\n",
			"more/vip.csv": "mail,tier\nz@example.com,gold\n",
		} {
			require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
		}
		mustExec(t, db, "SET file_search_path = "+sqltext.QuoteText(dir), "CREATE TABLE t (mail VARCHAR)",
			"CREATE VIEW f AS FROM 'vip.csv'", "CREATE VIEW f2 AS SELECT * FROM f WHERE tier = 'gold'", "CREATE TEMP VIEW tf AS FROM 'vip.csv'",
			"CREATE VIEW with_tier AS SELECT c.*, f.tier AS my_tier FROM f JOIN teamup_customers() c ON c.email = f.mail",
			"CREATE VIEW with_tier_2(x, y) AS SELECT email, is_active FROM with_tier",
			"CREATE MACRO fm() AS TABLE FROM 'vip.csv'", "CREATE MACRO ff(path) AS TABLE FROM read_csv(path)", "SET VARIABLE path = 'vip.csv'")
		active := one("is_active=true")
		var effects []effect
		// Each of these stands in the place of {f}, with columns mail and tier.
		for _, f := range []string{
			"'vip.csv'", `"vip.csv"`, sqltext.QuoteText(filepath.Join(dir, "vip.csv")), "'v ip''s.csv'", "'v*.csv'", "'**/vip.csv'", sqltext.QuoteText(filepath.Join(dir, "*.csv")),
			"read_csv('vip.csv')", "read_csv('vip.csv', header = true, delim = ',', all_varchar = true)", "read_csv(['vip.csv', 'more/vip.csv'], union_by_name = true)",
			"read_csv('vip.csv', columns = {'mail': 'VARCHAR', 'tier': 'VARCHAR'})", "read_csv_auto('vip.csv', filename = true)", "read_csv(getvariable('path'))",
			"'vip.json'", "read_json('vip.json')", "read_json_auto(['vip.json', 'vip.ndjson'])", "read_ndjson('vip.ndjson')", "'vip.ndjson'",
			"f", "main.f", "memory.main.f", "f2", "tf", "temp.tf", "fm()", "ff('vip.csv')", "query('FROM ''vip.csv''')", "query_table('f')",
			"(FROM 'vip.csv')", "(SELECT * FROM f WHERE tier <> 'x')", "(WITH f AS (FROM f) FROM f)",
		} {
			effects = append(effects, effect{"SELECT c.email, g.tier FROM " + f + " g JOIN teamup_customers() c ON c.email = g.mail WHERE c.is_active AND g.tier = 'gold'", active})
		}
		for _, statement := range []string{
			"SELECT tier, email FROM 'vip.csv' JOIN teamup_customers() ON email = vip.mail WHERE is_active ORDER BY vip.tier LIMIT 3",
			"SELECT read_csv.tier, email FROM read_csv('vip.csv') JOIN teamup_customers() ON email = read_csv.mail WHERE is_active",
			`SELECT "v ip's".tier FROM 'v ip''s.csv' JOIN teamup_customers() ON email = mail WHERE is_active`,
			"SELECT email FROM main.f, teamup_customers() WHERE email = f.mail AND is_active",
			"SELECT a.email FROM 'vip.csv' AS g(x, y), teamup_customers() AS a WHERE a.email = g.x AND a.is_active AND (a.age > 3 OR g.y = 'gold')",
			"SELECT email FROM 'vip.csv'g JOIN teamup_customers()c ON email=g.mail WHERE is_active", "SELECT email FROM'vip.csv'g,teamup_customers()c WHERE email=g.mail AND is_active",
			"SELECT 'äöü€😀', email FROM /* ß */ 'vip.csv' /* ö */ AS \"fü\" JOIN teamup_customers() c ON email = \"fü\".mail -- é\n WHERE is_active",
			"SELECT email FROM teamup_customers() LEFT JOIN 'vip.csv' ON email = mail WHERE is_active AND tier IS NULL",
			"SELECT email FROM teamup_customers() ANTI JOIN 'vip.csv' ON email = mail WHERE is_active", "SELECT email FROM teamup_customers() WHERE is_active AND email IN (FROM 'vip.csv' SELECT mail)",
			"SELECT email FROM teamup_customers() c WHERE is_active AND EXISTS (FROM 'vip.csv' WHERE mail = c.email)", "SELECT email, (SELECT max(tier) FROM 'vip.csv' WHERE mail = email) FROM teamup_customers() WHERE is_active",
			"SELECT c.email, l.tier FROM teamup_customers() c, LATERAL (SELECT tier FROM 'vip.csv' WHERE mail = c.email) l WHERE is_active",
			"SELECT email FROM 'vip.csv' a JOIN 'vip.json' b USING (mail) JOIN teamup_customers() ON email = mail WHERE is_active", "SELECT mail FROM 'vip.csv' UNION SELECT email FROM teamup_customers() WHERE is_active",
			"WITH g AS (FROM 'vip.csv') SELECT email FROM g JOIN teamup_customers() ON email = mail WHERE is_active", "WITH f AS (FROM f) SELECT email FROM f JOIN teamup_customers() ON email = mail WHERE is_active",
			"WITH g AS (FROM 'vip.csv'), c AS (FROM teamup_customers() WHERE is_active) SELECT email FROM g a JOIN g b USING (mail) JOIN c ON email = mail",
			"SELECT email FROM 'vip.csv' TABLESAMPLE 50% JOIN teamup_customers() ON email = mail WHERE is_active",
			"COPY (SELECT email FROM 'vip.csv' JOIN teamup_customers() ON email = mail WHERE is_active) TO '{dir}/out.csv'",
			"COPY (SELECT email, tier FROM f JOIN teamup_customers() ON email = mail WHERE is_active ORDER BY tier LIMIT 2) TO '{dir}/out.json' (FORMAT json)",
			"CREATE TABLE n1 AS SELECT email FROM 'vip.csv' JOIN teamup_customers() ON email = mail WHERE is_active",
			"CREATE OR REPLACE TEMP TABLE n2 AS (WITH g AS (FROM f) SELECT email FROM g JOIN teamup_customers() ON email = mail WHERE is_active) WITH DATA",
			"INSERT INTO t SELECT email FROM 'vip.csv' JOIN teamup_customers() ON email = mail WHERE is_active RETURNING mail",
			"INSERT INTO t (mail) (SELECT email FROM 'vip.csv' JOIN teamup_customers() ON email = mail WHERE is_active)",
			"INSERT INTO t BY NAME WITH g AS (FROM f) SELECT email AS mail FROM g JOIN teamup_customers() ON email = mail WHERE is_active",
			"WITH g AS (FROM 'vip.csv') INSERT INTO t SELECT email FROM g JOIN teamup_customers() ON email = mail WHERE is_active",
			"EXPLAIN ANALYZE SELECT email FROM 'vip.csv' JOIN teamup_customers() ON email = mail WHERE is_active",
			"SUMMARIZE SELECT email FROM 'vip.csv' JOIN teamup_customers() ON email = mail WHERE is_active",
			"SELECT 1; SELECT email FROM 'vip.csv' JOIN teamup_customers() ON email = mail WHERE is_active; SELECT 2",
			"BEGIN; CREATE TEMP TABLE n3 AS SELECT email FROM 'vip.csv' JOIN teamup_customers() ON email = mail WHERE is_active; ROLLBACK",
		} {
			effects = append(effects, effect{strings.ReplaceAll(statement, "{dir}", dir), active})
		}
		for _, statement := range []string{
			"SELECT email FROM with_tier WHERE is_active", "SELECT w.my_tier FROM memory.main.with_tier w WHERE w.is_active ORDER BY w.my_tier LIMIT 1",
			"SELECT x FROM with_tier_2 WHERE y", "SELECT p FROM with_tier_2 AS w(p, q) WHERE q", "SELECT email FROM with_tier w, 'vip.json' j WHERE is_active AND w.email = j.mail",
		} {
			effects = append(effects, effect{statement, m.viewOfFile("is_active=true")})
		}
		effects = append(effects,
			effect{"EXPLAIN SELECT email FROM 'vip.csv' JOIN teamup_customers() ON email = mail WHERE is_active", nil},
			// A column that is there without being listed, and a name of more parts than a
			// stand-in can have: the report is read as a whole.
			effect{"SELECT email, filename FROM 'vip.csv' JOIN teamup_customers() ON email = mail WHERE is_active", one("")},
			effect{"SELECT email FROM main.f JOIN teamup_customers() ON email = main.f.mail WHERE is_active", one("")},
			effect{"DELETE FROM t WHERE mail IN (SELECT email FROM 'vip.csv' JOIN teamup_customers() ON email = mail WHERE is_active)", one("")})
		checkEffects(t, db, server, effects)
	})
}

// viewOfFile is the want of a statement over a view that reads a file and the report.
// Planning it needs the text of the view, which cannot be read in a database that duckdb-go
// opens.
func (m mode) viewOfFile(filters string) []string {
	if m.registered() {
		filters = ""
	}
	return one(filters)
}

func TestAViewIsPlannedAsWhatItIs(t *testing.T) {
	inEachMode(t, func(t *testing.T, m mode) {
		db, server := effectDB(t, m)
		file := filepath.Join(t.TempDir(), "vip.csv")
		require.NoError(t, os.WriteFile(file, []byte("mail,tier\nx@example.com,gold\n"), 0o600))
		mustExec(t, db, "CREATE VIEW f AS FROM "+sqltext.QuoteText(file), "CREATE VIEW both_ AS SELECT c.* FROM f JOIN teamup_customers() c ON c.email = f.mail WHERE c.is_active",
			"CREATE VIEW bothX AS FROM both_", "CREATE SCHEMA s", "CREATE VIEW s.f AS SELECT 'y@example.com' AS mail", "CREATE VIEW s.both_ AS FROM teamup_customers() WHERE is_new")
		// Its names refer to the tables of its definition, not to those of the query.
		for query, want := range map[string][]string{
			"SELECT email FROM both_": m.viewOfFile("is_active=true"), "SELECT email FROM bothX": m.viewOfFile("is_active=true"), "SELECT email FROM s.both_": one("is_new=true"),
			"WITH f AS (SELECT 'x' AS mail) SELECT email FROM both_, f":                                  one(""),
			"WITH both_ AS (SELECT 1 AS email) SELECT email FROM both_":                                  nil,
			"SELECT email FROM both_ WHERE email IN (WITH f AS (SELECT 'x' AS mail) SELECT mail FROM f)": m.viewOfFile("is_active=true"),
			"SET schema = 's'; SELECT email FROM main.both_; SET schema = 'main'":                        one(""),
			"SET schema = 's'; SELECT email FROM both_; SET schema = 'main'":                             one("is_new=true"),
		} {
			checkEffects(t, db, server, []effect{{query, want}})
		}
		stmt, err := db.Prepare("SELECT email FROM both_ WHERE id > ?")
		require.NoError(t, err)
		defer stmt.Close()
		run := func() []string {
			rows, err := stmt.Query(5)
			require.NoError(t, err)
			require.NoError(t, rows.Close())
			return sent(server)
		}
		require.Equal(t, m.viewOfFile("id_gt=5&is_active=true"), run())
		require.NoError(t, os.WriteFile(file, []byte("tier,mail,more\n1,x@example.com,2\n"), 0o600))
		mustExec(t, db, "CREATE OR REPLACE VIEW f AS FROM "+sqltext.QuoteText(file))
		require.Equal(t, m.viewOfFile("id_gt=5&is_active=true"), run(), "the file and its view were replaced")
		mustExec(t, db, "CREATE OR REPLACE VIEW both_ AS SELECT a.* FROM teamup_customers(is_new := true) a JOIN teamup_customers() b USING (email) WHERE b.is_active")
		require.Equal(t, []string{"id_gt=5&is_new=true", "is_active=true"}, run(), "the view reads the report twice now")
	})
}
