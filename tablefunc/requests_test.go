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

// requestsDoc is the section of the page about the requests of a statement.
const requestsDoc = `
## Estimate and list requests

` + "`-explain`, `.explain` and in Go `tablefunc.Explain`" + ` estimate how many requests a statement will
send and how long the rate limit will make them take. The estimate needs the total number of
customers, which teamupsql learns from the first unfiltered scan or ` + "`count(*)`" + ` in the process.

` + "`teamup_requests()`" + ` is a table of the latest 2,000 requests of all connections of a connector,
in the order in which they ended. It contains no credentials. The requests of the last statement:

` + "```sql" + `
SELECT scan, reason, parameters['offset'], status, rows, duration
FROM teamup_requests() WHERE statement = (SELECT max(statement) FROM teamup_requests());
` + "```" + `

| column | type | |
| --- | --- | --- |
| time | TIMESTAMPTZ | when the request was sent |
| statement | BIGINT | number of the execution of a statement that scans the report, from 1 |
| scan | INTEGER | number of the reference to the report in the statement, from 1. If several references share a request, the number of the first one to read. NULL for requests that infer the types of custom fields |
| method, path | VARCHAR | |
| parameters | MAP(VARCHAR, VARCHAR) | |
| provider_id | BIGINT | the business, NULL if the request names none |
| status | INTEGER | HTTP status, NULL if there was no response |
| rows, bytes | BIGINT | rows used from the response, and its size as sent |
| duration | INTERVAL | from sending the request to the last byte of the response |
| try | INTEGER | 1 for the first try, more for retries |
| waited | INTERVAL | time that the rate limit delayed the request |
| reason | VARCHAR | first page, page, seam repair, keys, count, top, fields, reread |
| error | VARCHAR | NULL if the response was used |

In Go ` + "`tablefunc.WithStatementObserver`" + ` sets a function that is called with the cost of each statement.
`

// TestRequestsAreDocumented counts the requests of statements, with and without the rules,
// and compares docs/pushdown.md with that.
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
	// A first scan shows how many customers there are, as it does in use.
	mustTexts(t, live, "SELECT max(id) FROM teamup_customers()")
	totals := mustTexts(t, plain, "SELECT format('{:,}', count(*)), format('{:,}', count(deleted_at)) FROM teamup_customers(include_deleted := true)")
	customers, deleted, _ := strings.Cut(strings.Trim(totals[0], "[]"), " ")

	var b strings.Builder
	b.WriteString(`<!-- Written by ` + "`go test ./tablefunc -run TestRequestsAreDocumented -update`" + `; change the test instead. -->

# Query cost

The table compares the number of requests per statement with pushdown disabled and enabled,
for a business with ` + customers + ` customers, ` + deleted + ` of them deleted. TeamUp allows 250 requests
per minute.

| statement | disabled | enabled |
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
vip.csv has 150 lines. [Pushdown rules](pushdown-rules.md) lists the parameters that each
` + "`WHERE`" + ` becomes; a predicate is *exact* if the request returns exactly the rows that satisfy it.
Go programs can disable each optimization with ` + "`tablefunc.WithoutPushdown`" + `:

| rule | what it does | conditions |
| --- | --- | --- |
| where | sends predicates as report parameters | none; DuckDB filters again |
| parts | requests only the fields of a struct that the statement reads | the report has a column name for the field |
| count | reads the total instead of the rows: one response has the total, a second one shows that the last row exists and none follows it | every predicate is exact. If the responses contradict each other, or a row in them does not satisfy the predicates, all rows are read. teamupsql does not see the rows between: beyond these checks a count trusts the report's total |
| limit | requests only as many pages as a LIMIT needs, and no larger ones | every predicate is exact; if a row does not satisfy them, the scan continues |
| keys | requests only the ids on the other side of a join on id, which it reads in the statement's transaction | INNER, SEMI, IN, EXISTS, or LEFT with the report on the optional side; the other side is a table or one CSV, JSON or Parquet file with at most 10,000 ids, and these take fewer requests than the report |
| share | reads once what several scans of a statement need of the same customers of the same business, so that they see the same data | self-joins, a CTE used twice, branches of a UNION; up to 64 MiB of pages are kept in memory, more in a temporary file |
| top | requests only the first rows for ORDER BY id or created_at with a LIMIT | every predicate is exact, at most 100 rows, and the response is sorted, without NULL in that column, without a customer twice, and without a row that does not satisfy the predicates; otherwise all rows are read |
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
