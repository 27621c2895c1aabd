package tablefunc_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// A statement that only defines something reads no files and sends no requests.
func TestDefinitionsReadNothing(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(300))
	db.SetMaxOpenConns(1)
	file := filepath.Join(t.TempDir(), "vip.csv")
	require.NoError(t, os.WriteFile(file, []byte("customer_id,tier\n"+strings.Repeat("100001,gold\n", 30_000)+"no number,gold\n"), 0o600))
	query := "SELECT c.id FROM teamup_customers() c JOIN '" + file + "' v ON c.id = v.customer_id"
	for _, define := range []string{"CREATE VIEW v AS ", "CREATE TEMP VIEW v2 AS ", "CREATE MACRO m() AS TABLE ", "PREPARE p AS ", "CREATE OR REPLACE MACRO m() AS TABLE "} {
		mustExec(t, db, define+query)
	}
	require.Empty(t, server.Requests())
	_, err := texts(db, "FROM v")
	require.ErrorContains(t, err, "30002")
	_, err = texts(db, "EXECUTE p")
	require.ErrorContains(t, err, "30002")
}
