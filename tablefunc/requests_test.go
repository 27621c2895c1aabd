package tablefunc_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/tablefunc"
)

var update = flag.Bool("update", false, "write the documentation instead of comparing it")

// measured are the statements of docs/pushdown.md, with {vip} for a file of 150 ids.
var measured = []string{
	"SELECT count(*) FROM teamup_customers()",
	"SELECT count(*) FROM teamup_customers() WHERE is_active",
	"SELECT is_active, count(*) FROM teamup_customers() GROUP BY ALL",
	"SELECT email FROM teamup_customers() LIMIT 10",
	"SELECT email FROM teamup_customers() WHERE is_active LIMIT 10 OFFSET 20",
	"SELECT email FROM teamup_customers() LIMIT 200",
	"SELECT email FROM teamup_customers() ORDER BY id DESC LIMIT 20",
	"SELECT email, created_at FROM teamup_customers() ORDER BY created_at DESC LIMIT 20",
	"SELECT email FROM teamup_customers() WHERE is_new AND is_lead",
	"SELECT email FROM teamup_customers() WHERE created_at >= TIMESTAMPTZ '2026-01-01 00:00:00+00'",
	"SELECT email FROM teamup_customers() WHERE id IN (100001, 100011, 100019)",
	"SELECT email FROM teamup_customers() WHERE age >= 18 AND age < 16",
	"SELECT email FROM teamup_customers() WHERE email LIKE '%.com'",
	"SELECT c.email, v.tier FROM teamup_customers() c JOIN '{vip}' v ON c.id = v.customer_id",
	"SELECT email FROM teamup_customers() WHERE id IN (SELECT customer_id FROM '{vip}' WHERE tier = 'gold')",
	"SELECT a.email FROM teamup_customers() a JOIN teamup_customers() b ON a.id = b.referring_member.id",
	"WITH x AS (SELECT * FROM teamup_customers() WHERE is_new) SELECT id FROM x UNION ALL SELECT age FROM x",
	"SELECT v.customer_id FROM '{vip}' v LEFT JOIN teamup_customers() c ON c.id = v.customer_id WHERE c.id IS NULL",
}

// requestsDoc is the document's section on what was asked.
const requestsDoc = `
## Before and after

` + "`-explain`, `.explain` and in Go `tablefunc.Explain`" + ` say how many requests a statement will take, as
far as the last scan without filters told the number of customers, and how many minutes
that is by the rate limit.

` + "`teamup_requests()`" + ` is a table of the latest 2,000 requests of all connections of a connector,
in the order in which they ended. It holds no credentials. What the last statement asked:

` + "```sql" + `
SELECT scan, reason, parameters['offset'], status, rows, duration
FROM teamup_requests() WHERE statement = (SELECT max(statement) FROM teamup_requests());
` + "```" + `

| column | type | |
| --- | --- | --- |
| time | TIMESTAMPTZ | when it was sent |
| statement | BIGINT | which execution of a statement that scans the report, from 1 |
| scan | INTEGER | which reference to the report in it, from 1; what several references read together is the one's that began. NULL for the look-up of custom fields |
| method, path | VARCHAR | |
| parameters | MAP(VARCHAR, VARCHAR) | |
| provider_id | BIGINT | the business, NULL where none was named |
| status | INTEGER | NULL where no answer came |
| rows, bytes | BIGINT | of the answer; no rows where it was not used |
| duration | INTERVAL | until the answer was read |
| try | INTEGER | from 1; more for a request repeated after a failure |
| waited | INTERVAL | held back by the rate limit before it was sent |
| reason | VARCHAR | first page, page, seam repair, keys, count, top, fields, reread |
| error | VARCHAR | NULL where the answer was used |

In Go ` + "`tablefunc.WithSummary`" + ` returns a context that reports the cost of each statement.
`

// TestRequestsAreDocumented counts what 50,000 customers cost, with and without the
// rules, and holds docs/pushdown.md against it.
func TestRequestsAreDocumented(t *testing.T) {
	options := []teamuptest.Option{teamuptest.WithCustomers(50_000), teamuptest.WithoutGzip(),
		teamuptest.WithQuirks(teamuptest.Quirks{NullOrder: teamuptest.NullsLast})}
	live, server := open(t, options...)
	// Its own server: what a LIMIT has cut short may still be arriving there.
	plainServer := teamuptest.NewServer(options...)
	t.Cleanup(plainServer.Close)
	plain := openAt(t, plainServer.URL(), tablefunc.WithoutPushdown())
	vip, err := filepath.Abs("../testdata/vip.csv")
	require.NoError(t, err)
	// A first scan tells how many customers there are, as it does in use.
	mustTexts(t, live, "SELECT max(id) FROM teamup_customers()")

	var b strings.Builder
	b.WriteString(`<!-- Written by ` + "`go test ./tablefunc -run TestRequestsAreDocumented -update`" + `; change the test instead. -->

# What statements cost

Requests for a business of 50,000 customers, without and with what the plan of a
statement lets the report do. TeamUp allows 250 requests a minute.

| statement | without | with |
| --- | ---: | ---: |
`)
	for _, statement := range measured {
		query := strings.ReplaceAll(statement, "{vip}", vip)
		want, without := cost(t, plainServer, plain, query)
		got, with := cost(t, server, live, query)
		require.Equal(t, len(want), len(got), query)
		if !strings.Contains(query, "LIMIT") && !strings.Contains(query, "ORDER BY") { // without an order, any rows do
			require.Equal(t, sorted(want), sorted(got), query)
		}
		plainly := fmt.Sprint(without)
		if strings.Contains(query, "LIMIT") && !strings.Contains(query, "ORDER BY") {
			// How far the scan reads ahead before DuckDB stops it is a matter of time.
			require.LessOrEqual(t, without, 20, query)
			plainly = "a few"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %d |\n", strings.ReplaceAll(statement, "{vip}", "vip.csv"), plainly, with)
	}
	b.WriteString(`
vip.csv has 150 lines. Which WHERE becomes which parameter is in
[pushdown-rules.md](pushdown-rules.md). The rules can be switched off one by one in
Go, see ` + "`tablefunc.WithoutPushdown`" + `:

| rule | what it does | when |
| --- | --- | --- |
| where | predicates become parameters of the report | always sound, since DuckDB filters again |
| parts | of a struct, only the parts that are read are asked for | the report offers the part by itself |
| count | rows that are only counted are not read: one response has the total, and a second one shows that the last row is there and none behind it | every predicate is exact; if the responses do not fit together, or one of their rows does not satisfy the predicates, all rows are read. The rows between are not seen: beyond these checks a count trusts the report's total |
| limit | a LIMIT asks for no more pages than its rows fill, and for no larger ones than it needs | every predicate is exact; if a row does not satisfy them, the scan reads on |
| keys | a join on id asks for the ids on its other side, read in the statement's transaction | INNER, SEMI, IN, EXISTS, and LEFT where the report is the optional side; the other side is a table or one CSV, JSON or Parquet file, with at most 10,000 ids, and those take fewer requests than the report |
| share | scans of one statement that ask for the same customers of the same business read them once, and see the same data | self-joins, a CTE used twice, branches of a UNION; pages wait in 64 MiB of memory and beyond that in a temporary file |
| top | ORDER BY id or created_at with a LIMIT reads just these rows | every predicate is exact, at most 100 rows, and the response shows that it is sorted, has no NULL there, no customer twice, and none that does not satisfy the predicates; otherwise all rows are read |
`)
	b.WriteString(requestsDoc)
	file := filepath.Join("..", "docs", "pushdown.md")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o644))
	}
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, b.String(), string(got), "run go test ./tablefunc -run TestRequestsAreDocumented -update")
}

// cost runs a query and counts its requests.
func cost(t *testing.T, server *teamuptest.Server, db querier, query string) (rows []string, requests int) {
	server.ResetLog()
	rows = mustTexts(t, db, query)
	return rows, len(server.Requests())
}
