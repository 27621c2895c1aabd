package tablefunc_test

import (
	"context"
	"database/sql"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// countdown is a context that is cancelled once Err has been called a number of times.
type countdown struct {
	context.Context
	left atomic.Int32
}

func (c *countdown) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// TestACancelledRecursionFreesTheConnection cancels a recursive query wherever the driver
// looks at its context, also between the two calls by which the driver starts it. DuckDB
// then ends the query when the connection prepares the next one.
func TestACancelledRecursionFreesTheConnection(t *testing.T) {
	const recursion = `WITH RECURSIVE r AS (SELECT id, 0 AS depth FROM teamup_customers() WHERE is_active
		UNION ALL SELECT d.id, depth + 1 FROM r JOIN teamup_customers() d ON d.referring_member.id = r.id WHERE depth < 5)
		SELECT id, depth FROM r`
	inEachMode(t, func(t *testing.T, m mode) {
		db, _ := m.open(t, teamuptest.WithCustomers(150))
		db.SetMaxOpenConns(1)
		want := sorted(mustTexts(t, db, recursion))
		for n := range int32(30) {
			ctx := &countdown{Context: context.Background()}
			ctx.left.Store(n)
			if rows, err := db.QueryContext(ctx, recursion); err == nil {
				require.NoError(t, rows.Close())
			}
			endsStatements(t, db)
		}
		require.Equal(t, want, sorted(mustTexts(t, db, recursion)))
	})
}

// endsStatements fails the test if a statement does not end.
func endsStatements(t *testing.T, db *sql.DB) {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		_, err := db.Exec("SELECT 1")
		done <- err
	}()
	select {
	case err := <-done:
		require.NoError(t, err)
	case <-time.After(20 * time.Second):
		panic("the connection is not usable: a statement does not end") // the database cannot be closed
	}
}
