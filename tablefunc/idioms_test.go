package tablefunc_test

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// doors are the ways to run a query of a database of Open.
var doors = map[string]func(context.Context, *sql.DB, string) error{
	"query": readAll,
	"exec": func(ctx context.Context, db *sql.DB, query string) error {
		_, err := db.ExecContext(ctx, "CREATE TEMP TABLE kept AS "+query)
		return err
	},
	"several statements": func(ctx context.Context, db *sql.DB, query string) error {
		_, err := db.ExecContext(ctx, "SELECT 1; CREATE TEMP TABLE kept AS "+query+"; SELECT 2")
		return err
	},
	"prepared query": func(ctx context.Context, db *sql.DB, query string) error {
		stmt, err := db.PrepareContext(ctx, query)
		if err != nil {
			return err
		}
		defer stmt.Close()
		rows, err := stmt.QueryContext(ctx)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
		}
		return rows.Err()
	},
	"prepared exec": func(ctx context.Context, db *sql.DB, query string) error {
		stmt, err := db.PrepareContext(ctx, "CREATE TEMP TABLE kept AS "+query)
		if err != nil {
			return err
		}
		defer stmt.Close()
		_, err = stmt.ExecContext(ctx)
		return err
	},
	"transaction": func(ctx context.Context, db *sql.DB, query string) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		_, err = texts(inContext{ctx, tx}, query)
		return err
	},
	"view": func(ctx context.Context, db *sql.DB, query string) error {
		if _, err := db.ExecContext(ctx, "CREATE TEMP VIEW seen AS "+query); err != nil {
			return err
		}
		return readAll(ctx, db, "FROM seen")
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

// inContext runs queries in a context of its own.
type inContext struct {
	context.Context
	querier
}

func (q inContext) QueryContext(_ context.Context, query string, args ...any) (*sql.Rows, error) {
	return q.querier.QueryContext(q.Context, query, args...)
}

// TestErrorsAreToldApart fails statements in every way that a program would tell
// apart, through each door.
func TestErrorsAreToldApart(t *testing.T) {
	one := func(f teamuptest.Fault) *teamuptest.Fault { return &f }
	always := func(teamuptest.Call) bool { return true }
	is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
	const usual = "SELECT id, age FROM teamup_customers()"
	for name, c := range map[string]struct {
		fault *teamuptest.Fault // nil for none
		known func(error) bool
		query string // "" for the usual one
	}{
		"a wrong parameter": {query: "FROM teamup_customers(ids := [0])", known: func(err error) bool {
			var e *report.ParameterError
			return errors.As(err, &e) && e.Parameter == "ids"
		}},
		"two wrong parameters": {query: "FROM teamup_customers(is_any := ['old'], provider_id := 0)", known: func(err error) bool {
			var e *report.ParameterError
			return errors.As(err, &e) && strings.Contains(err.Error(), "is_any") && strings.Contains(err.Error(), "provider_id")
		}},
		"an unknown custom field": {query: "FROM teamup_customers(extra_customer_fields := [99])", known: func(err error) bool {
			var e *requests.UnknownFieldsError
			return errors.As(err, &e) && e.IDs[0] == 99
		}},
		"a custom field refused": {fault: one(teamuptest.Status(403, "")), query: "FROM teamup_customers(extra_customer_fields := [1])", known: func(err error) bool {
			var e *httpsource.APIError
			return errors.As(err, &e) && e.Status == 403
		}},
		"a business": {fault: one(teamuptest.Status(403, "")), query: "FROM teamup_customers(provider_ids := [7, 9])", known: func(err error) bool {
			var e *requests.ProviderError
			return errors.As(err, &e)
		}},
		"a login page": {fault: one(teamuptest.Answer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html><title>Log in</title>"))
		}))), known: func(err error) bool {
			var e *httpsource.NotJSONError
			return errors.As(err, &e)
		}},
		"a redirect": {fault: one(fault(t, "redirect_other_host")), known: func(err error) bool {
			var e *httpsource.RedirectError
			return errors.As(err, &e)
		}},
		"another form": {fault: one(fault(t, "rows_object")), known: func(err error) bool {
			var e *arrowconv.FormatError
			return errors.As(err, &e)
		}},
		"refused": {fault: one(teamuptest.Status(403, "")), known: func(err error) bool {
			var e *httpsource.APIError
			return errors.As(err, &e) && e.Status == 403
		}},
		"the rate limit is used up": {fault: one(teamuptest.Status(429, "3600")), known: func(err error) bool {
			var e *httpsource.RateLimitError
			return errors.As(err, &e) && e.Asked == time.Hour
		}},
		"down": {fault: one(teamuptest.Status(503, "")), known: func(err error) bool {
			var e *httpsource.RetryError
			return errors.As(err, &e) && e.Tries == 3
		}},
		"a value of another type": {fault: one(teamuptest.Cell("age", `"old"`)), known: func(err error) bool {
			var e *arrowconv.ValueError
			return errors.As(err, &e) && e.Column == "age" && e.HasID
		}},
		"cancelled": {known: is(context.Canceled)},
		"too late":  {known: is(context.DeadlineExceeded)},
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
				case name == "too late":
					server.Inject(teamuptest.Delay(time.Minute), always)
					ctx, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
					defer cancel()
				}
				query := cmp.Or(c.query, usual)
				err := run(ctx, db, query)
				require.Error(t, err)
				require.True(t, c.known(err), "%v", err)
				require.NotContains(t, err.Error(), token)
				readable(t, err)
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

// readable checks that an error reads well: each name of the function, the report and a
// package of this module stands there once or not at all.
func readable(t *testing.T, err error) {
	t.Helper()
	for _, name := range []string{"teamup_customers: ", "customers report"} {
		require.LessOrEqual(t, strings.Count(err.Error(), name), 1, err)
	}
	parts := strings.Split(err.Error(), ": ")
	for i, part := range parts[1:] {
		require.False(t, strings.HasSuffix(parts[i], part), "%q twice in %v", part, err)
	}
	for _, name := range []string{"httpsource: ", "tablefunc: ", "arrowconv: ", "report: ", "pushdown: "} {
		require.NotContains(t, err.Error(), name)
	}
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
