package tablefunc_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// TestErrorsAreToldApart fails statements in every way that a program would tell
// apart, through each door.
func TestErrorsAreToldApart(t *testing.T) {
	fault := func(f teamuptest.Fault) *teamuptest.Fault { return &f }
	always := func(teamuptest.Call) bool { return true }
	is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
	doors := map[string]func(context.Context, *sql.DB, string) error{
		"query": readAll,
		"exec": func(ctx context.Context, db *sql.DB, query string) error {
			_, err := db.ExecContext(ctx, "CREATE TEMP TABLE kept AS "+query)
			return err
		},
		"arrow": func(ctx context.Context, db *sql.DB, query string) error {
			r, err := tablefunc.QueryArrow(ctx, db, query)
			if err != nil {
				return err
			}
			defer r.Release()
			for r.Next() {
			}
			return r.Err()
		},
	}
	for name, c := range map[string]struct {
		fault *teamuptest.Fault // nil for none
		known func(error) bool
	}{
		"refused": {fault(teamuptest.Status(403, "")), func(err error) bool {
			var e *httpsource.APIError
			return errors.As(err, &e) && e.Status == 403
		}},
		"the rate limit is used up": {fault(teamuptest.Status(429, "3600")), func(err error) bool {
			var e *httpsource.RateLimitError
			return errors.As(err, &e) && e.Asked == time.Hour
		}},
		"down": {fault(teamuptest.Status(503, "")), func(err error) bool {
			var e *httpsource.RetryError
			return errors.As(err, &e) && e.Tries == 3
		}},
		"a value of another type": {fault(teamuptest.Cell("age", `"old"`)), func(err error) bool {
			var e *arrowconv.ValueError
			return errors.As(err, &e) && e.Column == "age" && e.HasCustomerID
		}},
		"cancelled": {nil, is(context.Canceled)},
		"too late":  {nil, is(context.DeadlineExceeded)},
	} {
		for door, run := range doors {
			t.Run(name+", "+door, func(t *testing.T) {
				db, server := open(t, teamuptest.WithCustomers(20))
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				switch {
				case c.fault != nil:
					server.Inject(*c.fault, always)
				case name == "cancelled":
					server.Inject(teamuptest.Delay(time.Minute), func(teamuptest.Call) bool { cancel(); return true })
				default:
					server.Inject(teamuptest.Delay(time.Minute), always)
					ctx, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
					defer cancel()
				}
				err := run(ctx, db, "SELECT id, age FROM teamup_customers()")
				require.Error(t, err)
				require.True(t, c.known(err), "%v", err)
				require.NotContains(t, err.Error(), token)
			})
		}
	}
	client, err := httpsource.New(httpsource.Config{})
	require.NoError(t, err)
	defer client.Close()
	db, err := tablefunc.Open("", tablefunc.WithClient(client))
	require.NoError(t, err)
	defer db.Close()
	require.ErrorIs(t, readAll(context.Background(), db, "FROM teamup_customers()"), httpsource.ErrNoToken)
}

// scanStruct scans a row by the names of its columns, as sqlx and its like do.
func scanStruct(rows *sql.Rows, to any) error {
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	v := reflect.ValueOf(to).Elem()
	targets := make([]any, len(columns))
	for i, c := range columns {
		targets[i] = v.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, strings.ReplaceAll(c, "_", "")) }).Addr().Interface()
	}
	return rows.Scan(targets...)
}

func TestRowsAreScannedIntoStructs(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(60))
	type customer struct {
		ID          int64
		Email       *string
		IsActive    sql.NullBool
		CreatedAt   time.Time
		DateOfBirth sql.NullTime
		Venue       duckdb.Composite[struct {
			ID   int64  `mapstructure:"id"`
			Name string `mapstructure:"name"`
		}]
		Credit duckdb.Decimal
	}
	const of = " FROM teamup_customers() WHERE venue IS NOT NULL AND account_credit_balance IS NOT NULL ORDER BY id"
	plainly := mustTexts(t, db, "SELECT id, coalesce(email, ''), is_active, epoch_us(created_at), date_of_birth::VARCHAR, venue.id, venue.name, account_credit_balance.decimal::DOUBLE"+of)
	rows, err := db.Query("SELECT id, email, is_active, created_at, date_of_birth, venue, account_credit_balance.decimal AS credit" + of)
	require.NoError(t, err)
	defer rows.Close()
	var scanned []string
	for rows.Next() {
		var c customer
		require.NoError(t, scanStruct(rows, &c))
		email, active, born := "", any(nil), any(nil)
		if c.Email != nil {
			email = *c.Email
		}
		if c.IsActive.Valid {
			active = c.IsActive.Bool
		}
		if c.DateOfBirth.Valid {
			born = c.DateOfBirth.Time.Format(time.DateOnly)
		}
		venue := c.Venue.Get()
		scanned = append(scanned, fmt.Sprintf("%v", []any{c.ID, email, active, c.CreatedAt.UnixMicro(), born, venue.ID, venue.Name, c.Credit.Float64()}))
	}
	require.NoError(t, rows.Err())
	require.Greater(t, len(scanned), 20)
	require.Equal(t, plainly, scanned)
}
