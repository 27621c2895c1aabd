// Command madeup asks for a column that the catalogue does not have: the test that
// runs it adds the column. Every page of its report is the same one customer.
package main

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/tablefunc"
)

func main() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("columns:", r.URL.Query().Get("columns"))
		fmt.Fprint(w, `{"total": 1, "column_headers": [], "rows": [{"id": 7, "loyalty": {"points": 120, "since": "2026-01-31"}}]}`)
	}))
	defer server.Close()
	client, err := httpsource.New(httpsource.Config{BaseURL: server.URL, Token: httpsource.NewToken("secret")})
	if err != nil {
		log.Fatal(err)
	}
	db, err := tablefunc.Open("", tablefunc.WithClient(client))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	var points int
	var kind, since string
	if err := db.QueryRow("SELECT loyalty.points, typeof(loyalty), loyalty.since::VARCHAR FROM teamup_customers() WHERE loyalty.points > 100").
		Scan(&points, &kind, &since); err != nil {
		log.Fatal(err)
	}
	fmt.Println(points, kind, since)
}
