package tablefunc_test

import (
	"context"
	"fmt"
	"log"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// Each business has a token of its own, so each scan gets the client of its business.
func ExampleWithClientFunc() {
	clients := map[int64]*httpsource.Client{}
	for _, business := range []int64{7, 8} {
		secret := fmt.Sprint("secret-", business)
		server := teamuptest.NewServer(teamuptest.WithCustomers(100), teamuptest.WithProviders(business), teamuptest.WithTokens(secret))
		defer server.Close()
		client, err := httpsource.New(httpsource.Config{BaseURL: server.URL(), Token: httpsource.NewToken(secret)})
		if err != nil {
			log.Fatal(err)
		}
		defer client.Close()
		clients[business] = client
	}
	db, err := tablefunc.Open("", tablefunc.WithClientFunc(func(_ context.Context, business int64) (*httpsource.Client, error) {
		if client := clients[business]; client != nil {
			return client, nil
		}
		return nil, fmt.Errorf("no token for business %d", business)
	}))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	var businesses int
	if err := db.QueryRow("SELECT count(DISTINCT provider_id) FROM teamup_customers(provider_ids := [7, 8])").Scan(&businesses); err != nil {
		log.Fatal(err)
	}
	fmt.Println(businesses, "businesses")
	_, err = db.Exec("CREATE TABLE nine AS FROM teamup_customers(provider_id := 9)")
	fmt.Println(err)
	// Output:
	// 2 businesses
	// teamup_customers: no client for business 9: no token for business 9
}

func ExampleWithStatementObserver() {
	server := teamuptest.NewServer(teamuptest.WithCustomers(1000))
	defer server.Close()
	client := exampleClient(server)
	defer client.Close()
	db, err := tablefunc.Open("", tablefunc.WithClient(client), tablefunc.WithStatementObserver(func(_ context.Context, s requests.Summary) {
		fmt.Println("statement", s.Statement, "sent", s.Requests, "requests for", s.Rows, "rows by rule", s.Scans[0].Rule)
	}))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	if _, err := db.Exec("CREATE TABLE latest AS SELECT id FROM teamup_customers() ORDER BY id DESC LIMIT 30"); err != nil {
		log.Fatal(err)
	}
	// Output:
	// statement 1 sent 1 requests for 30 rows by rule top
}
