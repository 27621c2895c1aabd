package tablefunc_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// counting is a database that counts the requests of its statements by business.
// What a server's log has may be left from the statement before.
type counting struct {
	*sql.DB
	asked map[string]int
}

func (c *counting) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	c.asked = map[string]int{}
	return c.DB.QueryContext(withSummary(ctx, func(s requests.Summary) {
		for _, scan := range s.Scans {
			if scan.Requests > 0 {
				c.asked[fmt.Sprint(scan.ProviderID)] += scan.Requests
			}
		}
	}), query, args...)
}

const three = "teamup_customers(provider_ids := [7, 8, 9])"

// keep makes a table of what the businesses hold, from scans of each by itself.
func keep(t *testing.T, db *sql.DB, table string, providers ...int64) {
	var each []string
	for _, p := range providers {
		each = append(each, fmt.Sprintf("SELECT *, %d::BIGINT AS provider_id FROM teamup_customers(provider_id := %[1]d)", p))
	}
	mustExec(t, db, "CREATE TABLE "+table+" AS "+strings.Join(each, " UNION ALL "))
}

func TestSeveralBusinessesAreOneTable(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(450), teamuptest.WithProviders(7, 8, 9))
	keep(t, db, "m", 7, 8, 9)
	file := filepath.Join(t.TempDir(), "vip.csv")
	mustExec(t, db, "COPY (SELECT id AS customer_id, provider_id AS business FROM m WHERE id % 9 = 0) TO "+sqltext.QuoteText(file),
		"CREATE TABLE vip AS SELECT id AS customer_id FROM m WHERE id % 50 = 0 AND provider_id = 8", "CREATE TABLE own AS SELECT 7::BIGINT AS business, 'Gym' AS name")
	plain := openAt(t, server.URL(), tablefunc.WithoutPushdown())
	mustExec(t, plain, "CREATE TABLE vip AS SELECT 100001 AS customer_id", "CREATE TABLE own AS SELECT 7::BIGINT AS business, 'Gym' AS name")
	server.ResetLog()
	require.Equal(t, []string{"[provider_id BIGINT]"}, fieldTypes(t, db, three))
	require.Empty(t, server.Requests())
	for query, most := range map[string]map[string]int{
		"SELECT * FROM {t}": {"7": 5, "8": 5, "9": 5},
		"SELECT provider_id, id, email FROM {t} WHERE is_active":                                                                             nil,
		"SELECT provider_id FROM {t}":                                                                                                        nil,
		"SELECT email FROM {t} WHERE provider_id = 8":                                                                                        {"8": 5},
		"SELECT email FROM {t} WHERE provider_id IN (9, 7, 11) AND is_new":                                                                   {"7": 5, "9": 5},
		"SELECT email FROM {t} WHERE provider_id > 7 AND provider_id <> 9":                                                                   {"8": 5},
		"SELECT email FROM {t} WHERE provider_id BETWEEN 8 AND 20":                                                                           {"8": 5, "9": 5},
		"SELECT email FROM {t} WHERE provider_id = 8 AND id = 100001":                                                                        {"8": 1},
		"SELECT id FROM {t} WHERE (provider_id = 8 AND is_new) OR (provider_id = 9 AND id = 100011)":                                         {"8": 5, "9": 1},
		"SELECT id FROM {t} WHERE provider_id IN (1,2,3,4,5,6,7,21,22,23,24,25,26,27)":                                                       {"7": 5},
		"SELECT count(*) FROM {t} WHERE provider_id = 10":                                                                                    {},
		"SELECT count(*) FROM {t} WHERE provider_id IS NULL":                                                                                 {},
		"SELECT count(*) FROM {t}":                                                                                                           {"7": 2, "8": 2, "9": 2},
		"SELECT count(*), count(provider_id) FROM {t} WHERE is_active":                                                                       nil,
		"SELECT count(*) FROM {t} WHERE is_active AND provider_id >= 8":                                                                      {"8": 2, "9": 2},
		"SELECT provider_id, count(*) FROM {t} GROUP BY ALL":                                                                                 nil,
		"SELECT id, provider_id FROM {t} WHERE id = 100001":                                                                                  {"7": 1, "8": 1, "9": 1},
		"SELECT id FROM {t} ORDER BY id DESC LIMIT 20":                                                                                       {"7": 1, "8": 1, "9": 1},
		"SELECT count(*) FROM (FROM {t} LIMIT 20)":                                                                                           {"7": 1},
		"SELECT count(*) FROM (FROM {t} LIMIT 600)":                                                                                          nil,
		"SELECT count(*) FROM (FROM {t} WHERE is_active LIMIT 600)":                                                                          nil,
		"SELECT c.provider_id, name FROM {t} c JOIN own o ON c.provider_id = o.business":                                                     {"7": 5},
		"SELECT c.id FROM {t} c WHERE provider_id IN (SELECT business FROM own)":                                                             {"7": 5},
		"SELECT c.id FROM {t} c LEFT JOIN own o ON c.provider_id = o.business":                                                               {"7": 5, "8": 5, "9": 5},
		"SELECT c.id FROM {t} c WHERE NOT EXISTS (FROM own WHERE business = c.provider_id)":                                                  {"7": 5, "8": 5, "9": 5},
		"SELECT c.id FROM {t} c JOIN own o ON c.provider_id = o.business AND c.id = o.business":                                              {"7": 1},
		"SELECT c.provider_id, c.id FROM {t} c JOIN own o ON c.provider_id = o.business WHERE o.business = 7":                                {"7": 5},
		"SELECT c.provider_id, c.id FROM {t} c JOIN vip v ON c.id = v.customer_id":                                                           {"7": 1, "8": 1, "9": 1},
		"SELECT c.id FROM {t} c JOIN '" + file + "' v ON c.id = v.customer_id AND c.provider_id = v.business":                                {"7": 5, "8": 5, "9": 5},
		"SELECT a.provider_id, a.id, b.email FROM {t} a JOIN {t} b ON a.id = b.referring_member.id AND a.provider_id = b.provider_id":        {"7": 5, "8": 5, "9": 5},
		"SELECT a.id, b.email FROM {t} a JOIN {t} b ON a.id = b.id AND a.provider_id = 7 AND b.provider_id <> 9":                             nil,
		"SELECT x, y FROM (SELECT provider_id, id FROM {t}) AS c(x, y) WHERE x = 9":                                                          {"9": 5},
		"SELECT max(provider_id) FROM {t} AS c(" + swappedNames(report.Customers) + ", registrations) WHERE registrations = 8 AND is_active": nil,
		"WITH x AS (FROM {t}) SELECT id FROM x WHERE provider_id = 7 UNION ALL SELECT age FROM x WHERE provider_id = 8":                      {"7": 5, "8": 5},
	} {
		query = strings.ReplaceAll(query, "max(provider_id) FROM {t} AS c", "max(registrations) FROM {t} AS c")
		want := mustTexts(t, db, strings.ReplaceAll(query, "{t}", "m"))
		counted := &counting{DB: db}
		require.Equal(t, sorted(want), sorted(mustTexts(t, counted, strings.ReplaceAll(query, "{t}", three))), query)
		sent := counted.asked
		if most != nil {
			require.ElementsMatch(t, sortedNames(most), sortedNames(sent), query)
			for business, n := range sent {
				require.LessOrEqual(t, n, most[business], query)
			}
		}
		if !strings.Contains(query, "vip") && !strings.Contains(query, "COPY") {
			require.Equal(t, sorted(want), sorted(mustTexts(t, plain, strings.ReplaceAll(query, "{t}", three))), query)
		}
	}
}

func sortedNames(m map[string]int) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	return names
}

func TestBusinessesComeInTheirOrder(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(450), teamuptest.WithProviders(7, 8, 9), teamuptest.WithLatency(time.Millisecond))
	want := mustTexts(t, db, "SELECT 9 AS p, id FROM teamup_customers(provider_id := 9)")
	want = append(want, mustTexts(t, db, "SELECT 7 AS p, id FROM teamup_customers(provider_id := 7)")...)
	require.Equal(t, want, mustTexts(t, db, "SELECT provider_id, id FROM teamup_customers(provider_ids := [9, 7, 9])"))
}

func TestListsOfBusinesses(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(50), teamuptest.WithProviders(7, 8, 9))
	for call, want := range map[string]string{
		"provider_ids := [7], provider_id := 7": "provider_ids: with provider_id besides is not allowed; give one of the two",
		"provider_ids := [7, NULL]":             "provider_ids: a list with NULL in it",
		"provider_ids := [0]":                   "provider_ids: 0 is not allowed; give whole numbers of 1 or more",
		"provider_ids := range(1, 1002)":        "provider_ids: a list of 1001 is not allowed; give at most 1000",
		"provider_ids := 7":                     "BIGINT[]",
	} {
		_, err := texts(db, "FROM teamup_customers("+call+")")
		require.ErrorContains(t, err, want, call)
	}
	require.Empty(t, mustTexts(t, db, "FROM teamup_customers(provider_ids := [])"))
	require.Equal(t, []string{"[0]"}, mustTexts(t, db, "SELECT count(*) FROM teamup_customers(provider_ids := [])"))
	require.Empty(t, mustTexts(t, db, "FROM teamup_customers(provider_ids := [], provider_id := NULL)"))
	require.Empty(t, server.Requests())
	require.Equal(t, []string{"[8 8 50]"}, mustTexts(t, db, "SELECT min(provider_id), max(provider_id), count(email) FILTER (email IS NOT NULL) + count(*) FILTER (email IS NULL) FROM teamup_customers(provider_ids := [8, 8], include_deleted := true)"))
	rows := mustTexts(t, db, "SELECT id FROM teamup_customers(provider_ids := NULL, provider_id := 8)")
	require.Equal(t, rows, mustTexts(t, db, "SELECT id FROM teamup_customers(provider_ids := $1)", []int64{8}))
}

func TestManyBusinesses(t *testing.T) {
	var all []int64
	for i := range int64(40) {
		all = append(all, 100+i)
	}
	db, server := open(t, teamuptest.WithCustomers(120), teamuptest.WithProviders(all...))
	const many = "teamup_customers(provider_ids := range(100, 140), include_deleted := true)"
	require.Equal(t, []string{"[40 4800]"}, mustTexts(t, db, "SELECT count(DISTINCT provider_id), count(*) FROM "+many+" WHERE email IS NULL OR email > '' OR id > 0 AND provider_id % 40 < 50"))
	_, most := 0, 0
	for _, r := range server.Requests() {
		most = max(most, r.InFlight)
	}
	require.LessOrEqual(t, most, 8, "the client's limit holds for all together")
	require.Greater(t, most, 1)
}

func TestBusinessesAreExplainedAndSummedUp(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(450), teamuptest.WithProviders(7, 8, 9))
	mustTexts(t, db, "SELECT max(email) FROM "+three)
	server.ResetLog()
	const query = "SELECT max(email) FROM " + three + " WHERE provider_id <> 8 AND email > 'm'"
	e, err := tablefunc.Explain(context.Background(), db, query)
	require.NoError(t, err)
	require.Empty(t, server.Requests())
	require.Len(t, e.Scans, 3)
	text := e.String()
	require.Contains(t, text, "scan 1, business 7: GET /api/v2/reports/customers/data?columns=id,email&format=json&limit=100&offset=0&sort=id\n  about 5 requests\n")
	require.Contains(t, text, "scan 1, business 8: no request, no customer can match\n")
	require.Contains(t, text, "scan 1, all businesses: about 10 requests\n")
	require.Contains(t, text, "exact   provider_id <> 8  ->  TeamUp-Provider-ID\n")
	require.Equal(t, 1, strings.Count(text, "email has no parameter"), "where businesses have it in common, it is said once: %s", text)

	ctx, summaries := summarized()
	require.NoError(t, readAll(ctx, db, query))
	s := (*summaries)[0]
	require.Equal(t, 10, s.Requests)
	require.Len(t, s.Scans, 3)
	for i, provider := range []int64{7, 8, 9} {
		require.Equal(t, []any{1, provider, provider == 8}, []any{s.Scans[i].Reference, s.Scans[i].ProviderID, s.Scans[i].Nothing})
	}
	require.Equal(t, 5, s.Scans[2].Requests)
	require.Equal(t, []string{"[7 5]", "[9 5]"}, sorted(mustTexts(t, db, "SELECT provider_id, count(*) FROM teamup_requests() WHERE statement = ? AND scan = 1 GROUP BY ALL", s.Statement)))
}

// What is learnt of one business says nothing of another.
func TestPopulationsAreKeptApart(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(450), teamuptest.WithProviders(7, 8))
	ids, err := server.Store(8).IDs(report.Customers.Query())
	require.NoError(t, err)
	for _, id := range ids[150:] {
		require.True(t, server.Store(8).Delete(id))
	}
	db := openRewritten(t, server, func(_ *http.Request, body string) string { return body })
	mustTexts(t, db, "SELECT max(email) FROM teamup_customers(provider_ids := [7, 8])")
	for call, want := range map[string]string{"provider_id := 7": "about 5 requests", "provider_id := 8": "about 2 requests", "provider_ids := [8, 7]": "all businesses: about 7 requests"} {
		e, err := tablefunc.Explain(context.Background(), db, "SELECT max(email) FROM teamup_customers("+call+")")
		require.NoError(t, err)
		require.Contains(t, e.String(), want)
	}
}

func TestABusinessThatFailsIsNamed(t *testing.T) {
	for _, query := range []string{"SELECT max(email) FROM {t}", "SELECT count(*) FROM {t}", "SELECT id FROM {t} ORDER BY id LIMIT 20", "SELECT email FROM {t} WHERE email > 'x' LIMIT 100000",
		"SELECT a.id FROM {t} a JOIN {t} b ON a.id = b.referring_member.id"} {
		db, server := open(t, teamuptest.WithCustomers(30_000), teamuptest.WithProviders(7, 8))
		_, err := texts(db, strings.ReplaceAll(query, "{t}", three)) // 9 is not among them
		var business *requests.ProviderError
		require.ErrorAs(t, err, &business, query)
		require.EqualValues(t, 9, business.ProviderID)
		require.ErrorContains(t, err, "of business 9, ", query)
		var api *httpsource.APIError
		require.ErrorAs(t, err, &api)
		require.Equal(t, 403, api.Status)
		if !strings.Contains(query, "LIMIT 100000") { // which begins with one
			require.Less(t, len(server.Requests()), 200, "the others end")
		}
	}
}

// of is the requests to one business.
func of(provider string, when teamuptest.When) teamuptest.When {
	return func(c teamuptest.Call) bool { return c.Request.Header.Get("TeamUp-Provider-ID") == provider && when(c) }
}

func TestOneBusinessUnderFaults(t *testing.T) {
	const query = "SELECT provider_id, count(*), sum(hash(c)) FROM " + three + " c GROUP BY ALL"
	healthy, _ := open(t, teamuptest.WithCustomers(450), teamuptest.WithProviders(7, 8, 9))
	want := sorted(mustTexts(t, healthy, query))
	for _, f := range teamuptest.Faults() {
		if slices.Contains([]string{"nul", "stall", "stall_body"}, f.Name) {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			server := teamuptest.NewServer(teamuptest.WithCustomers(450), teamuptest.WithProviders(7, 8, 9), teamuptest.WithFault(f, of("8", teamuptest.MiddlePage)))
			defer server.Close()
			client, err := httpsource.New(httpsource.Config{BaseURL: server.URL(), Token: httpsource.NewToken(token + f.Name), MaxBody: 4 << 20,
				Retry: httpsource.Retry{Tries: 2, Elapsed: 5 * time.Second, Wait: time.Millisecond, MaxWait: 2 * time.Millisecond}})
			require.NoError(t, err)
			defer client.Close()
			db, err := tablefunc.Open("", tablefunc.WithClient(client))
			require.NoError(t, err)
			defer db.Close()
			got, err := texts(db, query)
			if err == nil {
				require.Equal(t, want, sorted(got))
				return
			}
			var business *requests.ProviderError
			require.ErrorAs(t, err, &business)
			if !strings.HasPrefix(f.Name, "429") { // the limit is not the business's
				require.EqualValues(t, 8, business.ProviderID)
			}
			require.ErrorContains(t, err, fmt.Sprint("of business ", business.ProviderID))
		})
	}
}

func TestBusinessesAreCancelled(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(900), teamuptest.WithProviders(7, 8, 9), teamuptest.WithLatency(20*time.Millisecond))
	for _, after := range []time.Duration{time.Millisecond, 30 * time.Millisecond, 50 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(context.Background(), after)
		_, err := db.QueryContext(ctx, "SELECT a.email, b.full_name FROM "+three+" a JOIN "+three+" b ON a.id = b.referring_member.id")
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded)
	}
	// A reader that stops in the middle leaves nothing behind.
	conn, err := db.Conn(context.Background())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.Raw(func(c any) error {
		chunks, err := c.(*tablefunc.Conn).QueryChunks(context.Background(), "SELECT email FROM "+three+" WHERE email > ''", nil)
		require.NoError(t, err)
		_, err = chunks.Next(context.Background())
		require.NoError(t, err)
		return chunks.Close()
	}))
}

// A custom field belongs to a business: elsewhere it is NULL.
func TestCustomFieldsOfSeveralBusinesses(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(150), teamuptest.WithProviders(7, 8))
	db := openRewritten(t, server, func(r *http.Request, body string) string {
		if r.Header.Get("TeamUp-Provider-ID") == "8" { // which calls 2 otherwise and has no 3
			body = strings.NewReplacer("Custom field 2", "Other", `"key":"custom_field_3"`, `"key":"id"`).Replace(body)
		}
		return body
	})
	const call = "teamup_customers(provider_ids := [7, 8], extra_customer_fields := [3, 2])"
	require.Equal(t, []string{"[Custom field 3 BOOLEAN]", "[Custom field 2 BIGINT]", "[provider_id BIGINT]"}, fieldTypes(t, db, call))
	require.Len(t, server.Requests(), 2)
	server.ResetLog()
	require.Equal(t, []string{"[7 true true]", "[8 false true]"}, sorted(mustTexts(t, db, `SELECT provider_id, count("Custom field 3") > 0, count("Custom field 2") > 0 FROM `+call+` GROUP BY ALL`)))
	for _, r := range server.Requests() {
		require.Equal(t, map[string]string{"7": "2,3", "8": "2"}[r.Header.Get("TeamUp-Provider-ID")], r.Query.Get("extra_customer_fields"))
	}
	want := sorted(append(mustTexts(t, db, `SELECT 7 AS p, id, "Custom field 2" FROM teamup_customers(provider_id := 7, extra_customer_fields := [2])`),
		mustTexts(t, db, `SELECT 8 AS p, id, "Other" FROM teamup_customers(provider_id := 8, extra_customer_fields := [2])`)...))
	require.Equal(t, want, sorted(mustTexts(t, db, `SELECT provider_id, id, "Custom field 2" FROM `+call)))
	require.Equal(t, mustTexts(t, db, `SELECT count(*) FROM `+call+` a WHERE a."Custom field 2" IS NOT NULL`),
		mustTexts(t, db, `SELECT count(*) FROM `+call+` a JOIN `+call+` b ON a.id = b.id AND a.provider_id = b.provider_id WHERE a."Custom field 2" = b."Custom field 2"`))
	_, err := texts(db, "FROM teamup_customers(provider_ids := [7, 8], extra_customer_fields := [2, 21])")
	require.ErrorContains(t, err, "TeamUp shows no custom field 21 of any of the businesses 7, 8")
}
