package arrowconv_test

import (
	"fmt"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/report"
)

func ExampleDecoder() {
	email, _ := report.Customers.Column("email")
	venue, _ := report.Customers.Column("venue")
	decoder, err := arrowconv.NewDecoder(report.Customers, []report.Field{email, venue}, arrowconv.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	page, err := decoder.Decode([]byte(`{"total": 1, "rows": [{"id": 7, "email": "jo@example.com", "venue": {"id": 1, "name": "Hall"}}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer page.Release()
	fmt.Println(page.IDs(), page.Record().Column(0), page.Record().Column(1))

	_, err = decoder.Decode([]byte(`{"rows": [{"email": ["a", "b"], "id": 7}]}`))
	fmt.Println(err)
	// Output:
	// [7] ["jo@example.com"] {[1] ["Hall"]}
	// column email of customer 7 holds ["a", "b"], which is not a valid VARCHAR
}
