package teamuptest_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

func itoa(n int) string { return strconv.Itoa(n) }

// predicate says, from what a row shows, whether a parameter's value lets it through.
type predicate struct {
	parameter string
	draw      func(*rand.Rand, []row) string
	ok        func(r row, value string) bool
}

var predicates = []predicate{
	{"ids", func(r *rand.Rand, rows []row) string {
		list := []string{"1", "100003"}
		for range r.IntN(60) {
			list = append(list, itoa(int(rows[r.IntN(len(rows))].id())))
		}
		return strings.Join(list, ",")
	}, func(r row, v string) bool { return slices.Contains(strings.Split(v, ","), itoa(int(r.id()))) }},
	{"id_gt", func(r *rand.Rand, rows []row) string { return itoa(int(rows[r.IntN(len(rows))].id()) - r.IntN(2)) },
		func(r row, v string) bool { n, _ := strconv.ParseInt(v, 10, 64); return r.id() > n }},
	{"active_memberships", func(r *rand.Rand, _ []row) string {
		m := teamuptest.Memberships()
		return fmt.Sprintf("%d,%d,99999", m[r.IntN(len(m))].ID, m[r.IntN(len(m))].ID)
	}, func(r row, v string) bool {
		held, _ := r["active_customer_memberships"].([]any)
		return slices.ContainsFunc(held, func(m any) bool {
			id := row(m.(map[string]any)).at("membership.id").(json.Number)
			return slices.Contains(strings.Split(v, ","), id.String())
		})
	}},
	moment("created_at_gte", "created_at", func(c int) bool { return c >= 0 }),
	moment("created_at_lte", "created_at", func(c int) bool { return c <= 0 }),
	moment("latest_registration_starts_at_gte", "latest_registration.starts_at", func(c int) bool { return c >= 0 }),
	moment("latest_registration_starts_at_lte", "latest_registration.starts_at", func(c int) bool { return c <= 0 }),
	birth("date_of_birth_gte", func(c int) bool { return c >= 0 }),
	birth("date_of_birth_lte", func(c int) bool { return c <= 0 }),
	{"created_at_timeframe", func(r *rand.Rand, _ []row) string {
		return []string{"last_30_days", "last_400_days", "this_year", "last_year", "this_month", "last_month", "today", "yesterday"}[r.IntN(8)]
	}, inTimeframe},
	truth("is_active"), truth("is_claimed"), truth("is_new"), truth("is_slipping_away"), truth("registration_blocked"),
	{"has_account_credit", boolean, func(r row, v string) bool {
		n, ok := r.at("account_credit_balance.decimal").(json.Number)
		if !ok {
			return false
		}
		amount, _ := new(big.Rat).SetString(n.String())
		return (amount.Sign() > 0) == (v == "true")
	}},
	{"is_any", func(r *rand.Rand, _ []row) string {
		all := []string{"new", "claimed", "slipping_away", "inactive", "active", "registration_blocked", "lead"}
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		return strings.Join(all[:1+r.IntN(2)], ",")
	}, hasTrait},
}

func boolean(r *rand.Rand, _ []row) string { return strconv.FormatBool(r.IntN(2) == 0) }

func truth(column string) predicate {
	return predicate{column, boolean, func(r row, v string) bool { return r[column] == (v == "true") }}
}

func moment(parameter, column string, ok func(int) bool) predicate {
	return predicate{parameter, func(r *rand.Rand, rows []row) string {
		for {
			if s, isText := rows[r.IntN(len(rows))].at(column).(string); isText {
				t, _ := time.Parse(time.RFC3339Nano, s)
				return t.Add(time.Duration(r.IntN(3)-1) * time.Microsecond / 2).UTC().Format(time.RFC3339Nano)
			}
		}
	}, func(r row, v string) bool {
		s, isText := r.at(column).(string)
		if !isText {
			return false
		}
		shown, _ := time.Parse(time.RFC3339Nano, s)
		bound, _ := time.Parse(time.RFC3339Nano, v)
		return ok(shown.Compare(bound))
	}}
}

func birth(parameter string, ok func(int) bool) predicate {
	return predicate{parameter, func(r *rand.Rand, rows []row) string {
		for {
			if s, isText := rows[r.IntN(len(rows))]["date_of_birth"].(string); isText {
				return s
			}
		}
	}, func(r row, v string) bool {
		s, isText := r["date_of_birth"].(string)
		return isText && ok(strings.Compare(s, v))
	}}
}

// inTimeframe knows the default clock: 15 March 2026.
func inTimeframe(r row, v string) bool {
	s, ok := r["created_at"].(string)
	if !ok {
		return false
	}
	t, _ := time.Parse(time.RFC3339Nano, s)
	shown := t.UTC().Format("2006-01-02")
	bounds := map[string][2]string{
		"last_30_days": {"2026-02-13", "2026-03-15"}, "last_400_days": {"2025-02-08", "2026-03-15"},
		"this_year": {"2026-01-01", "2026-03-15"}, "last_year": {"2025-01-01", "2025-12-31"},
		"this_month": {"2026-03-01", "2026-03-15"}, "last_month": {"2026-02-01", "2026-02-28"},
		"today": {"2026-03-15", "2026-03-15"}, "yesterday": {"2026-03-14", "2026-03-14"},
	}[v]
	return bounds[0] <= shown && shown <= bounds[1]
}

func hasTrait(r row, v string) bool {
	for _, trait := range strings.Split(v, ",") {
		column := map[string]string{"new": "is_new", "claimed": "is_claimed", "slipping_away": "is_slipping_away", "lead": "is_lead",
			"active": "is_active", "inactive": "is_active", "registration_blocked": "registration_blocked"}[trait]
		if r[column] == (trait != "inactive") {
			return true
		}
	}
	return false
}

// TestFiltersMatchTheShownRows computes every filter again from the rows themselves.
func TestFiltersMatchTheShownRows(t *testing.T) {
	t.Parallel()
	s := teamuptest.New(teamuptest.WithCustomers(1200))
	all := getAll(t, s, "include_deleted=true&sort=id")
	require.Len(t, all, 1200)
	random := rand.New(rand.NewPCG(1, 2))
	found := map[string]int{}
	for range 600 {
		params, chosen := url.Values{}, map[string]predicate{}
		for range 1 + random.IntN(3) {
			p := predicates[random.IntN(len(predicates))]
			chosen[p.parameter] = p
			params.Set(p.parameter, p.draw(random, all))
		}
		deleted := random.IntN(2) == 0
		params.Set("include_deleted", strconv.FormatBool(deleted))
		want := []int64{}
		for _, r := range all {
			ok := deleted || r["deleted_at"] == nil
			for name, p := range chosen {
				ok = ok && p.ok(r, params.Get(name))
			}
			if ok {
				want = append(want, r.id())
			}
		}
		got, err := s.Store().IDs(query(t, params.Encode()+"&sort=id"))
		require.NoError(t, err)
		require.Equal(t, want, got, "%s", params.Encode())
		answer := getPage(t, s, "sort=id&columns=id&limit=100&"+params.Encode())
		require.Equal(t, len(want), answer.Total)
		require.Equal(t, want[:min(100, len(want))], ids(answer.Rows))
		for name := range chosen {
			found[name] += len(want)
		}
	}
	for _, p := range predicates {
		require.NotZero(t, found[p.parameter], "%s never found anybody", p.parameter)
	}
}

func TestQuirksOfFilters(t *testing.T) {
	t.Parallel()
	count := func(q teamuptest.Quirks, params string) int {
		return getPage(t, teamuptest.New(teamuptest.WithQuirks(q)), params+"&limit=0").Total
	}
	all := count(teamuptest.Quirks{}, "")
	yes, no := count(teamuptest.Quirks{}, "is_active=true"), count(teamuptest.Quirks{}, "is_active=false")
	require.Less(t, yes+no, all, "NULL is neither")
	require.Equal(t, all-yes, count(teamuptest.Quirks{NullIsFalse: true}, "is_active=false"))
	require.Greater(t, count(teamuptest.Quirks{NegativeCredit: true}, "has_account_credit=true"), count(teamuptest.Quirks{}, "has_account_credit=true"))
}

// The server knows every parameter and every trait that the catalogue has. It would
// refuse another one, since ignoring it would give wrong counts.
func TestEveryParameterIsKnown(t *testing.T) {
	s := teamuptest.New(teamuptest.WithCustomers(10))
	values := map[string]string{"BOOLEAN": "true", "INTEGER": "1", "BIGINT": "1", "BIGINT[]": "1", "VARCHAR": "today",
		"DATE": "2026-01-31", "TIMESTAMP WITH TIME ZONE": "2026-01-31T00:00:00Z"}
	for _, p := range report.Customers.Parameters {
		if value := values[p.Type.SQL()]; value != "" && p.Name != "format" {
			getPage(t, s, p.Name+"="+value)
		}
	}
	for _, trait := range report.Customers.Traits {
		getPage(t, s, "is_any="+trait.Name)
	}
}
