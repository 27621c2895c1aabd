// Command birthdays writes a CSV for a mail-out: the active customers whose birthday
// comes within the next days, each with the age they will be.
//
//	birthdays -demo -days 3
package main

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"flag"
	"io"
	"log"
	"os"
	"os/signal"
	"strconv"

	"github.com/teamupsql/teamupsql/examples/internal/demo"
	"github.com/teamupsql/teamupsql/tablefunc"
)

func main() {
	log.SetFlags(0)
	useDemo := flag.Bool("demo", false, "ask an embedded report of made-up customers")
	days := flag.Int("days", 7, "how many days from today on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := birthdays(ctx, os.Stdout, *useDemo, *days); err != nil {
		log.Fatal(err)
	}
}

// The report counts the days itself, by the business's calendar. Only is_active makes
// it send fewer customers; DuckDB does the rest.
const query = `
SELECT email, coalesce(first_name, full_name, 'friend'), days_until_birthday,
       CASE days_until_birthday WHEN 0 THEN age ELSE age + 1 END
FROM teamup_customers()
WHERE is_active AND email IS NOT NULL AND days_until_birthday < ?
ORDER BY days_until_birthday, id`

func birthdays(ctx context.Context, out io.Writer, useDemo bool, days int) (err error) {
	options, err := demo.Options(useDemo)
	if err != nil {
		return err
	}
	db, err := tablefunc.Open("", options...) // the token is $TEAMUP_TOKEN
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, query, days)
	if err != nil {
		return err
	}
	defer rows.Close()
	w := csv.NewWriter(out)
	if err := w.Write([]string{"email", "name", "in_days", "turns"}); err != nil {
		return err
	}
	for rows.Next() {
		var email, name string
		var in int
		var turns sql.NullInt32 // the year of birth may be unknown
		if err := rows.Scan(&email, &name, &in, &turns); err != nil {
			return err
		}
		age := ""
		if turns.Valid {
			age = strconv.Itoa(int(turns.Int32))
		}
		if err := w.Write([]string{email, name, strconv.Itoa(in), age}); err != nil {
			return err
		}
	}
	w.Flush()
	// Without this check a report that failed midway would look complete.
	return errors.Join(rows.Err(), w.Error())
}
