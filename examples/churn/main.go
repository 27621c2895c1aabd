// Command churn writes a CSV of the customers who are slipping away and matter most:
// those on a list of one's own, here of tiers and vouchers by customer.
//
//	churn -demo -vip testdata/vip.csv -o churn.csv
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"

	"github.com/teamupsql/teamupsql/examples/internal/demo"
	"github.com/teamupsql/teamupsql/tablefunc"
)

func main() {
	log.SetFlags(0)
	useDemo := flag.Bool("demo", false, "ask an embedded report of made-up customers")
	vip := flag.String("vip", "", "the CSV `file` with the columns customer_id, tier and voucher")
	to := flag.String("o", "churn.csv", "the `file` to write")
	flag.Parse()
	// Ctrl-C ends the requests and leaves no half file.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := churn(ctx, *useDemo, *vip, *to); err != nil {
		log.Fatal(err)
	}
}

// query reads the list and the report. The join tells the report which customers are
// wanted, so that it is asked for them alone where that takes fewer requests.
const query = `
SELECT c.id, c.full_name, c.email, v.tier, v.voucher,
       c.latest_registration.starts_at AS last_seen,
       c.account_credit_balance.decimal AS credit
FROM teamup_customers() c JOIN read_csv(%s) v ON c.id = v.customer_id
WHERE c.is_slipping_away AND c.email IS NOT NULL
ORDER BY v.tier, last_seen DESC NULLS LAST, c.id`

func churn(ctx context.Context, useDemo bool, vip, to string) (err error) {
	if vip == "" {
		return errors.New("churn: say which customers matter, with -vip FILE")
	}
	options, err := demo.Options(useDemo)
	if err != nil {
		return err
	}
	db, err := tablefunc.Open("", options...) // the token is $TEAMUP_TOKEN
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	// COPY takes no parameters, so the names of the files are quoted. What comes from
	// other people is better bound: see the example httpjson.
	result, err := db.ExecContext(ctx, "COPY ("+fmt.Sprintf(query, quote(vip))+") TO "+quote(to)+" (HEADER)")
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return err
	}
	fmt.Printf("%d customers in %s\n", n, to)
	return nil
}

// quote is the text as an SQL string.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
