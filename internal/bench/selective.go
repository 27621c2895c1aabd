package main

import (
	"context"
	"fmt"
	"time"

	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// selective compares queries that need little of the report with and without
// pushdown of all but the columns.
func selective(ctx context.Context, b *bench) (*section, error) {
	customers, latency := b.size(50_000, 1000), 20*time.Millisecond
	if b.quick {
		latency = time.Millisecond
	}
	s := &section{intro: fmt.Sprintf("%d customers at %v per request. Both sides request only the columns of the query; without pushdown, nothing else\n"+
		"is pushed down. Bytes are those of compressed responses.", customers, latency)}
	s.table("query", "requests without", "with", "bytes without", "with", "time without", "with", "without ÷ with")
	address := b.server.address(customers, latency, zipped)
	with, err := open(ctx, address)
	if err != nil {
		return nil, err
	}
	defer with.close()
	without, err := open(ctx, address, tablefunc.WithoutPushdown())
	if err != nil {
		return nil, err
	}
	defer without.close()
	queries, err := selectiveQueries(ctx, with, without)
	if err != nil {
		return nil, err
	}
	for _, q := range queries {
		var spent [2]requests.Summary
		results, err := interleave(ctx, min(b.runs, 3), counted(without, q.text, &spent[0]), counted(with, q.text, &spent[1]))
		if err != nil {
			return nil, err
		}
		s.row(q.name, number(float64(spent[0].Requests)), number(float64(spent[1].Requests)), bytesOf(float64(spent[0].Bytes)), bytesOf(float64(spent[1].Bytes)),
			results[0].show(seconds), results[1].show(seconds), ratio(results[0], results[1]).show(times))
	}
	return s, nil
}

// counted times a query and notes what it asked.
func counted(db *database, query string, spent *requests.Summary) contender {
	return timed(func(ctx context.Context) error {
		err := db.drain(ctx, query)
		*spent = db.spent
		return err
	})
}

type namedQuery struct{ name, text string }

// selectiveQueries writes the queries for the customers that there are. The tables
// that they need are made in both databases.
func selectiveQueries(ctx context.Context, dbs ...*database) ([]namedQuery, error) {
	for _, db := range dbs {
		err := db.exec(ctx, "CREATE TABLE known AS SELECT id, created_at FROM teamup_customers()",
			"CREATE TABLE vip AS SELECT id FROM known ORDER BY hash(id) LIMIT 150")
		if err != nil {
			return nil, err
		}
	}
	since := func(share float64) (string, error) {
		var t time.Time
		err := dbs[0].conn.QueryRowContext(ctx, "SELECT quantile_disc(created_at, ?) FROM known", 1-share).Scan(&t)
		return fmt.Sprintf("SELECT id, email FROM teamup_customers() WHERE created_at >= TIMESTAMPTZ '%s'", t.UTC().Format("2006-01-02 15:04:05-07")), err
	}
	one, err := since(0.01)
	if err != nil {
		return nil, err
	}
	ten, err := since(0.1)
	return []namedQuery{
		{"1 % of the customers, by a time", one},
		{"10 % of the customers, by a time", ten},
		{"`count(*)` of the active", "SELECT count(*) FROM teamup_customers() WHERE is_active"},
		{"`LIMIT 10`", "SELECT email FROM teamup_customers() LIMIT 10"},
		{"the latest 20, `ORDER BY id DESC LIMIT 20`", "SELECT email FROM teamup_customers() ORDER BY id DESC LIMIT 20"},
		{"semi-join with 150 ids of a table", "SELECT email FROM teamup_customers() WHERE id IN (SELECT id FROM vip)"},
	}, err
}
