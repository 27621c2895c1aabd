package tablefunc_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// badFiles are files with one bad line at the very end, which DuckDB comes to only if
// it reads them to the end.
func badFiles(t *testing.T) (csv, json, good string) {
	dir := t.TempDir()
	csv, json, good = filepath.Join(dir, "bad.csv"), filepath.Join(dir, "bad.json"), filepath.Join(dir, "good.csv")
	var c, j, g strings.Builder
	c.WriteString("customer_id,tier\n")
	g.WriteString("customer_id,tier\n")
	for i := range 30_000 {
		fmt.Fprintf(&c, "%d,gold\n", 100_000+i%40)
		fmt.Fprintf(&j, "{\"customer_id\": %d, \"tier\": \"gold\"}\n", 100_000+i%40)
	}
	for i := range 40 {
		fmt.Fprintf(&g, "%d,gold\n", 100_000+i)
	}
	c.WriteString("not a number,gold\n")
	j.WriteString("{\"customer_id\": \n")
	for name, text := range map[string]string{csv: c.String(), json: j.String(), good: g.String()} {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
	return csv, json, good
}

// What DuckDB says of a file is what the statement says, and a statement that never
// comes to the bad line succeeds.
func TestABadLineFailsOnlyTheStatementThatReadsIt(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(300))
	db.SetMaxOpenConns(1)
	csv, json, _ := badFiles(t)
	plain, _ := open(t, teamuptest.WithCustomers(300))
	plain.SetMaxOpenConns(1)
	mustExec(t, plain, "CREATE TABLE m AS SELECT * FROM teamup_customers()")
	for _, transaction := range []bool{false, true} {
		for _, query := range []string{
			"SELECT c.id, v.tier FROM {t} c JOIN '" + csv + "' v ON c.id = v.customer_id",
			"SELECT c.id, v.tier FROM {t} c JOIN read_csv('" + csv + "', header = true) v ON c.id = v.customer_id WHERE c.is_active",
			"SELECT c.id, v.tier FROM {t} c JOIN read_json('" + json + "') v ON c.id = v.customer_id",
			"SELECT v.tier FROM '" + csv + "' v LEFT JOIN {t} c ON c.id = v.customer_id LIMIT 3",
			"SELECT v.tier FROM read_json('" + json + "') v LEFT JOIN {t} c ON c.id = v.customer_id LIMIT 3",
			"SELECT count(*) FROM {t} c JOIN read_csv('" + csv + "', ignore_errors = true) v ON c.id = v.customer_id",
		} {
			if transaction {
				mustExec(t, plain, "BEGIN")
				mustExec(t, db, "BEGIN")
			}
			want, wantErr := texts(plain, strings.ReplaceAll(query, "{t}", "m"))
			got, err := texts(db, strings.ReplaceAll(query, "{t}", "teamup_customers()"))
			if wantErr != nil {
				require.ErrorContains(t, err, strings.SplitN(wantErr.Error(), "\n", 2)[0], query)
				require.NotContains(t, err.Error(), "aborted", query)
			} else {
				require.NoError(t, err, query)
				require.Equal(t, sorted(want), sorted(got), query)
				if transaction {
					mustTexts(t, db, "SELECT 1")
				}
			}
			if transaction {
				mustExec(t, plain, "ROLLBACK")
				mustExec(t, db, "ROLLBACK")
			}
			mustTexts(t, db, "SELECT 1")
		}
	}
}

// Rejected lines are stored once, as DuckDB stores them without the report.
func TestRejectedLinesAreStoredOnce(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(300))
	db.SetMaxOpenConns(1)
	csv, _, _ := badFiles(t)
	mustTexts(t, db, "SELECT count(*) FROM teamup_customers() c JOIN read_csv('"+csv+"', store_rejects = true, types = {'customer_id': 'BIGINT'}) v ON c.id = v.customer_id")
	require.Equal(t, []string{"[1]"}, mustTexts(t, db, "SELECT count(*) FROM reject_errors"))
	require.Equal(t, []string{"[1]"}, mustTexts(t, db, "SELECT count(*) FROM reject_scans"))
}

// A pipe can be read only once, and that by the statement.
func TestAPipeIsReadByTheStatementAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no pipes with a name in the file system")
	}
	db, _ := open(t, teamuptest.WithCustomers(300))
	plain, err := sql.Open("duckdb", "")
	require.NoError(t, err)
	defer plain.Close()
	mustExec(t, plain, "CREATE TABLE m AS FROM (VALUES (100001), (100021)) t(id)")
	read := func(db *sql.DB, query string) []string {
		reader, writer, err := os.Pipe()
		require.NoError(t, err)
		defer reader.Close()
		written := make(chan error, 1)
		go func() {
			_, err := writer.WriteString("customer_id,tier\n100001,gold\n100021,silver\n")
			written <- errors.Join(err, writer.Close())
		}()
		rows := mustTexts(t, db, strings.ReplaceAll(query, "{pipe}", fmt.Sprintf("/dev/fd/%d", reader.Fd())))
		require.NoError(t, <-written)
		return sorted(rows)
	}
	const query = "SELECT c.id, v.tier FROM {t} c JOIN read_csv('{pipe}', auto_detect = false, header = true, delim = ',', columns = {'customer_id': 'BIGINT', 'tier': 'VARCHAR'}) v ON c.id = v.customer_id"
	want := read(plain, strings.ReplaceAll(query, "{t}", "m"))
	require.Len(t, want, 2)
	require.Equal(t, want, read(db, strings.ReplaceAll(query, "{t}", "teamup_customers()")))
}
