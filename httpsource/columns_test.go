package httpsource_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

// A program whose decoder reads more columns than its query requests, or than the
// server returns, is told which, at once.
func TestAColumnThatIsNotInTheAnswer(t *testing.T) {
	decoder := func(names ...string) *arrowconv.Decoder {
		var columns []report.Field
		for _, n := range names {
			f, _ := report.Customers.Column(n)
			columns = append(columns, f)
		}
		d, err := arrowconv.NewDecoder(report.Customers, columns, arrowconv.Options{})
		require.NoError(t, err)
		return d
	}
	for about, c := range map[string]struct {
		hidden  []string
		columns []string // of the query
		decoder *arrowconv.Decoder
		missing []string
	}{
		"requested":           {nil, []string{"email", "venue"}, decoder("id", "email", "venue"), nil},
		"not requested":       {nil, []string{"email"}, decoder("email", "full_name", "venue"), []string{"full_name", "venue"}},
		"parts requested":     {nil, []string{"venue.id"}, decoder("venue"), []string{"venue.name"}},
		"hidden":              {[]string{"email"}, []string{"email", "full_name"}, decoder("email", "full_name"), []string{"email"}},
		"hidden, not decoded": {[]string{"email"}, []string{"email", "full_name"}, decoder("full_name"), nil},
		"nothing requested":   {nil, nil, decoder("id", "is_lead"), []string{"is_lead"}},
	} {
		t.Run(about, func(t *testing.T) {
			server := teamuptest.NewServer(teamuptest.WithCustomers(250), teamuptest.WithQuirks(teamuptest.Quirks{Hidden: c.hidden}))
			defer server.Close()
			client, err := httpsource.New(httpsource.Config{BaseURL: server.URL(), Token: httpsource.NewToken("secret")})
			require.NoError(t, err)
			defer client.Close()
			scan := httpsource.Scan(context.Background(), client, httpsource.Request{Query: report.Customers.Query().With("columns", c.columns)}, c.decoder.Decode)
			for page, err := range scan.All(context.Background()) {
				if c.missing == nil {
					require.NoError(t, err)
					page.Release()
					continue
				}
				var missing *arrowconv.MissingColumnsError
				require.ErrorAs(t, err, &missing)
				require.Equal(t, c.missing, missing.Keys)
			}
			if c.missing != nil {
				require.Len(t, server.Requests(), 1, "another request would not help")
			}
		})
	}
}
