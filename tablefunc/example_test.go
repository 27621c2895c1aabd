package tablefunc_test

import (
	"context"
	"fmt"
	"log"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// The examples ask a report server of package teamuptest. A program that asks
// TeamUp leaves BaseURL empty and needs no WithClock.
func exampleClient(server *teamuptest.Server) *httpsource.Client {
	client, err := httpsource.New(httpsource.Config{BaseURL: server.URL(), Token: httpsource.NewToken("secret")})
	if err != nil {
		log.Fatal(err)
	}
	return client
}

func ExampleOpen() {
	server := teamuptest.NewServer(teamuptest.WithCustomers(1000))
	defer server.Close()
	client := exampleClient(server)
	defer client.Close()

	db, err := tablefunc.Open("", tablefunc.WithClient(client))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	rows, err := db.Query("SELECT gender, count(*) FROM teamup_customers() WHERE is_active = ? GROUP BY ALL ORDER BY ALL LIMIT 1", true)
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var gender string
		var customers int
		if err := rows.Scan(&gender, &customers); err != nil {
			log.Fatal(err)
		}
		fmt.Println(gender, customers)
	}
	if err := rows.Err(); err != nil {
		log.Fatal(err)
	}
	for _, r := range server.Requests()[:1] {
		fmt.Println(r.RawQuery)
	}
	// Output:
	// female 148
	// columns=id,is_active,gender&format=json&is_active=true&limit=100&offset=0&sort=id
}

func ExampleExplain() {
	server := teamuptest.NewServer()
	defer server.Close()
	client := exampleClient(server)
	defer client.Close()
	db, err := tablefunc.Open("", tablefunc.WithClient(client))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	e, err := tablefunc.Explain(context.Background(), db, "SELECT id FROM teamup_customers() WHERE is_claimed AND email IS NULL")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(e)
	// Output:
	// scan 1: GET /api/v2/reports/customers/data?columns=id,email,is_claimed&format=json&is_claimed=true&limit=100&offset=0&sort=id
	//   requests: unknown; run SELECT count(*) FROM teamup_customers() first
	//   exact   is_claimed  ->  is_claimed
	//   left    email IS NULL  (email has no parameter in this report)
}
