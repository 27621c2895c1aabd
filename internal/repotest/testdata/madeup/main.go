// Command madeup runs the statements that are its arguments against the report server
// of tests, and prints their rows, or their errors. The tests that run it add a column or
// a parameter to the report. With -values JSON the new column has this value instead of
// NULL.
package main

import (
	"database/sql"
	"flag"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/tablefunc"
)

func main() {
	values := flag.String("values", "null", "what the column loyalty holds")
	flag.Parse()
	report := teamuptest.New(teamuptest.WithCustomers(250), teamuptest.WithoutGzip())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		report.ServeHTTP(answer, r)
		w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		w.WriteHeader(answer.Code)
		fmt.Fprint(w, strings.ReplaceAll(answer.Body.String(), `"loyalty":null`, `"loyalty":`+*values))
	}))
	defer server.Close()
	client, err := httpsource.New(httpsource.Config{BaseURL: server.URL + "/api/v2", Token: httpsource.NewToken("secret")})
	if err != nil {
		log.Fatal(err)
	}
	db, err := tablefunc.Open("", tablefunc.WithClient(client))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	for _, statement := range flag.Args() {
		report.ResetLog()
		row, err := first(db, statement)
		if err != nil {
			row = "error: " + err.Error()
		}
		for _, r := range report.Requests()[:1] {
			fmt.Println("columns:", r.Query.Get("columns"))
		}
		fmt.Println(row)
	}
}

// first is the first row of a statement, whose only column is text.
func first(db *sql.DB, statement string) (row string, err error) {
	err = db.QueryRow(statement).Scan(&row)
	return row, err
}
