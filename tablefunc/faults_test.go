package tablefunc_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// TestAFaultIsAnErrorOrNotNoticed runs one query under every fault that the test
// server knows, striking once and for ever, first, in the middle and last. The
// answer is that of a healthy server, or an error; and nothing shows the token. The other
// reports are read by the same code: each meets every fault once, in other places.
func TestAFaultIsAnErrorOrNotNoticed(t *testing.T) {
	t.Parallel()
	places := []string{"first", "middle", "last"}
	whens := []teamuptest.When{teamuptest.FirstPage, teamuptest.MiddlePage, teamuptest.LastPage}
	for r, of := range report.All() {
		customers := min(450, customersFor(of))
		query := "SELECT count(*), sum(hash(c)) FROM " + of.Function + "() c"
		healthy, _ := open(t, teamuptest.WithCustomers(customers))
		want := mustTexts(t, healthy, query)
		t.Cleanup(func() {
			require.Empty(t, mustTexts(t, healthy, "SELECT * FROM teamup_requests() r WHERE contains(r::VARCHAR, ?)", token))
		})
		for i, fault := range teamuptest.Faults() {
			for p, place := range places {
				for o, once := range []bool{true, false} {
					if of != report.Customers && (p != (i+r)%3 || o != (i+r)%2) {
						continue
					}
					t.Run(fmt.Sprintf("%s/%s/%s/once=%v", of.Name, fault.Name, place, once), func(t *testing.T) {
						t.Parallel()
						strikes := whens[p] // this test's own: the others of the place share it
						if once {
							strikes = teamuptest.Once(strikes)
						}
						underFault(t, of, customers, fault, strikes, query, want)
					})
				}
			}
		}
	}
}

func underFault(t *testing.T, of *report.Report, customers int, fault teamuptest.Fault, when teamuptest.When, query string, want []string) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(customers), teamuptest.WithFault(fault, when))
	defer server.Close()
	var log bytes.Buffer
	client, err := httpsource.New(httpsource.Config{BaseURL: server.URL(), Token: httpsource.NewToken(token),
		RequestTimeout: 300 * time.Millisecond, ScanTimeout: 10 * time.Second, MaxBody: 4 << 20,
		Retry:  httpsource.Retry{Tries: 2, Elapsed: 3 * time.Second, Wait: time.Millisecond, MaxWait: 2 * time.Millisecond},
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	require.NoError(t, err)
	defer client.Close()
	db, err := tablefunc.Open("", tablefunc.WithClient(client))
	require.NoError(t, err)
	defer db.Close()
	got, err := texts(db, query)
	if err == nil {
		if fault.Name != "nul" { // it changes a value
			require.Equal(t, want, got)
		}
	} else {
		require.Contains(t, err.Error(), of.Function)
		require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), token)
	}
	require.NotContains(t, log.String(), token)
}

// A damaged answer is asked for again, one of another form is not: it would be the same.
func TestWhichAnswersAreAskedForAgain(t *testing.T) {
	for name, again := range map[string]bool{
		"truncated_json": true, "empty_body": true, "malformed_json": true, "trailing_json": true, "corrupt_gzip": true,
		"duplicate_keys": true, "invalid_utf8": true, "lone_surrogate": true, "deep_json": true,
		"null_body": false, "no_rows": false, "rows_object": false, "total_text": false, "total_negative": false,
	} {
		t.Run(name, func(t *testing.T) {
			var struck atomic.Bool
			db, _ := open(t, teamuptest.WithCustomers(450), teamuptest.WithFault(fault(t, name), func(c teamuptest.Call) bool {
				return teamuptest.MiddlePage(c) && !struck.Swap(true)
			}))
			_, err := texts(db, "SELECT count(first_name), count(email) FROM teamup_customers()")
			require.True(t, struck.Load())
			if again {
				require.NoError(t, err)
			} else {
				var form *arrowconv.FormatError
				var value *arrowconv.ValueError
				require.True(t, errors.As(err, &form) || errors.As(err, &value), "%v", err)
			}
		})
	}
}

// TestScansStayTrueWhileTheReportMoves checks the guarantee of docs/reliability.md
// through SQL: a row that was there all the time is delivered once, none twice, and
// none that was never there.
func TestScansStayTrueWhileTheReportMoves(t *testing.T) {
	t.Parallel()
	for _, of := range report.All() {
		where, q, runs := "", of.Query(), 5
		customers := customersFor(of)
		if of == report.Customers {
			where, q, customers, runs = " WHERE is_active", q.With("is_active", true), 1200, 15
		}
		for _, every := range []int{1, 2, 5} {
			db, server := open(t, teamuptest.WithCustomers(customers), teamuptest.WithMutations(every))
			for range runs {
				from := server.Store().Seq()
				ids := keysOf(t, db, "SELECT "+of.Key+" FROM "+of.Function+"()"+where)
				always, ever, err := server.Store().Throughout(q, from, server.Store().Seq())
				require.NoError(t, err)
				require.NotEmpty(t, always, of.Name)
				require.Subset(t, ids, always, of.Name)
				require.Subset(t, ever, ids, of.Name)
				seen := map[int64]bool{}
				for _, id := range ids {
					require.False(t, seen[id], "%s %d came twice", of.Row, id)
					seen[id] = true
				}
			}
		}
	}
}

// keysOf are the numbers that a query of one column returns.
func keysOf(t *testing.T, db *sql.DB, query string) (ids []int64) {
	rows, err := db.QueryContext(context.Background(), query)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var id int64
		require.NoError(t, rows.Scan(&id))
		ids = append(ids, id)
	}
	require.NoError(t, rows.Err())
	return ids
}
