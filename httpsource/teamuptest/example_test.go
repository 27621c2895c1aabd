package teamuptest_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

// A test starts a server, points a client to its URL and looks at what came.
func ExampleNewServer() {
	server := teamuptest.NewServer(teamuptest.WithTokens("secret"))
	defer server.Close()

	req, _ := http.NewRequest(http.MethodGet, server.URL()+"/reports/customers/data?format=json&columns=id,first_name&sort=id&limit=2", nil)
	req.Header.Set("Authorization", "Bearer secret")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	_, rows, _ := strings.Cut(string(body), `"rows":`)
	fmt.Println(rows)
	for _, r := range server.Requests() {
		fmt.Println(r.Status, r.Query.Get("columns"), r.Rows)
	}
	// Output:
	// [{"id":100001,"first_name":"Kwame"},{"id":100011,"first_name":"Ivy"}]}
	// 200 id,first_name 2
}

// Without a network, as a demonstration does it.
func ExampleServer_Transport() {
	server := teamuptest.New(teamuptest.WithCustomers(10))
	client := &http.Client{Transport: server.Transport()}
	resp, err := client.Get(server.URL() + "/reports/customers/data")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status)
	// Output: 401 Unauthorized
}

// The second page comes late and without its second half, once.
func ExampleServer_Inject() {
	server := teamuptest.New()
	short, _ := teamuptest.FaultByName("short_page")
	server.Inject(short, teamuptest.Once(func(c teamuptest.Call) bool { return c.Offset == 50 }))
	fmt.Println(short.Doc)
	// Output: the second half of the page is missing
}

// The store knows what a correct scan must find, also while customers come and go.
func ExampleStore_Throughout() {
	store := teamuptest.New(teamuptest.WithCustomers(3)).Store()
	ids, _ := store.IDs(report.Customers.Query().With("sort", []string{"id"}))
	store.Delete(ids[0])
	store.Insert(func(c *teamuptest.Customer) { c.DeletedAt.Valid = false })
	always, ever, _ := store.Throughout(report.Customers.Query(), 0, store.Seq())
	fmt.Println(len(ids), len(always), len(ever))
	// Output: 3 2 4
}

// All rows of a query as JSON lines, to compare an answer with.
func ExampleStore_WriteRows() {
	store := teamuptest.New(teamuptest.WithCustomers(3)).Store()
	_ = store.WriteRows(os.Stdout, report.Customers.Query().With("columns", []string{"id", "is_active", "venue.name"}).With("sort", []string{"id"}))
	// Output:
	// {"id":100001,"is_active":false,"venue":{"name":"Mill Lane Gym"}}
	// {"id":100011,"is_active":true,"venue":{"name":"Dojo 道場"}}
	// {"id":100019,"is_active":false,"venue":{"name":"Mill Lane Gym"}}
}
