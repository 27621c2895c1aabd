package tablefunc_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// ratio runs two things in turns, so that a busy machine slows both, and reports
// how many times longer the first takes, and what each takes.
func ratio(b *testing.B, first, second func()) {
	var times [2]time.Duration
	first()
	second()
	for b.Loop() {
		for i, f := range []func(){first, second} {
			start := time.Now()
			f()
			times[i] += time.Since(start)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(times[0])/float64(times[1]), "ratio")
	b.ReportMetric(float64(times[0].Microseconds())/float64(b.N), "µs/first")
	b.ReportMetric(float64(times[1].Microseconds())/float64(b.N), "µs/second")
}

func drain(b *testing.B, db querier, query string, args ...any) {
	rows, err := db.QueryContext(context.Background(), query, args...)
	require.NoError(b, err)
	for rows.Next() {
	}
	require.NoError(b, rows.Err())
	require.NoError(b, rows.Close())
}

// BenchmarkOtherSQL compares statements without the function with the driver alone.
func BenchmarkOtherSQL(b *testing.B) {
	ours, _ := open(b, teamuptest.WithCustomers(1))
	plain, err := sql.Open("duckdb", "")
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, plain.Close()) })
	for _, db := range []*sql.DB{ours, plain} {
		db.SetMaxOpenConns(1)
		mustExec(b, db, "CREATE TABLE t AS SELECT range AS i, 'x' || range AS s FROM range(10000)")
	}
	for name, query := range map[string]string{
		"constant":   "SELECT 42",
		"aggregate":  "SELECT count(*), max(s) FROM t WHERE i % 3 = 0",
		"join":       "SELECT count(*) FROM t a JOIN t b USING (i) WHERE a.s <> 'x5'",
		"statements": "BEGIN; INSERT INTO t SELECT 1, 'y'; DELETE FROM t WHERE s = 'y'; COMMIT; SELECT 1",
	} {
		b.Run(name, func(b *testing.B) {
			ratio(b, func() { drain(b, ours, query) }, func() { drain(b, plain, query) })
		})
	}
	b.Run("prepared", func(b *testing.B) {
		var stmts [2]*sql.Stmt
		for i, db := range []*sql.DB{ours, plain} {
			stmts[i], err = db.Prepare("SELECT s FROM t WHERE i = ?")
			require.NoError(b, err)
			defer stmts[i].Close()
		}
		var s string
		ratio(b, func() { require.NoError(b, stmts[0].QueryRow(7).Scan(&s)) }, func() { require.NoError(b, stmts[1].QueryRow(7).Scan(&s)) })
	})
}

// BenchmarkPlanning compares what it takes to learn a statement's requests with
// what DuckDB takes to prepare it, which happens anyway.
func BenchmarkPlanning(b *testing.B) {
	db, _ := open(b, teamuptest.WithCustomers(1))
	db.SetMaxOpenConns(1)
	file := filepath.Join(b.TempDir(), "vip.csv")
	require.NoError(b, os.WriteFile(file, []byte("mail,tier\nx@example.com,gold\n"), 0o600))
	ten := make([]string, 10)
	for i := range ten {
		ten[i] = fmt.Sprintf("teamup_customers() c%d", i)
	}
	conditions := "c0.is_active"
	for i := range 9 {
		conditions += fmt.Sprintf(" AND c%d.email = c%d.email AND c%d.age > %d", i, i+1, i+1, i)
	}
	for name, query := range map[string]string{
		"one":     "SELECT email FROM teamup_customers() WHERE is_active AND created_at >= '2026-01-01'",
		"top":     "SELECT email, id FROM teamup_customers() WHERE is_active ORDER BY email LIMIT 10",
		"ten":     "SELECT count(*) FROM " + strings.Join(ten, ", ") + " WHERE " + conditions,
		"union10": strings.Join(strings.Split(strings.Repeat("SELECT email FROM teamup_customers() WHERE is_active;", 9)+"SELECT 'x'", ";"), " UNION ALL "),
		"csv":     "SELECT tier, email FROM " + sqltext.QuoteText(file) + " JOIN teamup_customers() ON email = mail WHERE is_active AND tier = 'gold'",
	} {
		b.Run(name, func(b *testing.B) {
			ratio(b, func() {
				e, err := tablefunc.Explain(context.Background(), db, query)
				require.NoError(b, err)
				require.NoError(b, e.Unplanned)
			}, func() {
				stmt, err := db.Prepare(query)
				require.NoError(b, err)
				require.NoError(b, stmt.Close())
			})
		})
	}
}
