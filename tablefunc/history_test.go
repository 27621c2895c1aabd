package tablefunc_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// Each connector, and each database with Register, lists its own requests and counts its
// own statements. Filters such as e-mail addresses are nobody else's business.
func TestRequestsAreListedWhereTheyWereSent(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(50))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "shared.duckdb")
	registered := plain(t, "")
	require.NoError(t, register(t, registered, server))
	databases := map[string]*sql.DB{
		"1001": openAt(t, server.URL()), "1002": openAt(t, server.URL()),
		"1003": openFile(t, file, server), "1004": openFile(t, file, server), // of one database
		"1005": registered,
	}
	for id, db := range databases {
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		mustTexts(t, db, "SELECT count(email) FROM teamup_customers(id_gt := "+id+")")
	}
	for id, db := range databases {
		require.Equal(t, []string{"[1 " + id + "]"}, mustTexts(t, db,
			"SELECT DISTINCT statement, parameters['id_gt'] FROM teamup_requests()"))
	}
}

// A connection that belongs to no connector is told so instead of being shown the
// requests of others.
func TestAConnectionOfDuckDBSeesNoRequestsOfOthers(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(50))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "shared.duckdb")
	ours := openFile(t, file, server)
	t.Cleanup(func() { require.NoError(t, ours.Close()) })
	mustTexts(t, ours, "SELECT email FROM teamup_customers()")
	_, err := texts(plain(t, file), "FROM "+tablefunc.RequestsFunctionName+"()")
	require.ErrorContains(t, err, "this connection does not say whom to ask")
	require.Equal(t, 1, strings.Count(err.Error(), tablefunc.RequestsFunctionName+": "))
}
