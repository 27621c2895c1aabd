package tablefunc_test

import (
	"bytes"
	"context"
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
// answer is that of a healthy server, or an error; and nothing shows the token.
func TestAFaultIsAnErrorOrNotNoticed(t *testing.T) {
	t.Parallel()
	const query = "SELECT count(*), sum(hash(c)) FROM teamup_customers() c"
	healthy, _ := open(t, teamuptest.WithCustomers(450))
	want := mustTexts(t, healthy, query)
	t.Cleanup(func() {
		require.Empty(t, mustTexts(t, healthy, "SELECT * FROM teamup_requests() r WHERE contains(r::VARCHAR, ?)", token))
	})
	places := map[string]teamuptest.When{"first": teamuptest.FirstPage, "middle": teamuptest.MiddlePage, "last": teamuptest.LastPage}
	for _, fault := range teamuptest.Faults() {
		for place, when := range places {
			for _, once := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%s/once=%v", fault.Name, place, once), func(t *testing.T) {
					t.Parallel()
					strikes := when // this test's own: the others of the place share when
					if once {
						strikes = teamuptest.Once(when)
					}
					underFault(t, fault, strikes, query, want)
				})
			}
		}
	}
}

func underFault(t *testing.T, fault teamuptest.Fault, when teamuptest.When, query string, want []string) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(450), teamuptest.WithFault(fault, when))
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
		require.Contains(t, err.Error(), report.Customers.Function)
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
// through SQL: who was there all the time is delivered once, nobody twice, and
// nobody who was never there.
func TestScansStayTrueWhileTheReportMoves(t *testing.T) {
	t.Parallel()
	for _, every := range []int{1, 2, 5} {
		db, server := open(t, teamuptest.WithCustomers(1200), teamuptest.WithMutations(every))
		for range 15 {
			server.ResetLog()
			from := server.Store().Seq()
			var ids []int64
			rows, err := db.QueryContext(context.Background(), "SELECT id FROM teamup_customers() WHERE is_active")
			require.NoError(t, err)
			for rows.Next() {
				var id int64
				require.NoError(t, rows.Scan(&id))
				ids = append(ids, id)
			}
			require.NoError(t, rows.Err())
			require.NoError(t, rows.Close())
			yes := true
			always, ever, err := server.Store().Throughout(report.Customers.Query().With("is_active", yes), from, server.Store().Seq())
			require.NoError(t, err)
			require.Subset(t, ids, always)
			require.Subset(t, ever, ids)
			seen := map[int64]bool{}
			for _, id := range ids {
				require.False(t, seen[id], "customer %d came twice", id)
				seen[id] = true
			}
		}
	}
}
