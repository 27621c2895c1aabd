package httpsource_test

import (
	"context"
	"expvar"
	"fmt"
	"log"
	"net/http"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

// The report as Arrow record batches without DuckDB, for a program that wants no more
// than that. Programs that ask TeamUp leave BaseURL empty.
func ExampleScan() {
	server := teamuptest.NewServer(teamuptest.WithCustomers(250))
	defer server.Close()
	client, err := httpsource.New(httpsource.Config{BaseURL: server.URL(), Token: httpsource.NewToken("secret")})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	id, _ := report.Customers.Column("id")
	credit, _ := report.Customers.Column("account_credit_balance")
	columns := []report.Field{id, credit}
	decoder, err := arrowconv.NewDecoder(report.Customers, columns, arrowconv.Options{})
	if err != nil {
		log.Fatal(err)
	}
	scan := httpsource.Scan(context.Background(), client, httpsource.Request{
		Query:     report.Customers.Query().With("columns", slices.Concat(id.Keys, credit.Keys)).With("is_active", true),
		WholeScan: true,
	}, decoder.Decode)

	// From here on it is Arrow: an array.RecordReader goes into a Parquet or IPC writer
	// as it is.
	reader := array.ReaderFromIter(decoder.Schema(), func(yield func(arrow.RecordBatch, error) bool) {
		for page, err := range scan.All(context.Background()) {
			if err != nil {
				yield(nil, err)
				return
			}
			batch := page.Record()
			batch.Retain() // the reader releases it
			page.Release()
			if !yield(batch, nil) {
				return
			}
		}
	})
	defer reader.Release()
	rows := int64(0)
	for reader.Next() {
		rows += reader.RecordBatch().NumRows()
	}
	if err := reader.Err(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(rows, "rows of", reader.Schema().Field(1).Type.(*arrow.StructType).Field(0).Type)
	// Output:
	// 143 rows of decimal(18, 4)
}

// Requests counted for expvar; any other library of metrics fits as well.
func ExampleConfig_metrics() {
	server := teamuptest.NewServer(teamuptest.WithCustomers(250))
	defer server.Close()
	metrics := expvar.NewMap("teamup")
	client, err := httpsource.New(httpsource.Config{
		BaseURL: server.URL(), Token: httpsource.NewToken("secret"),
		Observer: func(_ context.Context, e httpsource.RequestEvent) {
			metrics.Add("requests", 1)
			metrics.Add("rows", int64(e.Rows))
			if e.Err != nil {
				metrics.Add("failed", 1)
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	count(client)
	fmt.Println(metrics)
	// Output:
	// {"requests": 3, "rows": 241}
}

// A token that expires is renewed when TeamUp refuses it. RateLimitKey has all tokens of the
// account share one rate limit. For golang.org/x/oauth2, let TokenSource call the Token
// method of an oauth2.TokenSource and return its AccessToken.
func ExampleConfig_tokenSource() {
	server := teamuptest.NewServer(teamuptest.WithCustomers(250), teamuptest.WithTokens("token-2"))
	defer server.Close()
	issued := 0
	client, err := httpsource.New(httpsource.Config{
		BaseURL: server.URL(),
		TokenSource: func(context.Context) (httpsource.Token, error) {
			issued++
			return httpsource.NewToken(fmt.Sprint("token-", issued)), nil
		},
		RateLimitKey: "account 42",
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	fmt.Println(count(client), "customers with token", issued)
	// Output:
	// 239 customers with token 2
}

// traced is middleware around another transport, as of a library for tracing.
type traced struct{ next http.RoundTripper }

func (t traced) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.next.RoundTrip(r)
	if err == nil {
		fmt.Println(r.Method, r.URL.Path, answer.StatusCode)
	}
	return answer, err
}

// Any http.RoundTripper may carry the requests.
func ExampleConfig_transport() {
	server := teamuptest.NewServer(teamuptest.WithCustomers(50))
	defer server.Close()
	client, err := httpsource.New(httpsource.Config{
		BaseURL: server.URL(), Token: httpsource.NewToken("secret"),
		HTTPClient: &http.Client{Transport: traced{http.DefaultTransport}},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	count(client)
	// Output:
	// GET /api/v2/reports/customers/data 200
}

// count reads the whole report for the number of its rows.
func count(client *httpsource.Client) (rows int) {
	decoder, err := arrowconv.NewDecoder(report.Customers, nil, arrowconv.Options{})
	if err != nil {
		log.Fatal(err)
	}
	scan := httpsource.Scan(context.Background(), client, httpsource.Request{
		Query: report.Customers.Query().With("columns", []string{report.Customers.Key}), WholeScan: true,
	}, decoder.Decode)
	for page, err := range scan.All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		rows += len(page.IDs())
		page.Release()
	}
	return rows
}
