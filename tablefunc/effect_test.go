package tablefunc_test

import (
	"database/sql"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// effect is a statement and the filters of the requests that it makes, in order and
// each once: "" is a request for the whole report.
type effect struct {
	sql  string
	want []string
}

// one is the want of a statement whose requests all have these filters.
func one(filters string) []string { return []string{filters} }

func sent(server *teamuptest.Server) []string {
	all := filters(server)
	slices.Sort(all)
	return slices.Compact(all)
}

func checkEffects(t *testing.T, db *sql.DB, server *teamuptest.Server, effects []effect) {
	t.Helper()
	for _, e := range effects {
		server.ResetLog()
		_, err := texts(db, e.sql)
		assert.NoError(t, err, e.sql)
		assert.Equal(t, e.want, sent(server), e.sql)
	}
}

// effectDB has the session's zone at UTC, on its only connection.
func effectDB(t *testing.T) (*sql.DB, *teamuptest.Server) {
	db, server := open(t, teamuptest.WithCustomers(300))
	db.SetMaxOpenConns(1)
	mustExec(t, db, "SET TimeZone = 'UTC'")
	return db, server
}

func TestEveryRowOfTheTableNarrowsTheRequest(t *testing.T) {
	db, server := effectDB(t)
	for where, want := range map[string]string{
		"id = 7":                      "ids=7",
		"id IN (7, 9)":                "ids=7,9",
		"id = 7 OR id = 9 OR 11 = id": "ids=7,9,11",
		"id IN (1,2,3,4,5,6,7,8,9,10,11,12,13,14,15)": "ids=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
		"id > 100100":                      "id_gt=100100",
		"id >= 100100":                     "id_gt=100099",
		"id BETWEEN 100100 AND 109000":     "id_gt=100099",
		"id BETWEEN 100100 AND 100102":     "ids=100100,100101,100102",
		"is_active":                        "is_active=true",
		"NOT is_active":                    "is_active=false",
		"NOT NOT is_active":                "is_active=true",
		"is_claimed = true":                "is_claimed=true",
		"is_claimed = false":               "is_claimed=false",
		"is_new IS TRUE":                   "is_new=true",
		"is_new IS NOT DISTINCT FROM true": "is_new=true",
		"is_slipping_away":                 "is_slipping_away=true",
		"registration_blocked IS FALSE":    "registration_blocked=false",
		"is_lead":                          "is_any=lead",
		"is_new OR is_lead OR is_active OR is_claimed OR is_slipping_away OR registration_blocked": "is_any=active,claimed,lead,new,registration_blocked,slipping_away",
		"created_at > '2026-01-01'":                           "created_at_gte=2025-12-31T23:59:59.000001Z",
		"created_at >= TIMESTAMPTZ '2026-01-01 02:00:00+02'":  "created_at_gte=2025-12-31T23:59:59Z",
		"created_at < '2026-01-01'":                           "created_at_lte=2026-01-01T00:00:00.999999Z",
		"created_at <= '2026-01-01'":                          "created_at_lte=2026-01-01T00:00:01Z",
		"created_at = '2026-01-01'":                           "created_at_gte=2025-12-31T23:59:59Z&created_at_lte=2026-01-01T00:00:01Z",
		"created_at BETWEEN '2026-01-01' AND '2026-01-02'":    "created_at_gte=2025-12-31T23:59:59Z&created_at_lte=2026-01-02T00:00:01Z",
		"created_at::DATE = '2026-01-01'":                     "created_at_gte=2025-12-30T23:59:59Z&created_at_lte=2026-01-03T00:00:00.999999Z",
		"year(created_at) = 2025":                             "created_at_gte=2024-12-30T23:59:59Z&created_at_lte=2026-01-02T00:00:00.999999Z",
		"date_trunc('month', created_at) = '2026-01-01'":      "created_at_gte=2025-12-31T23:59:59Z&created_at_lte=2026-02-01T00:00:00.999999Z",
		"latest_registration.starts_at >= '2026-01-01'":       "latest_registration_starts_at_gte=2025-12-31T23:59:59Z",
		"latest_registration.starts_at::DATE < '2026-01-01'":  "latest_registration_starts_at_lte=2026-01-03T00:00:00.999999Z",
		"date_of_birth > '1990-01-01'":                        "date_of_birth_gte=1990-01-02",
		"date_of_birth = '1990-01-01'":                        "date_of_birth_gte=1990-01-01&date_of_birth_lte=1990-01-01",
		"year(date_of_birth) <= 1990":                         "date_of_birth_lte=1990-12-31",
		"date_of_birth BETWEEN '1990-01-01' AND '1991-01-01'": "date_of_birth_gte=1990-01-01&date_of_birth_lte=1991-01-01",
		"age >= 30":                          "date_of_birth_lte=1996-03-17",
		"age < 30":                           "date_of_birth_gte=1996-03-13",
		"age = 30":                           "date_of_birth_gte=1995-03-13&date_of_birth_lte=1996-03-17",
		"account_credit_balance.decimal > 0": "has_account_credit=true",
		"is_active AND NOT is_new AND id > 5 AND lower(email) = 'x'":                       "id_gt=5&is_active=true&is_new=false",
		"(created_at < '2025-01-01' AND is_new) OR (created_at < '2026-01-01' AND is_new)": "created_at_lte=2026-01-01T00:00:00.999999Z&is_new=true",
		"lower(email) = 'x'": "",
	} {
		checkEffects(t, db, server, []effect{{"SELECT email FROM teamup_customers() WHERE " + where, one(want)}})
	}
	for _, where := range []string{"id > 5 AND id < 3", "is_active AND NOT is_active", "false", "id = NULL", "id IN (7) AND id IN (8)"} {
		checkEffects(t, db, server, []effect{{"SELECT email FROM teamup_customers() WHERE " + where, nil}})
	}
}

// TestAnEmptyListFindsNobody looks at the answer alone: DuckDB ends such a scan before its
// requests are answered.
func TestAnEmptyListFindsNobody(t *testing.T) {
	db, _ := effectDB(t)
	for _, where := range []string{"gender = ANY(?) AND is_active", "gender IN ? AND is_active", "id = ANY(?::BIGINT[])"} {
		require.Equal(t, []string{"[0]"}, mustTexts(t, db, "SELECT count(*) FROM teamup_customers() WHERE "+where, []string{}), where)
	}
}

func TestArgumentsNarrowTheRequestOfEachExecution(t *testing.T) {
	db, server := effectDB(t)
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		where string
		args  [][]any
		want  []string // "-" for no request
	}{
		{"id = ?", [][]any{{7}, {int64(8)}, {nil}, {9.0}}, []string{"ids=7", "ids=8", "-", "ids=9"}},
		{"is_active = $1 AND id > $2", [][]any{{true, 5}, {false, 6}, {nil, 7}}, []string{"id_gt=5&is_active=true", "id_gt=6&is_active=false", "-"}},
		{"created_at >= $since", [][]any{{sql.Named("since", at)}, {sql.Named("since", at.AddDate(0, 0, 1))}, {sql.Named("since", "2026-01-01")}},
			[]string{"created_at_gte=2025-12-31T23:59:59Z", "created_at_gte=2026-01-01T23:59:59Z", "created_at_gte=2025-12-31T23:59:59Z"}},
		{"age BETWEEN $lo AND $hi", [][]any{{sql.Named("hi", 40), sql.Named("lo", 30)}}, one("date_of_birth_gte=1985-03-13&date_of_birth_lte=1996-03-17")},
		{"date_of_birth < ? AND email <> ?", [][]any{{at, "x"}, {"1990-01-01", "y"}}, []string{"date_of_birth_lte=2025-12-31", "date_of_birth_lte=1989-12-31"}},
		{"id > ? + 1", [][]any{{100500}}, one("id_gt=100501")},
		{"gender = ANY(?) AND is_active", [][]any{{[]string{"f", "x"}}, {[]string{"nobody's"}}}, []string{"is_active=true", "is_active=true"}},
		{"id IN ? AND is_new", [][]any{{[]int64{9, 7}}}, one("is_new=true")},
		{"is_active AND id <> ?", [][]any{{"100011"}}, one("is_active=true")},
	} {
		stmt, err := db.Prepare("SELECT email FROM teamup_customers() WHERE " + c.where)
		require.NoError(t, err)
		for i, args := range c.args {
			rows, err := stmt.Query(args...)
			require.NoError(t, err, c.where)
			require.NoError(t, rows.Close())
			want := []string{c.want[i]}
			if c.want[i] == "-" {
				want = nil
			}
			require.Equal(t, want, sent(server), "%s %v", c.where, args)
		}
		require.NoError(t, stmt.Close())
	}
}

func TestNamesOfArgumentsAreMatchedAsTheDriverDoes(t *testing.T) {
	db, _ := effectDB(t)
	mustExec(t, db, "CREATE TABLE m AS SELECT * FROM teamup_customers()")
	for where, args := range map[string][]any{
		"id >= $b AND id <= $A": {sql.Named("a", 7), sql.Named("b", 100011)}, // the driver takes b for $A
		"id IN ($b, $A)":        {sql.Named("a", 100011), sql.Named("b", 7)},
		"id > $2 AND id < $1":   {100511, 100011},
		"id = $a":               {sql.Named("b", 100011)},
		"id = $a OR id = $x":    {sql.Named("x", 7), sql.Named("a", 100011)},
		"id >= $b AND id <= $b": {100011},
		"id = ? AND is_active":  {sql.Named("b", 100011)},
	} {
		require.Equal(t, mustTexts(t, db, "SELECT id FROM m WHERE "+where, args...), mustTexts(t, db, "SELECT id FROM teamup_customers() WHERE "+where, args...), where)
	}
}
