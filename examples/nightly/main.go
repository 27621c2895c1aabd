// Command nightly writes the report as partitioned Parquet each night, to a directory
// of that day's name, and keeps those of the last days.
//
//	nightly -demo -once -to snapshots
//
// It shows how a program of one's own does it; teamupsql export is a command that does
// more, see docs/export.md.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/teamupsql/teamupsql/examples/internal/demo"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

func main() {
	log.SetFlags(0)
	useDemo := flag.Bool("demo", false, "ask an embedded report of made-up customers")
	once := flag.Bool("once", false, "write now and end")
	to := flag.String("to", "snapshots", "the `directory`")
	hour := flag.Int("hour", 3, "the hour to write at, in UTC")
	keep := flag.Int("keep", 7, "how many days stay")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := nightly(ctx, *useDemo, *once, *to, *hour, *keep); err != nil && !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
}

func nightly(ctx context.Context, useDemo, once bool, dir string, hour, keep int) (err error) {
	options, err := demo.Options(useDemo)
	if err != nil {
		return err
	}
	now := time.Now
	if useDemo {
		now = demo.Now
	}
	asked := 0 // requests of the last statement
	options = append(options, tablefunc.WithStatementObserver(func(_ context.Context, s requests.Summary) { asked = s.Requests }))
	db, err := tablefunc.Open("", options...) // the token is $TEAMUP_TOKEN
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if once {
		return export(ctx, db, dir, now().UTC(), keep, &asked)
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(next(now().UTC(), hour).Sub(now())):
		}
		// A night that fails is not the end; the days before stay as they are.
		if err := export(ctx, db, dir, now().UTC(), keep, &asked); err != nil {
			log.Print(err)
		}
	}
}

// next is when the hour comes next.
func next(now time.Time, hour int) time.Time {
	t := time.Date(now.Year(), now.Month(), now.Day(), hour, 0, 0, 0, time.UTC)
	if !t.After(now) {
		t = t.AddDate(0, 0, 1)
	}
	return t
}

const query = `
COPY (SELECT *, coalesce(year(created_at AT TIME ZONE 'UTC'), -1) AS created_year FROM teamup_customers())
TO %s (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (created_year))`

// export writes one day. Its directory appears whole, by a rename, or not at all. asked is
// the number of requests of the last statement.
func export(ctx context.Context, db *sql.DB, dir string, now time.Time, keep int, asked *int) error {
	day := filepath.Join(dir, now.Format(time.DateOnly))
	if _, err := os.Stat(day); err == nil {
		log.Printf("%s is there", day)
		return nil
	}
	unfinished := filepath.Join(dir, "_unfinished") // Spark and Trino pass over such names
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.RemoveAll(unfinished)); err != nil {
		return err
	}
	result, err := db.ExecContext(ctx, fmt.Sprintf(query, quote(unfinished)))
	if err != nil {
		return errors.Join(err, os.RemoveAll(unfinished))
	}
	customers, err := result.RowsAffected()
	if err != nil {
		return err
	}
	if err := os.Rename(unfinished, day); err != nil {
		return err
	}
	fmt.Printf("%d customers in %s, %d requests\n", customers, filepath.ToSlash(day), *asked)
	return tidy(dir, keep)
}

// tidy removes all days but the last ones.
func tidy(dir string, keep int) error {
	entries, err := os.ReadDir(dir) // in the order of their names
	if err != nil {
		return err
	}
	var days []string
	for _, e := range entries {
		if _, err := time.Parse(time.DateOnly, e.Name()); err == nil && e.IsDir() {
			days = append(days, filepath.Join(dir, e.Name()))
		}
	}
	var errs []error
	for _, old := range days[:max(0, len(days)-max(keep, 1))] {
		errs = append(errs, os.RemoveAll(old))
	}
	return errors.Join(errs...)
}

// quote is the text as an SQL string.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
