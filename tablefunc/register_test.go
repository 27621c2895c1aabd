package tablefunc_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/internal/madeup"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// plain opens a database with the driver alone.
func plain(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func register(t *testing.T, db *sql.DB, server *teamuptest.Server) error {
	t.Helper()
	client, err := httpsource.New(httpsource.Config{BaseURL: server.URL(), Token: httpsource.NewToken(token),
		Retry: httpsource.Retry{Tries: 2, Wait: time.Millisecond}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	conn, err := db.Conn(context.Background())
	require.NoError(t, err)
	defer conn.Close()
	return tablefunc.Register(conn, tablefunc.WithClient(client))
}

func TestRegisterKnowsCustomFieldsAndBusinesses(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(150), teamuptest.WithProviders(7, 8))
	t.Cleanup(server.Close)
	db := plain(t, "")
	require.NoError(t, register(t, db, server))
	const query = `SELECT provider_id, count("Custom field 2") > 0, max("Custom field 3") FROM teamup_customers(provider_ids := [7, 8], extra_customer_fields := [2, 3]) GROUP BY ALL ORDER BY ALL`
	require.Equal(t, []string{"[7 true true]", "[8 true true]"}, mustTexts(t, db, query))
	server.ResetLog()
	mustTexts(t, db, query)
	require.Len(t, server.Requests(), 4, "what is known is not asked again")
	_, err := texts(db, "FROM teamup_customers(provider_ids := [7, 9])")
	require.ErrorContains(t, err, "of business 9,")
}

func TestRegisterServesAllConnections(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(350))
	defer server.Close()
	db := plain(t, "")
	require.NoError(t, register(t, db, server))

	db.SetMaxIdleConns(0) // the registering connection is gone, each query opens a new one
	mustTexts(t, db, "SELECT email FROM teamup_customers(is_active := true) WHERE is_new")
	require.Equal(t, []string{"columns=email,id,is_new&is_active=true"}, asked(server))

	rows := make(chan []string)
	for range 4 {
		go func() {
			got, err := texts(db, "SELECT count(*), count(venue.name) FROM teamup_customers()")
			if err != nil {
				got = []string{err.Error()}
			}
			rows <- got
		}()
	}
	first := <-rows
	for range 3 {
		require.Equal(t, first, <-rows)
	}
	mustExec(t, db, "CREATE TABLE kept AS FROM teamup_customers()")
	require.Equal(t, first, mustTexts(t, db, "SELECT count(*), count(venue.name) FROM kept"))
	require.NotEqual(t, []string{"[0]"}, mustTexts(t, db, "SELECT count(*) FROM teamup_requests()"))
}

func TestRegisterOnce(t *testing.T) {
	ours, server := open(t, teamuptest.WithCustomers(20))
	db := plain(t, "")
	require.NoError(t, register(t, db, server))
	require.ErrorIs(t, register(t, db, server), tablefunc.ErrRegistered)
	require.ErrorIs(t, register(t, ours, server), tablefunc.ErrRegistered)
	mustTexts(t, db, "FROM teamup_customers()")

	// A name of any report counts.
	db = plain(t, "")
	mustExec(t, db, "CREATE MACRO "+madeup.Visits.Function+"() AS TABLE SELECT 1")
	require.ErrorIs(t, register(t, db, server), tablefunc.ErrRegistered)
}

func TestRegisterOnceOfManyAtOnce(t *testing.T) {
	for range 5 {
		db := plain(t, "")
		failures := make(chan error)
		for range 6 {
			conn, err := db.Conn(context.Background())
			require.NoError(t, err)
			go func() {
				err := tablefunc.Register(conn)
				failures <- errors.Join(err, conn.Close())
			}()
		}
		registered := 0
		for range 6 {
			if err := <-failures; err == nil {
				registered++
			} else {
				require.ErrorIs(t, err, tablefunc.ErrRegistered)
			}
		}
		require.Equal(t, 1, registered)
	}
}

func TestRegisterBesideOpen(t *testing.T) {
	here, there := teamuptest.NewServer(teamuptest.WithCustomers(20)), teamuptest.NewServer(teamuptest.WithCustomers(30))
	defer here.Close()
	defer there.Close()
	file := filepath.Join(t.TempDir(), "both.duckdb")
	for _, registeredFirst := range []bool{true, false} {
		var beside *sql.DB
		if !registeredFirst {
			beside = openFile(t, file, there)
			mustTexts(t, beside, "SELECT 1 FROM teamup_customers()")
		}
		db, err := sql.Open("duckdb", file)
		require.NoError(t, err)
		require.NoError(t, register(t, db, here))
		require.ErrorIs(t, register(t, db, here), tablefunc.ErrRegistered)
		if registeredFirst {
			beside = openFile(t, file, there)
		}
		here.ResetLog()
		there.ResetLog()
		mustTexts(t, beside, "FROM teamup_customers() WHERE is_new")
		require.Empty(t, here.Requests())
		require.Equal(t, one("is_new=true"), filters(there))
		mustTexts(t, db, "FROM teamup_customers()")
		require.NotEmpty(t, here.Requests())
		require.Empty(t, there.Requests())
		require.NoError(t, beside.Close())
		mustTexts(t, db, "FROM teamup_customers()")
		require.NoError(t, db.Close())
	}
}

func TestARegisteredScanEndsWithItsContext(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(5000), teamuptest.WithLatency(20*time.Millisecond))
	defer server.Close()
	db := plain(t, "")
	require.NoError(t, register(t, db, server))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		rows, err := db.QueryContext(ctx, "SELECT max(email) FROM teamup_customers()")
		if err == nil {
			err = rows.Close()
		}
		done <- err
	}()
	require.Eventually(t, func() bool { return len(server.Requests()) > 2 }, 10*time.Second, time.Millisecond)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	server.ResetLog()
	require.Equal(t, []string{"[1]"}, mustTexts(t, db, "SELECT 1"))
}

func TestRegisteredErrorsSayWhatToDo(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(50))
	defer server.Close()
	db := plain(t, "")
	require.NoError(t, register(t, db, server))
	server.Inject(teamuptest.Status(403, ""), func(teamuptest.Call) bool { return true })
	_, err := texts(db, "FROM teamup_customers()")
	require.ErrorContains(t, err, "403")
	require.NotContains(t, err.Error(), token)
	readable(t, err)
	for query, says := range map[string]string{
		"FROM teamup_customers(ids := [0])":                   "teamup_customers: ids: 0 is not allowed",
		"FROM teamup_customers(extra_customer_fields := [1])": "teamup_customers: extra_customer_fields: customers report, page at offset 0: TeamUp answered 403",
		"FROM teamup_customers(provider_ids := [7, 9])":       "check TEAMUP_PROVIDER_ID or httpsource.Config.ProviderID",
	} {
		_, err := texts(db, query)
		require.ErrorContains(t, err, says)
		readable(t, err)
		var known *duckdb.Error
		require.ErrorAs(t, err, &known)
	}

	var conn *sql.Conn
	other := sql.OpenDB(notDuckDB{})
	defer other.Close()
	conn, err = other.Conn(context.Background())
	require.NoError(t, err)
	defer conn.Close()
	require.ErrorContains(t, tablefunc.Register(conn), "needs a connection of duckdb-go")
}

func TestRegisterFromTheEnvironment(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(50))
	defer server.Close()
	t.Setenv("TEAMUP_BASE_URL", server.URL())
	t.Setenv("TEAMUP_TOKEN", token)
	db := plain(t, "")
	conn, err := db.Conn(context.Background())
	require.NoError(t, err)
	require.NoError(t, tablefunc.Register(conn))
	require.NoError(t, conn.Close())
	mustTexts(t, db, "FROM teamup_customers()")
	require.NotEmpty(t, server.Requests())
}

// notDuckDB is another database.
type notDuckDB struct{}

func (notDuckDB) Connect(context.Context) (driver.Conn, error) { return notDuckDBConn{}, nil }
func (notDuckDB) Driver() driver.Driver                        { return nil }

type notDuckDBConn struct{ driver.Conn }

func (notDuckDBConn) Close() error { return nil }
