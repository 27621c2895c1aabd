package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/teamupsql/teamupsql/tablefunc"
)

// statements measures what planning costs, and what the function costs statements
// that have nothing to do with it.
func statements(ctx context.Context, b *bench) (*section, error) {
	s := &section{intro: "The first table compares planning the requests of a statement with preparing it in DuckDB. The second one compares\n" +
		"statements that do not use the report with duckdb-go alone. Each figure is the " +
		fmt.Sprintf("median of %d runs in turns.", b.size(fineRuns, 5))}
	db, err := open(ctx, b.server.address(100, 0, plain))
	if err != nil {
		return nil, err
	}
	defer db.close()
	s.table("statement", "prepare", "plan", "plan ÷ prepare")
	if err := b.planning(ctx, s, db); err != nil {
		return nil, err
	}
	alone, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, err
	}
	defer alone.Close()
	plain, err := alone.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer plain.Close()
	s.table("statement without the report", "duckdb-go", "teamupsql", "teamupsql ÷ duckdb-go")
	return s, b.overhead(ctx, s, db.conn, plain)
}

// fineRuns is how many statements make one run: one alone is too short to be
// measured to the hundredth.
const fineRuns = 300

// fine runs contenders many times in turns for each run; a run's value is their
// median.
func (b *bench) fine(ctx context.Context, contenders ...contender) ([]series, error) {
	medians := make([]series, len(contenders))
	for range b.runs {
		results, err := interleave(ctx, b.size(fineRuns, 5), contenders...)
		if err != nil {
			return nil, err
		}
		for i, r := range results {
			medians[i] = append(medians[i], r.median())
		}
	}
	return medians, nil
}

func (b *bench) planning(ctx context.Context, s *section, db *database) error {
	file := filepath.Join(b.dir, "vip.csv")
	if err := os.WriteFile(file, []byte("mail,tier\nx@example.com,gold\n"), 0o600); err != nil {
		return err
	}
	one := "SELECT email FROM teamup_customers() WHERE is_active"
	for _, q := range []namedQuery{
		{"one scan, two predicates", one + " AND created_at >= '2026-01-01'"},
		{"the first ten of an order", "SELECT email, id FROM teamup_customers() WHERE is_active ORDER BY email LIMIT 10"},
		{"UNION of ten scans", one + strings.Repeat(" UNION ALL "+one, 9)},
		{"join with a CSV file", "SELECT tier, email FROM '" + file + "' JOIN teamup_customers() ON email = mail WHERE is_active AND tier = 'gold'"},
	} {
		results, err := b.fine(ctx,
			timed(func(ctx context.Context) error {
				stmt, err := db.conn.PrepareContext(ctx, q.text)
				if err != nil {
					return err
				}
				return stmt.Close()
			}),
			timed(func(ctx context.Context) error {
				return db.conn.Raw(func(conn any) error {
					e, err := conn.(*tablefunc.Conn).Explain(ctx, q.text)
					if err == nil {
						err = e.Unplanned
					}
					return err
				})
			}))
		if err != nil {
			return err
		}
		s.row(q.name, results[0].show(seconds), results[1].show(seconds), ratio(results[1], results[0]).show(times))
	}
	return nil
}

func (b *bench) overhead(ctx context.Context, s *section, ours, alone *sql.Conn) error {
	for _, c := range []*sql.Conn{ours, alone} {
		if _, err := c.ExecContext(ctx, "CREATE TABLE t AS SELECT range AS i, 'x' || range AS s FROM range(10000)"); err != nil {
			return err
		}
	}
	var all series
	for _, q := range []namedQuery{
		{"`SELECT 42`", "SELECT 42"},
		{"an aggregate over 10,000 rows", "SELECT count(*), max(s) FROM t WHERE i % 3 = 0"},
		{"a join of 10,000 rows with themselves", "SELECT count(*) FROM t a JOIN t b USING (i) WHERE a.s <> 'x5'"},
		{"an insert and a delete in a transaction", "BEGIN; INSERT INTO t SELECT 1, 'y'; DELETE FROM t WHERE s = 'y'; COMMIT; SELECT 1"},
	} {
		run := func(c *sql.Conn) contender {
			return timed(func(ctx context.Context) error { return drainRows(c.QueryContext(ctx, q.text)) })
		}
		results, err := b.fine(ctx, run(ours), run(alone))
		if err != nil {
			return err
		}
		r := ratio(results[0], results[1])
		all = append(all, r.median())
		s.row(q.name, results[1].show(seconds), results[0].show(seconds), r.show(times3))
	}
	prepared, closeAll, err := preparedOn(ctx, ours, alone)
	if err != nil {
		return err
	}
	defer closeAll()
	results, err := b.fine(ctx, prepared...)
	if err != nil {
		return err
	}
	r := ratio(results[0], results[1])
	s.row("a prepared lookup in 10,000 rows", results[1].show(seconds), results[0].show(seconds), r.show(times3))
	all = append(all, r.median())
	for i, ratio := range all {
		s.goal(s.tables[len(s.tables)-1].rows[i][0]+" ÷ duckdb-go", ratio, 1.02, true)
	}
	return nil
}

// preparedOn prepares one statement on each connection.
func preparedOn(ctx context.Context, conns ...*sql.Conn) (run []contender, closeAll func(), err error) {
	var stmts []*sql.Stmt
	for _, c := range conns {
		stmt, err := c.PrepareContext(ctx, "SELECT s FROM t WHERE i = ?")
		if err != nil {
			return nil, nil, err
		}
		stmts = append(stmts, stmt)
		run = append(run, timed(func(ctx context.Context) error { return drainRows(stmt.QueryContext(ctx, 7)) }))
	}
	return run, func() {
		for _, stmt := range stmts {
			_ = stmt.Close()
		}
	}, nil
}
