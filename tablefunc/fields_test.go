package tablefunc_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
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

// Of the test server's fields, 1 is a text, 2 a number, 3 a boolean and 4 a date.

// fieldTypes are the columns behind the report's, each with its type.
func fieldTypes(t *testing.T, q querier, call string) []string {
	return mustTexts(t, q, "SELECT column_name, column_type FROM (DESCRIBE FROM "+call+") OFFSET 41")
}

func TestCustomFieldsAreColumns(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(250))
	const call = "teamup_customers(extra_customer_fields := [4, 2, 3, 1])"
	require.Equal(t, []string{"[Custom field 4 VARCHAR]", "[Custom field 2 BIGINT]", "[Custom field 3 BOOLEAN]", "[Custom field 1 VARCHAR]"}, fieldTypes(t, db, call))
	require.Len(t, server.Requests(), 1)
	r := server.Requests()[0]
	require.Equal(t, "columns=id&extra_customer_fields=1,2,3,4&format=json&limit=100&offset=0&sort=id", strings.ReplaceAll(r.RawQuery, "%2C", ","))
	server.ResetLog()

	mustExec(t, db, "CREATE TABLE m AS FROM "+call)
	require.Equal(t, []string{"[true true true true]"}, mustTexts(t, db,
		`SELECT bool_or("Custom field 1" LIKE '%#%'), bool_or("Custom field 2" > 100), bool_or("Custom field 3"), bool_and("Custom field 4"::DATE IS NOT NULL OR "Custom field 4" IS NULL) FROM m`))
	asked(server)
	file := filepath.Join(t.TempDir(), "vip.csv")
	mustExec(t, db, "COPY (SELECT id AS customer_id FROM m WHERE id % 9 = 0 UNION ALL SELECT -1) TO "+sqltext.QuoteText(file), "CREATE TABLE vip AS SELECT id AS customer_id FROM m WHERE id % 50 = 0",
		"CREATE VIEW live AS FROM "+call, "CREATE VIEW kept AS FROM m")
	asked(server)
	for query, requests := range map[string][]string{
		"SELECT * FROM {t}": nil,
		`SELECT id, "Custom field 2" FROM {t} WHERE is_active`:                                                                              {"columns=id,is_active&extra_customer_fields=2&is_active=true"},
		`SELECT email FROM {t} WHERE "Custom field 3"`:                                                                                      {"columns=email,id&extra_customer_fields=3"},
		`SELECT email FROM {t} WHERE lower("Custom field 1") > 'm' AND "Custom field 2" < 2000`:                                             {"columns=email,id&extra_customer_fields=1,2"},
		"SELECT count(*) FROM {t}":                                                                                                          {"columns=id"},
		"SELECT count(*) FROM {t} WHERE is_active":                                                                                          {"columns=id,is_active&is_active=true"},
		`SELECT count("Custom field 3") FROM {t} WHERE is_active`:                                                                           {"columns=id,is_active&extra_customer_fields=3&is_active=true"},
		`SELECT count(*) FROM {t} WHERE "Custom field 2" IS NULL`:                                                                           {"columns=id&extra_customer_fields=2"},
		`SELECT "Custom field 2" FROM {t} ORDER BY id DESC LIMIT 20`:                                                                        {"columns=id&extra_customer_fields=2"},
		`SELECT "Custom field 2" FROM {t} ORDER BY "Custom field 2" LIMIT 20`:                                                               {"columns=id&extra_customer_fields=2"},
		`SELECT count(*) FROM (SELECT "Custom field 2" FROM {t} LIMIT 20)`:                                                                  nil,
		`SELECT c.id, c."Custom field 1" FROM {t} c JOIN '` + file + `' v ON c.id = v.customer_id`:                                          nil,
		`SELECT c.id, c."Custom field 4" FROM {t} c JOIN vip v ON c.id = v.customer_id`:                                                     nil,
		`SELECT a.id, b."Custom field 2" FROM {t} a JOIN {t} b ON a."Custom field 2" = b."Custom field 2" WHERE a."Custom field 1" IS NULL`: {"columns=id&extra_customer_fields=1,2"},
		`SELECT x, y FROM {t} c(` + strings.Repeat("_, ", 41) + `x, y) WHERE y = 7 OR x > '2000'`:                                           nil,
		`SELECT "Custom field 3", count(*) FROM {view} GROUP BY ALL`:                                                                        {"columns=id&extra_customer_fields=3"},
		`WITH RECURSIVE r AS (SELECT "Custom field 2" AS n, 0 AS d FROM {t} WHERE id < 100100 UNION ALL SELECT "Custom field 2", d + 1 FROM r JOIN {t} c ON c.id = r.n + 100000 WHERE d < 3) FROM r`: nil,
	} {
		if strings.Contains(query, "_, ") {
			query = strings.ReplaceAll(query, strings.Repeat("_, ", 41), swappedNames(report.Customers)+", ")
		}
		want := mustTexts(t, db, strings.NewReplacer("{t}", "m", "{view}", "kept").Replace(query))
		asked(server)
		got := mustTexts(t, db, strings.NewReplacer("{t}", call, "{view}", "live").Replace(query))
		require.Equal(t, sorted(want), sorted(got), query)
		require.NotEmpty(t, want, query)
		if sent := asked(server); requests != nil {
			require.Equal(t, requests, sent, query)
		}
	}
}

func TestCustomFieldsOfPreparedStatements(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(150))
	stmt, err := db.Prepare(`SELECT count(*) FROM teamup_customers(extra_customer_fields := [2]) WHERE "Custom field 2" > $1 AND created_at < now()`)
	require.NoError(t, err)
	defer stmt.Close()
	for _, least := range []int{0, 2500} {
		var n int
		require.NoError(t, stmt.QueryRow(least).Scan(&n))
		require.Positive(t, n)
	}
	// The ids may be an argument: DuckDB binds the statement when it has it.
	require.Equal(t, []string{"[Custom field 2 BIGINT]"}, mustTexts(t, db, "SELECT column_name, column_type FROM (DESCRIBE FROM teamup_customers(extra_customer_fields := [1 + 1])) OFFSET 41"))
	rows, err := db.Query("SELECT * FROM teamup_customers(extra_customer_fields := $1) LIMIT 1", []int64{2, 3})
	require.NoError(t, err)
	names, err := rows.Columns()
	require.NoError(t, err)
	require.NoError(t, rows.Close())
	require.Equal(t, []string{"is_lead", "Custom field 2", "Custom field 3"}, names[40:])
	lookups := 0
	for _, r := range server.Requests() {
		if r.Query.Get("columns") == "id" && r.Query.Get("extra_customer_fields") != "" && !strings.Contains(r.RawQuery, "created_at") {
			lookups++
		}
	}
	require.Equal(t, 2, lookups, "one for each list of ids")
}

func TestCustomFieldsAreExplained(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(250))
	e, err := tablefunc.Explain(context.Background(), db, `SELECT "Custom field 2" FROM teamup_customers(extra_customer_fields := [1, 2, 3]) WHERE "Custom field 1" > 'm' AND is_new`)
	require.NoError(t, err)
	require.Len(t, server.Requests(), 1, "the look-up")
	require.Contains(t, e.String(), "extra_customer_fields=1,2&")
	require.Contains(t, e.String(), `column "Custom field 2" BIGINT: custom field 2, label "Custom field 2", key custom_field_2`)
	require.Contains(t, e.String(), `"Custom field 1" has no parameter in this report`)
	require.Contains(t, e.String(), "exact   is_new  ->  is_new")
	require.NotContains(t, e.String(), "custom_field_3")
	require.Contains(t, e.String(), "at most 3 requests", "the look-up also tells how many customers there are")
}

func TestTheLookUpOfCustomFieldsIsListed(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(50))
	ctx, summaries := summarized()
	require.NoError(t, readAll(ctx, db, `SELECT "Custom field 2" FROM teamup_customers(extra_customer_fields := [2])`))
	require.Len(t, *summaries, 1)
	require.Equal(t, 2, (*summaries)[0].Requests)
	require.Equal(t, 1, (*summaries)[0].Scans[0].Requests)
	require.Equal(t, logged(server), recorded(t, db, (*summaries)[0].Statement))
	require.Equal(t, []string{"[<nil> fields]", "[1 first page]"}, mustTexts(t, db, "SELECT scan, reason FROM teamup_requests() WHERE statement = ?", (*summaries)[0].Statement))
}

func TestListsOfCustomFields(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(50))
	for call, want := range map[string]string{
		"extra_customer_fields := [2, NULL]":               "extra_customer_fields: a list with NULL in it is not allowed",
		"extra_customer_fields := [-2]":                    "extra_customer_fields: -2 is not allowed; give whole numbers of 1 or more",
		"extra_customer_fields := range(1, 52)":            "extra_customer_fields: a list of 51 is not allowed; give at most 50",
		"extra_customer_fields := ['a']":                   "'a'",
		"extra_customer_fields := [1], provider_ids := []": "extra_customer_fields needs a business, but provider_ids is empty",
	} {
		_, err := texts(db, "FROM teamup_customers("+call+")")
		require.ErrorContains(t, err, want, call)
	}
	require.Empty(t, server.Requests())
	for _, none := range []string{"[]", "NULL"} {
		require.Empty(t, fieldTypes(t, db, "teamup_customers(extra_customer_fields := "+none+")"))
	}
	require.Empty(t, server.Requests())
	require.Equal(t, []string{"[Custom field 3 BOOLEAN]", "[Custom field 2 BIGINT]"}, fieldTypes(t, db, "teamup_customers(extra_customer_fields := [3, 2, 3])"))
	require.Len(t, server.Requests(), 1)
}

func TestUnknownCustomFieldsAreNamed(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(50)) // fields 1 to 20; it answers 400 to others
	for _, again := range []int{0, 1} {
		_, err := texts(db, "FROM teamup_customers(extra_customer_fields := [99, 2, 77])")
		var unknown *requests.UnknownFieldsError
		require.ErrorAs(t, err, &unknown)
		require.Equal(t, []int64{99, 77}, unknown.IDs)
		require.ErrorContains(t, err, "TeamUp shows no custom field 99, 77; leave it out, or look its number up")
		var api *httpsource.APIError
		require.ErrorAs(t, err, &api)
		require.Equal(t, 400, api.Status)
		require.Len(t, server.Requests(), 4*(again+1), "who adds the field is believed at once")
	}
	// Where they are just left out.
	rewritten := openRewritten(t, server, func(r *http.Request, body string) string {
		return strings.ReplaceAll(strings.ReplaceAll(body, `{"label":"Custom field 5","key":"custom_field_5","sortable":false},`, ""), `"custom_field_5"`, `"else"`)
	})
	_, err := texts(rewritten, "FROM teamup_customers(extra_customer_fields := [5, 6])")
	require.ErrorContains(t, err, "TeamUp shows no custom field 5;")
}

// rewriter changes what a server answers.
type rewriter struct {
	server *teamuptest.Server
	change func(r *http.Request, body string) string
}

func (w rewriter) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := w.server.Transport().RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var from io.Reader = answer.Body
	if answer.Header.Get("Content-Encoding") == "gzip" {
		if from, err = gzip.NewReader(answer.Body); err != nil {
			return nil, err
		}
		answer.Header.Del("Content-Encoding")
	}
	body, err := io.ReadAll(from)
	if err != nil {
		return nil, err
	}
	text := w.change(r, string(body))
	answer.Header.Del("Content-Length")
	answer.ContentLength, answer.Body = int64(len(text)), io.NopCloser(bytes.NewBufferString(text))
	return answer, nil
}

func openRewritten(t *testing.T, server *teamuptest.Server, change func(r *http.Request, body string) string) *sql.DB {
	client, err := httpsource.New(httpsource.Config{BaseURL: server.URL(), Token: httpsource.NewToken(token), AllowInsecure: true,
		HTTPClient: &http.Client{Transport: rewriter{server, change}}})
	require.NoError(t, err)
	db, err := tablefunc.Open("", tablefunc.WithClient(client))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// TestHeadersOfCustomFields plays forms that the vendor may have chosen.
func TestHeadersOfCustomFields(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(150))
	replace := func(pairs ...string) func(*http.Request, string) string {
		return func(_ *http.Request, body string) string { return strings.NewReplacer(pairs...).Replace(body) }
	}
	plain := openRewritten(t, server, replace())
	for name, c := range map[string]struct {
		change func(*http.Request, string) string
		names  []string
		narrow bool // one field can be asked for by itself
	}{
		"as it is":     {replace(), []string{"Custom field 2", "Custom field 12"}, true},
		"other labels": {replace("Custom field 12", "Größe (\\\"EU\\\")", "Custom field 2", "a.b"), []string{"a.b", `Größe ("EU")`}, true},
		"same labels":  {replace("Custom field 12", "Shoe size", "Custom field 2", "SHOE SIZE"), []string{"SHOE SIZE_2", "Shoe size_12"}, true},
		"the report's": {replace("Custom field 12", "Email", "Custom field 2", "provider_id"), []string{"provider_id_2", "Email_12"}, true},
		"no labels":    {replace("Custom field 12", "", "Custom field 2", " "), []string{"custom_field_2", "custom_field_12"}, true},
		"dotted keys":  {replace("custom_field_12", "custom_fields.12", "custom_field_2", "custom_fields.2"), []string{"Custom field 2", "Custom field 12"}, true},
		"nested rows": {func(_ *http.Request, body string) string {
			head, rows, _ := strings.Cut(body, `"rows":`)
			head = strings.NewReplacer("custom_field_", "custom.").Replace(head)
			rows = strings.NewReplacer(`"custom_field_2":`, `"custom":{"2":`, `,"custom_field_12":`, `,"12":`, "},{", "}},{", "}]", "}}]").Replace(rows)
			if !strings.Contains(head, "custom.2") {
				rows = strings.ReplaceAll(rows, `,"12":`, `,"custom":{"12":`)
			}
			if !strings.Contains(head, "custom.") {
				return body
			}
			return head + `"rows":` + rows
		}, []string{"Custom field 2", "Custom field 12"}, true},
		"keys without digits": {replace("custom_field_12", "shoe", "custom_field_2", "hat"), []string{"Custom field 2", "Custom field 12"}, false},
		"misleading digits":   {replace("custom_field_12", "shoe_2", "custom_field_2", "hat_2"), []string{"Custom field 2", "Custom field 12"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			db := openRewritten(t, server, c.change)
			const call = "teamup_customers(extra_customer_fields := [2, 12])"
			for i, row := range fieldTypes(t, db, call) {
				require.Contains(t, row, "["+c.names[i]+" ")
			}
			want := mustTexts(t, plain, `SELECT id, "Custom field 2", "Custom field 12" FROM `+call)
			server.ResetLog()
			require.Equal(t, sorted(want), sorted(mustTexts(t, db, `SELECT id, columns(* EXCLUDE (`+reportNames()+`)) FROM `+call)))
			server.ResetLog()
			want = mustTexts(t, plain, `SELECT id, "Custom field 12" FROM `+call+` WHERE "Custom field 2" > 100`)
			require.Equal(t, sorted(want), sorted(mustTexts(t, db, `SELECT id, `+sqltext.QuoteName(c.names[1])+` FROM `+call+` WHERE `+sqltext.QuoteName(c.names[0])+` > 100`)))
			server.ResetLog()
			mustTexts(t, db, `SELECT id, `+sqltext.QuoteName(c.names[1])+` FROM `+call)
			fields := server.Requests()[0].Query.Get("extra_customer_fields")
			require.Equal(t, map[bool]string{true: "12", false: "2,12"}[c.narrow], fields)
		})
	}
}

func reportNames() string { return swappedNames(report.Customers) }

// Keys that count the fields of a request, rather than naming them, are noticed.
func TestKeysThatDependOnTheRequest(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(250))
	db := openRewritten(t, server, func(r *http.Request, body string) string {
		for i, id := range strings.Split(r.URL.Query().Get("extra_customer_fields"), ",") {
			body = strings.ReplaceAll(body, `"custom_field_`+id+`"`, fmt.Sprintf(`"extra_%d"`, i+1))
		}
		return body
	})
	plain := openRewritten(t, server, func(_ *http.Request, body string) string { return body })
	const query = `SELECT id, "Custom field 4" FROM teamup_customers(extra_customer_fields := [1, 4])`
	_, err := texts(db, query)
	require.ErrorContains(t, err, `column "Custom field 4" (custom field 4): arrowconv: neither the rows nor the headers of the response contain the requested column extra_2; run the statement again`)
	require.Equal(t, sorted(mustTexts(t, plain, query)), sorted(mustTexts(t, db, query)))
}

// A field that is deleted after it was found is no column of NULLs.
func TestAFieldThatIsGone(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(150))
	gone := false
	db := openRewritten(t, server, func(_ *http.Request, body string) string {
		if gone {
			body = strings.NewReplacer(`"custom_field_2"`, `"else"`, `,{"label":"Custom field 2","key":"custom_field_2","sortable":false}`, ``).Replace(body)
		}
		return body
	})
	const query = `SELECT id, "Custom field 2" FROM teamup_customers(extra_customer_fields := [2])`
	mustTexts(t, db, query)
	gone = true
	_, err := texts(db, query)
	require.ErrorContains(t, err, "run the statement again")
	_, err = texts(db, query)
	require.ErrorContains(t, err, "TeamUp shows no custom field 2;")
}

// Whatever JSON a field has, its column shows it.
func TestTypesOfCustomFields(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(90))
	for values, want := range map[string]string{
		`1,2,null`:                 "BIGINT [<nil>] [1] [2]",
		`null,null,null`:           "VARCHAR [<nil>]",
		`1,2.5,null`:               "DOUBLE [1] [2.5] [<nil>]",
		`true,false,null`:          "BOOLEAN [<nil>] [false] [true]",
		`true,1,"x"`:               "VARCHAR [1] [true] [x]",
		`"1","2",null`:             "VARCHAR [1] [2] [<nil>]",
		`"a",{"b":[1,null]},["c"]`: `VARCHAR [["c"]] [a] [{"b":[1,null]}]`,
		`1,9223372036854775808,2`:  "VARCHAR [1] [2] [9223372036854775808]",
		`"2026-01-31","","null"`:   "VARCHAR [2026-01-31] [] [null]",
	} {
		db := openRewritten(t, server, func(_ *http.Request, body string) string {
			head, rows, found := strings.Cut(body, `"rows":[`)
			if !found {
				return body
			}
			list := splitValues(values)
			parts := strings.Split(rows, `"custom_field_1":`)
			for i := range parts[1:] {
				_, rest, _ := cutValue(parts[i+1])
				parts[i+1] = `"custom_field_1":` + list[i%3] + rest
			}
			return head + `"rows":[` + strings.Join(parts, "")
		})
		const call = "teamup_customers(extra_customer_fields := [1])"
		types := mustTexts(t, db, `SELECT column_type FROM (DESCRIBE FROM `+call+`) OFFSET 41`)
		rows := mustTexts(t, db, `SELECT DISTINCT "Custom field 1" FROM `+call)
		require.ElementsMatch(t, splitWant(want), append(rows, strings.Trim(types[0], "[]")), values)
	}
}

// splitWant takes "TYPE [a] [b]" apart.
func splitWant(want string) []string {
	name, rest, _ := strings.Cut(want, " ")
	rest = strings.TrimSuffix(strings.TrimPrefix(rest, "["), "]")
	var all []string
	for _, v := range strings.Split(rest, "] [") {
		all = append(all, "["+v+"]")
	}
	return append(all, name)
}

// splitValues takes a list of three JSON values apart.
func splitValues(list string) []string {
	var all []string
	for list != "" {
		v, rest, _ := cutValue(list)
		all = append(all, v)
		list = strings.TrimPrefix(rest, ",")
	}
	return all
}

// cutValue cuts the JSON value off that a text begins with.
func cutValue(text string) (value, rest string, ok bool) {
	depth, quoted := 0, false
	for i, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case depth == 0 && (c == ',' || c == '}' || c == ']'):
			return text[:i], text[i:], true
		case c == '}' || c == ']':
			depth--
		}
	}
	return text, "", false
}

// A type is guessed from the first hundred customers. One of the others may show
// that it is wrong; then the statement fails, and succeeds when it is run again.
func TestAContradictedTypeIsWider(t *testing.T) {
	for value, kind := range map[string]string{`"47 wide"`: "VARCHAR", `47.5`: "DOUBLE", `{"size":47}`: "VARCHAR", `99999999999999999999`: "VARCHAR"} {
		server := teamuptest.New(teamuptest.WithCustomers(350))
		var customer string
		db := openRewritten(t, server, func(r *http.Request, body string) string {
			if r.URL.Query().Get("columns") == "id" && !strings.Contains(r.URL.RawQuery, "offset=99") && !strings.Contains(r.URL.RawQuery, "offset=198") {
				return body
			}
			at := strings.LastIndex(body, `"custom_field_2":`)
			if at < 0 || !strings.Contains(r.URL.RawQuery, "offset=198") {
				return body
			}
			at += len(`"custom_field_2":`)
			id := body[strings.LastIndex(body[:at], `"id":`)+5:]
			customer = id[:strings.IndexByte(id, ',')]
			_, rest, _ := cutValue(body[at:])
			return body[:at] + value + rest
		})
		const query = `SELECT id, "Custom field 2" FROM teamup_customers(extra_customer_fields := [2])`
		_, err := texts(db, query)
		var contradicted *requests.FieldTypeError
		require.ErrorAs(t, err, &contradicted, value)
		require.EqualValues(t, 2, contradicted.ID)
		require.ErrorContains(t, err, `column "Custom field 2" (custom field 2)`)
		require.ErrorContains(t, err, "customer "+customer+" has "+value)
		require.ErrorContains(t, err, "run the statement again")
		rows := mustTexts(t, db, query)
		require.Contains(t, rows, "["+customer+" "+strings.Trim(value, `"`)+"]")
		require.Len(t, rows, len(mustTexts(t, db, "SELECT id FROM teamup_customers()")))
		require.Equal(t, []string{"[" + kind + "]"}, mustTexts(t, db, `SELECT column_type FROM (DESCRIBE FROM teamup_customers(extra_customer_fields := [2])) OFFSET 41`))
	}
}

func TestTheLookUpEndsWithTheContext(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(50), teamuptest.WithLatency(time.Hour))
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	_, err := db.QueryContext(ctx, "FROM teamup_customers(extra_customer_fields := [1])")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Len(t, server.Requests(), 1)
}

func TestTheLookUpMayFail(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(50), teamuptest.WithFault(fault(t, "403"), teamuptest.Once(teamuptest.FirstPage)))
	const query = "SELECT count(*) FROM (SELECT COLUMNS(*) FROM teamup_customers(extra_customer_fields := [1]))"
	_, err := texts(db, query)
	var api *httpsource.APIError
	require.ErrorAs(t, err, &api)
	require.ErrorContains(t, err, "teamup_customers: extra_customer_fields: ")
	require.Len(t, server.Requests(), 1, "a refusal is not an unknown field")
	mustTexts(t, db, query)
}
