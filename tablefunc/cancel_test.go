package tablefunc_test

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// cancelled calls f with a context that often ends while f runs, and reports whether
// f failed because of that. Any other failure fails the test.
func cancelled(t *testing.T, random *rand.Rand, f func(ctx context.Context) error) bool {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if random.IntN(3) == 0 {
		timer := time.AfterFunc(time.Duration(random.IntN(4000))*time.Microsecond, cancel)
		defer timer.Stop()
	}
	err := f(ctx)
	if err != nil && !errors.Is(err, context.Canceled) && ctx.Err() == nil {
		t.Errorf("not cancelled: %v", err)
	}
	return err != nil
}

// A cancelled call leaves its connection as it found it: none stays in a transaction,
// nothing that succeeded is lost, and what runs later is planned.
func TestCancelledCallsLeaveTheConnectionAsItWas(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(300), teamuptest.WithLatency(time.Millisecond))
	t.Cleanup(server.Close)
	db := openAt(t, server.URL())
	db.SetMaxOpenConns(3)
	mustExec(t, db, "CREATE TABLE kept (n BIGINT)", "CREATE TABLE keys AS SELECT 100000 + range AS id FROM range(40)")
	var added, lost atomic.Int64
	work := []func(ctx context.Context) error{
		func(ctx context.Context) error {
			var n int
			return db.QueryRowContext(ctx, "SELECT count(*) FROM teamup_customers() WHERE is_new").Scan(&n)
		},
		func(ctx context.Context) error {
			_, err := db.ExecContext(ctx, "INSERT INTO kept SELECT count(*) FROM teamup_customers() c JOIN keys USING (id) WHERE is_new")
			return err
		},
		func(ctx context.Context) error {
			rows, err := db.QueryContext(ctx, "SELECT email FROM (SELECT email, id FROM teamup_customers() WHERE is_active ORDER BY email LIMIT 5) UNION ALL (SELECT email FROM teamup_customers() WHERE id > ? ORDER BY id LIMIT 3)", 100100)
			if err != nil {
				return err
			}
			return errors.Join(rows.Close(), rows.Err())
		},
		func(ctx context.Context) error {
			tx, err := db.BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, "INSERT INTO kept SELECT count(*) FROM teamup_customers() WHERE is_new")
			if err != nil {
				_ = tx.Rollback()
				return err
			}
			return tx.Commit()
		},
		func(ctx context.Context) error { // statements of the user's own
			conn, err := db.Conn(ctx)
			if err != nil {
				return err
			}
			defer conn.Close()
			if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
				return err
			}
			_, err = conn.ExecContext(ctx, "INSERT INTO kept SELECT count(*) FROM teamup_customers() WHERE is_new")
			end := "COMMIT"
			if err != nil {
				end = "ROLLBACK"
			}
			_, endErr := conn.ExecContext(context.Background(), end)
			return errors.Join(err, endErr)
		},
	}
	var wg sync.WaitGroup
	for worker := range uint64(8) {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(worker, 9))
			for range 60 {
				kind := random.IntN(len(work))
				failed := cancelled(t, random, work[kind])
				if kind == 0 || kind == 2 {
					continue
				}
				if failed {
					lost.Add(1)
				} else {
					added.Add(1)
				}
			}
		})
	}
	wg.Wait()
	var conns []*sql.Conn
	for range 3 {
		conn, err := db.Conn(context.Background())
		require.NoError(t, err)
		conns = append(conns, conn)
	}
	for _, conn := range conns {
		first := mustTexts(t, conn, "SELECT current_transaction_id()")
		require.NotEqual(t, first, mustTexts(t, conn, "SELECT current_transaction_id()"), "a transaction was left open")
		server.ResetLog()
		mustTexts(t, conn, "(SELECT email FROM teamup_customers() WHERE is_active ORDER BY email LIMIT 2) UNION ALL (SELECT email FROM teamup_customers() WHERE is_new ORDER BY email LIMIT 2)")
		require.Equal(t, []string{"is_active=true", "is_new=true"}, filters(server), "the connection pushes down as ever")
		require.NoError(t, conn.Close())
	}
	var rows int64
	require.NoError(t, db.QueryRow("SELECT count(*) FROM kept").Scan(&rows))
	require.LessOrEqual(t, added.Load(), rows, "an INSERT that succeeded is lost")
	require.LessOrEqual(t, rows, added.Load()+lost.Load())
	require.Positive(t, added.Load())
	require.Positive(t, lost.Load())
}

// A cancelled statement has the error of its context, also if DuckDB is interrupted while it
// binds the statement with its arguments, for which it is planned and the clock is called.
func TestACancelledStatementHasTheErrorOfItsContext(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(50))
	t.Cleanup(server.Close)
	var mu sync.Mutex // DuckDB calls the clock
	var cancel context.CancelFunc
	calls, last := 0, 0
	db := openAt(t, server.URL(), tablefunc.WithClock(func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		if calls++; calls == last {
			cancel()
		}
		return today()
	}))
	db.SetMaxOpenConns(1)
	for i := range 200 {
		ctx, stop := context.WithCancel(context.Background())
		mu.Lock()
		cancel, calls, last = stop, 0, 1+i%3
		mu.Unlock()
		var n int
		err := db.QueryRowContext(ctx, "SELECT count(*) FROM teamup_customers() WHERE age > ?", 30).Scan(&n)
		if ctx.Err() != nil && err != nil {
			require.ErrorIs(t, err, context.Canceled)
		}
		stop()
	}
}
