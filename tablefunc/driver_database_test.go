package tablefunc_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// openFile opens a database file; the caller closes it.
func openFile(t *testing.T, dsn string, server *teamuptest.Server) *sql.DB {
	client, err := httpsource.New(httpsource.Config{BaseURL: server.URL(), Token: httpsource.NewToken(token)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	db, err := tablefunc.Open(dsn, tablefunc.WithClient(client), tablefunc.WithClock(today))
	require.NoError(t, err)
	return db
}

func TestAFileIsOpenedTwiceWithItsOwnClients(t *testing.T) {
	small, large := teamuptest.NewServer(teamuptest.WithCustomers(10)), teamuptest.NewServer(teamuptest.WithCustomers(150))
	t.Cleanup(small.Close)
	t.Cleanup(large.Close)
	file := filepath.Join(t.TempDir(), "local.duckdb")
	a, b := openFile(t, file, small), openFile(t, file, large)
	mustExec(t, a, "CREATE TABLE kept AS SELECT id FROM teamup_customers() WHERE is_active", "CREATE VIEW v AS FROM teamup_customers() WHERE is_active")
	small.ResetLog()
	mustTexts(t, b, "SELECT email FROM v")
	require.Empty(t, small.Requests())
	require.Equal(t, one("is_active=true"), sent(large))
	require.NoError(t, a.Close())
	mustTexts(t, b, "SELECT email FROM kept JOIN v USING (id)")
	require.Empty(t, small.Requests())
	require.NoError(t, b.Close())
	large.ResetLog()

	// Opened again, it holds what it held, and the function anew.
	readOnly := openFile(t, file+"?access_mode=READ_ONLY", large)
	mustTexts(t, readOnly, "SELECT email FROM kept RIGHT JOIN v USING (id) ORDER BY email LIMIT 2")
	require.Equal(t, one("is_active=true"), sent(large))
	_, err := readOnly.Exec("CREATE TABLE n AS FROM teamup_customers()")
	require.ErrorContains(t, err, "read-only")
	require.NoError(t, readOnly.Close())

	// The driver's own connection to the file has not the function's settings.
	plain, err := sql.Open("duckdb", file)
	require.NoError(t, err)
	require.Equal(t, []string{"[true]"}, mustTexts(t, plain, "SELECT count(*) > 0 FROM kept"))
	_, err = texts(plain, "FROM v")
	require.ErrorContains(t, err, "teamup_customers")
	beside := openFile(t, file, large)
	mustTexts(t, beside, "SELECT email FROM v")
	_, err = texts(plain, "FROM v")
	require.ErrorContains(t, err, "this connection does not say whom to ask")
	require.NoError(t, beside.Close())
	_, err = texts(plain, "FROM v")
	require.ErrorContains(t, err, "this connection does not say whom to ask")
	require.Equal(t, []string{"[true]"}, mustTexts(t, plain, "SELECT count(*) > 0 FROM kept"))
	require.NoError(t, plain.Close())
}

func TestClosingTheDatabaseLetsScansEnd(t *testing.T) {
	before := arrowconv.AllocatedBytes()
	for range 5 {
		server := teamuptest.NewServer(teamuptest.WithCustomers(1500), teamuptest.WithLatency(5*time.Millisecond))
		db := openFile(t, "", server)
		done := make(chan error)
		go func() {
			_, err := texts(db, "SELECT * FROM teamup_customers()")
			done <- err
		}()
		require.Eventually(t, func() bool { return len(server.Requests()) > 2 }, 10*time.Second, time.Millisecond)
		require.NoError(t, db.Close())
		if err := <-done; err != nil {
			require.ErrorContains(t, err, "clos")
		}
		server.Close()
	}
	require.Equal(t, before, arrowconv.AllocatedBytes())
}

func TestCancellationReachesEveryStage(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(2000))
	db.SetMaxOpenConns(1)
	before := arrowconv.AllocatedBytes()
	many := "SELECT count(*) FROM teamup_customers() a0" // takes long to plan, more so to run
	for i := range 8 {
		many += fmt.Sprintf(" JOIN teamup_customers() a%d ON a%d.venue.id = a0.venue.id AND a%d.is_active", i+1, i+1, i+1)
	}
	for i := range 30 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(2*i)*time.Millisecond)
		rows, err := db.QueryContext(ctx, many)
		if err == nil {
			require.NoError(t, rows.Close())
		} else {
			require.ErrorIs(t, err, context.DeadlineExceeded)
		}
		cancel()
		_, err = texts(db, "SELECT 1")
		require.NoError(t, err, "the connection is as before")
	}
	require.Equal(t, []string{"[false]"}, mustTexts(t, db, "SELECT count(email) = 0 FROM teamup_customers() WHERE is_active"))
	require.Eventually(t, func() bool { return server.InFlight() == 0 }, 5*time.Second, time.Millisecond)
	require.Equal(t, before, arrowconv.AllocatedBytes())
}

func TestChunksEndEarly(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(20_000), teamuptest.WithLatency(time.Millisecond))
	conn, err := db.Conn(context.Background())
	require.NoError(t, err)
	defer conn.Close()
	before := arrowconv.AllocatedBytes()
	for _, how := range []string{"closed", "cancelled", "failed"} {
		server.ResetLog()
		require.NoError(t, conn.Raw(func(driverConn any) error {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			chunks, err := driverConn.(*tablefunc.Conn).QueryChunks(ctx, "FROM teamup_customers() WHERE is_active", nil)
			require.NoError(t, err)
			_, err = chunks.Next(ctx)
			require.NoError(t, err)
			switch how {
			case "cancelled":
				cancel()
			case "failed":
				server.Inject(teamuptest.Status(403, ""), teamuptest.Always)
			}
			for how != "closed" && err == nil {
				_, err = chunks.Next(ctx)
			}
			switch how {
			case "cancelled":
				require.ErrorIs(t, err, context.Canceled)
			case "failed":
				var api *httpsource.APIError
				require.ErrorAs(t, err, &api)
			}
			return chunks.Close()
		}), how)
		require.Less(t, len(server.Requests()), 100, how)
		require.Equal(t, []string{"[1]"}, mustTexts(t, conn, "SELECT 1"), "%s: the connection is free again", how)
	}
	require.Eventually(t, func() bool { return arrowconv.AllocatedBytes() == before }, 5*time.Second, time.Millisecond)
}

func TestPrepareAndExecuteAsText(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(200))
	db.SetMaxOpenConns(1)
	mustExec(t, db, "CREATE TABLE m AS SELECT id, email, is_active FROM teamup_customers()", "PREPARE p AS SELECT count(email) FROM teamup_customers() WHERE id > $1 AND is_active")
	for _, above := range []string{"0", "100300", "100900"} {
		require.Equal(t, mustTexts(t, db, "SELECT count(email) FROM m WHERE is_active AND id > "+above), mustTexts(t, db, "EXECUTE p("+above+")"))
	}
	server.Inject(teamuptest.Status(403, ""), teamuptest.Always)
	_, err := texts(db, "EXECUTE p(1)")
	var api *httpsource.APIError
	require.ErrorAs(t, err, &api)
}

func TestStatementsThatAreLarge(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(200))
	ids := make([]string, 20_000)
	for i := range ids {
		ids[i] = fmt.Sprint(100_000 + i)
	}
	require.Len(t, mustTexts(t, db, "SELECT email FROM teamup_customers() WHERE is_active AND id IN ("+strings.Join(ids, ", ")+")"), len(mustTexts(t, db, "SELECT email FROM teamup_customers() WHERE is_active")))
	server.ResetLog()
	scans := make([]string, 200)
	for i := range scans {
		scans[i] = fmt.Sprintf("SELECT email FROM teamup_customers() WHERE id = %d", i+1)
	}
	require.Empty(t, mustTexts(t, db, strings.Join(scans, " UNION ALL ")))
	require.Len(t, sent(server), 200)
}

func TestAStatementServesManyConnections(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(300), teamuptest.WithLatency(time.Millisecond))
	mustExec(t, db, "CREATE TABLE m AS SELECT id, email, is_active FROM teamup_customers()")
	stmt, err := db.Prepare("SELECT count(email) FROM teamup_customers() WHERE is_active = $1 AND id > $2")
	require.NoError(t, err)
	defer stmt.Close()
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			active, above := i%2 == 0, 100_000+100*i
			var want, got int
			if err := db.QueryRow("SELECT count(email) FROM m WHERE is_active = $1 AND id > $2", active, above).Scan(&want); err != nil {
				t.Error(err)
			}
			if err := stmt.QueryRow(active, above).Scan(&got); err != nil || got != want {
				t.Error(got, want, err)
			}
		})
	}
	wg.Wait()
}
