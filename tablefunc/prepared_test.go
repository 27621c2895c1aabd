package tablefunc_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// preparedCases are what can change between the preparation and an execution of a statement.
var preparedCases = map[string]struct {
	setup   []string
	query   string // {t} stands for the report or the table
	args    []any
	changes []string
}{
	"view":                {[]string{"CREATE OR REPLACE VIEW {v} AS SELECT * FROM {t} WHERE is_active"}, "SELECT id FROM {v} WHERE is_claimed", nil, []string{"CREATE OR REPLACE VIEW {v} AS SELECT * FROM {t} WHERE is_new", "CREATE OR REPLACE VIEW {v} AS SELECT * FROM m"}},
	"view with argument":  {[]string{"CREATE OR REPLACE VIEW {v} AS SELECT * FROM {t} WHERE is_active"}, "SELECT id FROM {v} WHERE id > ?", []any{100100}, []string{"CREATE OR REPLACE VIEW {v} AS SELECT * FROM {t} WHERE NOT is_active"}},
	"view of a table":     {[]string{"CREATE OR REPLACE VIEW {v} AS SELECT * FROM m"}, "SELECT id FROM {v} WHERE is_new", nil, []string{"CREATE OR REPLACE VIEW {v} AS SELECT * FROM {t} WHERE is_active"}},
	"temporary view":      {[]string{"CREATE OR REPLACE VIEW {v} AS SELECT * FROM {t} WHERE is_active"}, "SELECT id FROM {v}", nil, []string{"CREATE TEMP VIEW {v} AS SELECT * FROM {t} WHERE is_new"}},
	"macro":               {[]string{"CREATE OR REPLACE MACRO {v}() AS TABLE SELECT * FROM {t} WHERE is_active"}, "SELECT id FROM {v}()", nil, []string{"CREATE OR REPLACE MACRO {v}() AS TABLE SELECT * FROM {t} WHERE is_new"}},
	"scalar macro":        {[]string{"CREATE OR REPLACE MACRO {v}() AS 100100"}, "SELECT id FROM {t} WHERE id < {v}()", nil, []string{"CREATE OR REPLACE MACRO {v}() AS 100300"}},
	"variable":            {[]string{"SET VARIABLE {v} = 100100"}, "SELECT id FROM {t} WHERE id > getvariable('{v}')", nil, []string{"SET VARIABLE {v} = 100010", "SET VARIABLE {v} = 100600"}},
	"TimeZone":            {[]string{"SET TimeZone = 'UTC'"}, "SELECT id FROM {t} WHERE created_at >= '2025-09-01'", nil, []string{"SET TimeZone = 'Pacific/Kiritimati'", "SET TimeZone = 'Pacific/Pago_Pago'"}},
	"TimeZone, argument":  {[]string{"SET TimeZone = 'UTC'"}, "SELECT id FROM {t} WHERE created_at >= ?", []any{"2025-09-01"}, []string{"SET TimeZone = 'Pacific/Kiritimati'", "SET TimeZone = 'Pacific/Pago_Pago'"}},
	"default_order":       {[]string{"SET default_order = 'ASC'"}, "SELECT id FROM {t} ORDER BY id LIMIT 25", nil, []string{"SET default_order = 'DESC'"}},
	"search_path":         {[]string{"CREATE SCHEMA IF NOT EXISTS s1", "CREATE SCHEMA IF NOT EXISTS s2", "CREATE VIEW s1.{v} AS SELECT * FROM memory.main.{f} WHERE is_active", "CREATE VIEW s2.{v} AS SELECT * FROM memory.main.{f} WHERE is_new", "SET search_path = 's1,main'"}, "SELECT id FROM {v}", nil, []string{"SET search_path = 's2,main'"}},
	"disabled_optimizers": {nil, "WITH c AS NOT MATERIALIZED (SELECT * FROM {t}) SELECT a.id FROM c a JOIN c b ON a.id = b.id WHERE a.is_active AND b.is_new UNION ALL SELECT id FROM {t} WHERE is_claimed", nil, []string{"SET disabled_optimizers = 'cte_inlining'", "SET disabled_optimizers = 'filter_pushdown,statistics_propagation'", "SET disabled_optimizers = ''", "PRAGMA disable_optimizer", "PRAGMA enable_optimizer"}},
	"rows of a table":     {nil, "SELECT c.id FROM {t} c JOIN vip v ON c.id = v.id", nil, []string{"INSERT INTO vip SELECT id FROM m WHERE id % 5 = 0", "DELETE FROM vip"}},
}

// A prepared statement means at each execution what its text means then: the answer is
// that of the statement run afresh over a table, whatever has changed in between.
func TestPreparedStatementsMeanWhatTheyMeanWhenTheyRun(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(700))
	mustExec(t, db, "CREATE TABLE m AS SELECT * FROM teamup_customers()", "CREATE TABLE vip AS SELECT id FROM m WHERE id % 7 = 0", "CREATE VIEW all_live AS FROM teamup_customers()")
	for name, c := range preparedCases {
		t.Run(name, func(t *testing.T) {
			conn, err := db.Conn(context.Background())
			require.NoError(t, err)
			defer conn.Close()
			live := func(s string) string {
				return replaceAll(s, "{t}", "teamup_customers()", "{v}", "live", "{f}", "all_live")
			}
			kept := func(s string) string { return replaceAll(s, "{t}", "m", "{v}", "kept", "{f}", "m") }
			change := func(statement string) {
				for _, text := range []string{live(statement), kept(statement)} {
					_, err := conn.ExecContext(context.Background(), text)
					require.NoError(t, err, text)
				}
			}
			for _, s := range c.setup {
				change(s)
			}
			stmt, err := conn.PrepareContext(context.Background(), live(c.query))
			require.NoError(t, err)
			defer stmt.Close()
			check := func(after string) {
				t.Helper()
				want := sorted(mustTexts(t, conn, kept(c.query), c.args...))
				require.Equal(t, want, sorted(prepared(t, stmt, c.args...)), after)
				require.Equal(t, want, sorted(prepared(t, stmt, c.args...)), after+", again")
			}
			check("at first")
			for _, s := range c.changes {
				change(s)
				check(s)
			}
			_, err = conn.ExecContext(context.Background(), "RESET default_order; RESET TimeZone; RESET search_path; DROP VIEW IF EXISTS temp.live; DROP VIEW IF EXISTS temp.kept")
			require.NoError(t, err)
		})
	}
}

// With Register a prepared statement means what DuckDB takes it for, which does not bind
// it again after every change. The rows are those that it has without pushdown.
func TestPreparedStatementsWithRegisterMeanWhatDuckDBBound(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(700))
	t.Cleanup(server.Close)
	var conns []*sql.Conn
	for _, options := range [][]tablefunc.Option{nil, {tablefunc.WithoutPushdown()}} {
		db := registerAt(t, server.URL(), options...)
		mustExec(t, db, "CREATE TABLE m AS SELECT * FROM teamup_customers()", "CREATE TABLE vip AS SELECT id FROM m WHERE id % 7 = 0", "CREATE VIEW all_live AS FROM teamup_customers()")
		conn, err := db.Conn(context.Background())
		require.NoError(t, err)
		defer conn.Close()
		conns = append(conns, conn)
	}
	for name, c := range preparedCases {
		for _, inTransaction := range []bool{false, true} {
			var stmts []*sql.Stmt
			text := func(s string) string {
				return replaceAll(s, "{t}", "teamup_customers()", "{v}", "live", "{f}", "all_live")
			}
			change := func(statement string) {
				for _, conn := range conns {
					_, err := conn.ExecContext(context.Background(), text(statement))
					require.NoError(t, err, statement)
				}
			}
			check := func(after string) {
				t.Helper()
				for range 2 {
					require.Equal(t, sorted(prepared(t, stmts[1], c.args...)), sorted(prepared(t, stmts[0], c.args...)), "%s, in a transaction: %v, %s", name, inTransaction, after)
				}
			}
			if inTransaction {
				change("BEGIN")
			}
			for _, s := range c.setup {
				change(s)
			}
			for _, conn := range conns {
				stmt, err := conn.PrepareContext(context.Background(), text(c.query))
				require.NoError(t, err)
				defer stmt.Close()
				stmts = append(stmts, stmt)
			}
			check("at first")
			for _, s := range c.changes {
				change(s)
				check(s)
			}
			if inTransaction {
				change("ROLLBACK")
			}
			change("RESET default_order; RESET TimeZone; RESET search_path; RESET disabled_optimizers; PRAGMA enable_optimizer; DROP VIEW IF EXISTS temp.live")
			if !inTransaction {
				change("DROP SCHEMA IF EXISTS s1 CASCADE; DROP SCHEMA IF EXISTS s2 CASCADE; DROP VIEW IF EXISTS live; DROP MACRO IF EXISTS live; DROP MACRO TABLE IF EXISTS live; DELETE FROM vip; INSERT INTO vip SELECT id FROM m WHERE id % 7 = 0")
			}
		}
	}
}

// prepared runs a prepared statement.
func prepared(t *testing.T, stmt *sql.Stmt, args ...any) []string {
	t.Helper()
	rows, err := texts(statementQuerier{stmt}, "", args...)
	require.NoError(t, err)
	return rows
}

type statementQuerier struct{ *sql.Stmt }

func (q statementQuerier) QueryContext(ctx context.Context, _ string, args ...any) (*sql.Rows, error) {
	return q.Stmt.QueryContext(ctx, args...)
}

// The requests of a prepared statement follow a change as well: nothing is read whole
// that need not be.
func TestPreparedStatementsArePlannedAgain(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(300))
	db.SetMaxOpenConns(1)
	mustExec(t, db, "CREATE VIEW v AS SELECT * FROM teamup_customers() WHERE is_active", "SET VARIABLE least = 100100")
	stmt, err := db.Prepare("SELECT email FROM v WHERE id > getvariable('least')")
	require.NoError(t, err)
	defer stmt.Close()
	prepared(t, stmt)
	require.Equal(t, one("id_gt=100100&is_active=true"), sent(server))
	mustExec(t, db, "CREATE OR REPLACE VIEW v AS SELECT * FROM teamup_customers() WHERE is_new", "SET VARIABLE least = 100200")
	prepared(t, stmt)
	require.Equal(t, one("id_gt=100200&is_new=true"), sent(server))
	mustExec(t, db, "DROP VIEW v")
	_, err = stmt.Query()
	require.ErrorContains(t, err, "v")
}

// With its optimizer off DuckDB runs another plan than the one it shows. Here the
// optimizer takes the comparison of texts for one of times, and so for NULL.
func TestAPlanThatIsNotTheOneThatRuns(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(400))
	db.SetMaxOpenConns(1)
	mustExec(t, db, "CREATE TABLE m AS SELECT * FROM teamup_customers()")
	for _, setting := range []string{"PRAGMA disable_optimizer", "PRAGMA enable_optimizer", "SELECT 1; PRAGMA disable_optimizer", "PRAGMA enable_optimizer; SELECT 1"} {
		mustExec(t, db, setting)
		for _, what := range []string{"count(*)", "*"} {
			query := "SELECT " + what + " FROM {t} WHERE created_at > now() OR latest_registration.starts_at::VARCHAR > '2025'"
			require.Equal(t, sorted(mustTexts(t, db, replaceAll(query, "{t}", "m"))), sorted(mustTexts(t, db, replaceAll(query, "{t}", "teamup_customers()"))), setting)
		}
	}
}
