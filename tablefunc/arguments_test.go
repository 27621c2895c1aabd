package tablefunc_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// argumentDoors run a statement with one argument.
var argumentDoors = map[string]func(db *sql.DB, query string, arg any) error{
	"query": func(db *sql.DB, query string, arg any) error {
		_, err := texts(db, query, arg)
		return err
	},
	"exec": func(db *sql.DB, query string, arg any) error {
		_, err := db.Exec(query, arg)
		return err
	},
	"prepared": func(db *sql.DB, query string, arg any) error {
		stmt, err := db.Prepare(query)
		if err != nil {
			return err
		}
		rows, err := stmt.Query(arg)
		if err == nil {
			err = rows.Close()
		}
		return errors.Join(err, stmt.Close())
	},
	"arrow": func(db *sql.DB, query string, arg any) error {
		reader, err := tablefunc.QueryArrow(context.Background(), db, query, arg)
		if err == nil {
			reader.Release()
		}
		return err
	},
}

// The driver panics for a list whose elements it cannot bind. That is an error, and the
// connection is given back without a transaction.
func TestAnArgumentThatCannotBeBoundIsAnError(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(50))
	db.SetMaxOpenConns(1)
	mustExec(t, db, "CREATE TABLE keys AS SELECT 100000 + range AS id FROM range(20)")
	for _, query := range []string{"SELECT id FROM keys WHERE id = ANY(?::BIGINT[])", "SELECT id FROM teamup_customers() WHERE id = ANY(?::BIGINT[])",
		"SELECT id FROM teamup_customers() JOIN keys USING (id) WHERE id = ANY(?::BIGINT[])"} {
		for door, run := range argumentDoors {
			for _, arg := range []any{[]int{100001}, []int32{100001}, []string{"100001"}, []any{nil}, []any{time.Now()}} {
				var err error
				require.NotPanics(t, func() { err = run(db, query, arg) }, "%s %s %T", door, query, arg)
				require.ErrorAs(t, err, new(*httpsource.PanicError), "%s %s %T", door, query, arg)
				require.ErrorContains(t, err, "such as []int64 for BIGINT[]")
				readable(t, err)
				usable(t, db)
			}
			require.NoError(t, run(db, query, []int64{100001}), "%s %s", door, query)
		}
	}
}
