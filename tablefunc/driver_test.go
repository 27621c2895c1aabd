package tablefunc_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/duckdb/duckdb-go/v2/mapping"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// TestTransactionsGivenAsText runs sequences of statements on one connection; S is a
// scan, and what is expected of each statement follows it: ok, or a part of the error.
func TestTransactionsGivenAsText(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(50))
	const aborted = "Current transaction is aborted"
	for _, sequence := range [][][2]string{
		{{"BEGIN", ""}, {"S", ""}, {"S", ""}, {"COMMIT", ""}, {"S", ""}},
		{{"/* c */ begin transaction read only", ""}, {"S", ""}, {"-- c\ncommit", ""}, {"S", ""}},
		{{"START TRANSACTION", ""}, {"S", ""}, {"END", ""}, {"S", ""}}, {{"BEGIN", ""}, {"S", ""}, {"ABORT", ""}, {"S", ""}},
		{{"BEGIN; CREATE TABLE a (i INT); SELECT 1", ""}, {"S", ""}, {"ROLLBACK", ""}, {"S", ""}, {"FROM a", "does not exist"}},
		{{"BEGIN; S; COMMIT; S; BEGIN", ""}, {"S", ""}, {"ROLLBACK; S", ""}, {"S", ""}},
		{{"BEGIN", ""}, {"BEGIN", "within a transaction"}, {"S", aborted}, {"ROLLBACK", ""}, {"S", ""}},
		{{"BEGIN", ""}, {"SELECT nonsense", "nonsense"}, {"S", ""}, {"SELECT error('x')", "x"}, {"S", aborted}, {"COMMIT", ""}, {"S", ""}},
		{{"EXPLAIN ANALYZE BEGIN", ""}, {"S", ""}, {"EXPLAIN ANALYZE COMMIT", ""}, {"S", ""}, {"BEGIN", ""}, {"ROLLBACK", ""}},
		{{"BEGIN; SELECT error('x'); COMMIT", "x"}, {"S", aborted}, {"ROLLBACK", ""}, {"S", ""}},
		{{"BEGIN; PIVOT (SELECT 1 AS a) ON a USING count(*)", ""}, {"S", ""}, {"COMMIT; PIVOT (SELECT 1 AS a) ON a USING count(*)", ""}, {"S", ""}},
		{{"COMMIT", "no transaction is active"}, {"S", ""}, {"ROLLBACK", "no transaction is active"}, {"S", ""}},
		{{"BEGIN", ""}, {"CREATE TABLE h AS SELECT error('half') FROM teamup_customers()", "half"}, {"S", aborted}, {"ROLLBACK", ""}, {"FROM h", "does not exist"}},
	} {
		conn, err := db.Conn(context.Background())
		require.NoError(t, err)
		for _, step := range sequence {
			text := strings.ReplaceAll(step[0], "S;", "SELECT count(email) FROM teamup_customers() WHERE is_active;")
			if text = strings.TrimSuffix(text, "S"); text != step[0] && strings.HasSuffix(step[0], "S") {
				text += "SELECT count(email) FROM teamup_customers() WHERE is_active"
			}
			_, err := texts(conn, text)
			if step[1] == "" {
				require.NoError(t, err, "%s in %v", step[0], sequence)
			} else {
				require.ErrorContains(t, err, step[1], "%s in %v", step[0], sequence)
			}
		}
		require.NoError(t, conn.Close())
	}
}

func TestTransactionsOfTheDriver(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(50))
	ctx := context.Background()
	for _, commit := range []bool{true, false} {
		tx, err := db.BeginTx(ctx, nil)
		require.NoError(t, err)
		mustTexts(t, tx, "CREATE TABLE kept AS SELECT id FROM teamup_customers() WHERE is_active")
		mustTexts(t, tx, "SELECT * FROM kept JOIN teamup_customers() USING (id) WHERE is_new")
		_, err = db.Query("FROM kept")
		require.Error(t, err, "another connection does not see it")
		if commit {
			require.NoError(t, tx.Commit())
			mustExec(t, db, "DROP TABLE kept")
			continue
		}
		require.NoError(t, tx.Rollback())
		_, err = db.Query("FROM kept")
		require.Error(t, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	mustTexts(t, tx, "SELECT count(*) FROM teamup_customers()")
	cancel()
	require.Eventually(t, func() bool { return errors.Is(tx.Commit(), sql.ErrTxDone) || ctx.Err() != nil }, 5*time.Second, time.Millisecond)
	mustTexts(t, db, "SELECT count(*) FROM teamup_customers()")
	for _, opts := range []*sql.TxOptions{{ReadOnly: true}, {Isolation: sql.LevelSerializable}} {
		_, err := db.BeginTx(context.Background(), opts)
		require.Error(t, err, "what DuckDB's driver refuses is refused")
	}
}

// TestAFailedCommitIsAnError lets another connection insert a row that an INSERT under
// way has inserted too. Mostly that shows when it commits; if DuckDB has not come to
// its first page by then, it shows at once, and another round is needed.
func TestAFailedCommitIsAnError(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(600), teamuptest.WithLatency(50*time.Millisecond))
	mustExec(t, db, "CREATE TABLE t (id BIGINT PRIMARY KEY)")
	first := mustTexts(t, db, "SELECT min(id) FROM teamup_customers()")[0]
	for _, statement := range []string{"INSERT INTO t SELECT id FROM teamup_customers() RETURNING id", "INSERT INTO t SELECT id FROM teamup_customers()"} {
		atCommit := false
		for range 20 {
			err := insertInto(t, db, server, statement, strings.Trim(first, "[]"))
			require.Error(t, err)
			require.Equal(t, []string{"[1]"}, mustTexts(t, db, "SELECT count(*) FROM t"))
			mustExec(t, db, "DELETE FROM t")
			if atCommit = strings.Contains(err.Error(), "Failed to commit"); atCommit {
				break
			}
		}
		require.True(t, atCommit)
	}
}

// insertInto runs the statement and, when its first page has come, inserts a
// conflicting row beside it.
func insertInto(t *testing.T, db *sql.DB, server *teamuptest.Server, statement, id string) error {
	server.ResetLog()
	failed := make(chan error)
	go func() {
		_, err := texts(db, statement)
		failed <- err
	}()
	require.Eventually(t, func() bool { return len(server.Requests()) >= 2 }, 10*time.Second, time.Millisecond)
	mustExec(t, db, "INSERT INTO t VALUES ("+id+")")
	return <-failed
}

func TestWhatFailsHalfWayLeavesNothing(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(1000))
	server.Inject(teamuptest.Status(403, ""), teamuptest.LastPage)
	mustExec(t, db, "CREATE TABLE t (id BIGINT)", "CREATE TABLE old AS SELECT 1 AS id")
	file := filepath.Join(t.TempDir(), "out.csv")
	for _, statement := range []string{
		"CREATE TABLE n AS SELECT id, email FROM teamup_customers()", "CREATE OR REPLACE TABLE old AS SELECT id, email FROM teamup_customers()",
		"CREATE TEMP TABLE n AS SELECT id, email FROM teamup_customers()", "INSERT INTO t SELECT id FROM teamup_customers()",
		"COPY (SELECT id, email FROM teamup_customers()) TO " + sqltext.QuoteText(file),
	} {
		_, err := db.Exec(statement)
		var api *httpsource.APIError
		require.ErrorAs(t, err, &api, statement)
		require.Equal(t, 403, api.Status, statement)
	}
	require.Equal(t, []string{"[old 1]", "[t 0]"}, mustTexts(t, db, "SELECT 'old', count(*) FROM old UNION ALL SELECT 't', count(*) FROM t ORDER BY 1"))
	require.Equal(t, []string{"[2]"}, mustTexts(t, db, "SELECT count(*) FROM duckdb_tables()"))
	require.NoFileExists(t, file)
	require.Eventually(t, func() bool { return server.InFlight() == 0 }, 5*time.Second, time.Millisecond)
	_, err := os.Stat(file)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestRowsTellTheirTypes(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(50))
	rows, err := db.Query("SELECT id, email, is_active, created_at, date_of_birth, account_credit_balance.decimal, venue FROM teamup_customers() WHERE is_active")
	require.NoError(t, err)
	types, err := rows.ColumnTypes()
	require.NoError(t, err)
	var names, kinds []string
	for _, c := range types {
		names, kinds = append(names, c.DatabaseTypeName()), append(kinds, c.ScanType().String())
	}
	require.Equal(t, []string{"BIGINT", "VARCHAR", "BOOLEAN", "TIMESTAMPTZ", "DATE", "DECIMAL(18,4)", "STRUCT(\"id\" BIGINT, \"name\" VARCHAR)"}, names)
	require.Equal(t, reflect.TypeFor[int64]().String(), kinds[0])
	require.NoError(t, rows.Close(), "before the first row")
	var id int64
	require.NoError(t, db.QueryRow("SELECT id FROM teamup_customers() WHERE is_active").Scan(&id))
	require.ErrorIs(t, db.QueryRow("SELECT id FROM teamup_customers() WHERE id = 1").Scan(&id), sql.ErrNoRows)
}

func TestRawGivesTheConnection(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(3000))
	conn, err := db.Conn(context.Background())
	require.NoError(t, err)
	defer conn.Close()
	before := arrowconv.AllocatedBytes()
	require.NoError(t, conn.Raw(func(driverConn any) error {
		c := driverConn.(*tablefunc.Conn)
		require.NotNil(t, c.DuckDB())
		rows := 0
		chunks, err := c.QueryChunks(context.Background(), "SELECT 1; SELECT email, age FROM teamup_customers() WHERE is_active AND id > $1", []driver.NamedValue{{Ordinal: 1, Value: int64(5)}})
		require.NoError(t, err)
		require.Equal(t, "email", chunks.Columns()[0].Name)
		require.Equal(t, mapping.StatementTypeSelect, chunks.Kind())
		for err == nil {
			var chunk mapping.DataChunk
			if chunk, err = chunks.Next(context.Background()); err == nil {
				rows += int(mapping.DataChunkGetSize(chunk))
			}
		}
		require.ErrorIs(t, err, io.EOF)
		require.NoError(t, chunks.Close())
		require.NoError(t, chunks.Close(), "again")
		require.Equal(t, one("id_gt=5&is_active=true"), sent(server))
		require.Greater(t, rows, 1000)
		return nil
	}))
	require.Equal(t, before, arrowconv.AllocatedBytes(), "no page is left behind")
	mustTexts(t, conn, "SELECT count(email) FROM teamup_customers()")
}
