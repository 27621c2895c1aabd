package teamuptest_test

import (
	"bufio"
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

func TestCustomersFollowFromTheSeed(t *testing.T) {
	t.Parallel()
	few, many := teamuptest.New(teamuptest.WithCustomers(100)), teamuptest.New(teamuptest.WithCustomers(100_000))
	other := teamuptest.New(teamuptest.WithCustomers(100), teamuptest.WithSeed(2))
	const all = "include_deleted=true&sort=id&limit=100"
	a, b := getPage(t, few, all), getPage(t, many, all)
	require.Equal(t, a.Rows, b.Rows, "a customer does not depend on how many there are")
	require.NotEqual(t, a.Rows, getPage(t, other, all).Rows)
	require.Equal(t, 100_000, b.Total)
	gaps := map[int64]bool{}
	for i, id := range ids(a.Rows)[1:] {
		gaps[id-a.Rows[i].id()] = true
	}
	require.Greater(t, len(gaps), 5)
	require.NotContains(t, gaps, int64(0))
}

// TestEveryColumnHasNullsAndValues, and so has every part of a struct that is not NULL
// unless the report requires it.
func TestEveryColumnHasNullsAndValues(t *testing.T) {
	t.Parallel()
	rows := getAll(t, teamuptest.New(), "include_deleted=true")
	for _, c := range report.Customers.Columns {
		nulls, values := 0, 0
		for _, r := range rows {
			if r[c.Name] == nil {
				nulls++
			} else {
				values++
			}
		}
		require.Positive(t, values, c.Name)
		require.Equal(t, c.Name == report.Customers.Key, nulls == 0, c.Name)
	}
	text := strings.Builder{}
	for _, r := range rows {
		for _, key := range []string{"full_name", "address.first_line", "family.name", "emergency_contact.name"} {
			s, _ := r.at(key).(string)
			text.WriteString(s)
		}
	}
	for _, odd := range []string{"李", "محمد", "Zoe\u0308", "👩‍🚀", `"`, `\`, ",", "\n", "\t", "\u2028"} {
		require.Contains(t, text.String(), odd)
	}
}

func TestRowsAgreeWithThemselves(t *testing.T) {
	t.Parallel()
	suffixes, currencies := map[string]int{}, map[any]bool{}
	today := time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC)
	for _, r := range getAll(t, teamuptest.New(teamuptest.WithCustomers(2000)), "include_deleted=true") {
		first, _ := r["first_name"].(string)
		last, _ := r["last_name"].(string)
		full, _ := r["full_name"].(string)
		require.Equal(t, strings.TrimSpace(first+" "+last), strings.TrimSpace(full))
		if created, ok := r["created_at"].(string); ok {
			suffixes[created[19:][len(created[19:])-min(6, len(created[19:])):]]++
			suffixes[itoa(len(created))]++
		}
		currencies[r.at("account_credit_balance.iso_currency_code")] = true
		born, ok := r["date_of_birth"].(string)
		require.Equal(t, ok, r["age"] != nil)
		require.Equal(t, ok, r["days_until_birthday"] != nil)
		if !ok {
			continue
		}
		day, err := time.Parse(time.DateOnly, born)
		require.NoError(t, err)
		age := 0
		for !day.AddDate(age+1, 0, 0).After(today) {
			age++
		}
		require.Equal(t, itoa(age), r.at("age").(interface{ String() string }).String(), born)
		until := 0
		for d := today; d.Day() != day.AddDate(d.Year()-day.Year(), 0, 0).Day() || d.Month() != day.AddDate(d.Year()-day.Year(), 0, 0).Month(); d = d.AddDate(0, 0, 1) {
			until++
		}
		require.Equal(t, itoa(until), r.at("days_until_birthday").(interface{ String() string }).String(), born)
	}
	for _, suffix := range []string{"+01:00", "+12:45", "-05:00", "+00:00", "20", "27", "25", "32"} {
		require.Positive(t, suffixes[suffix], "%s: %v", suffix, suffixes)
	}
	require.GreaterOrEqual(t, len(currencies), 8)
}

func TestTimesAreShownRounded(t *testing.T) {
	t.Parallel()
	shown := func(r teamuptest.Rounding) []row {
		return getAll(t, teamuptest.New(teamuptest.WithQuirks(teamuptest.Quirks{Rounding: r})), "columns=created_at&sort=id")
	}
	exact, cut, near := shown(teamuptest.ShowMicroseconds), shown(teamuptest.TruncateSeconds), shown(teamuptest.RoundSeconds)
	for i := range exact {
		text, ok := exact[i]["created_at"].(string)
		if !ok {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, text)
		require.NoError(t, err)
		for rows, want := range map[*[]row]time.Time{&cut: at.Truncate(time.Second), &near: at.Round(time.Second)} {
			got, err := time.Parse("2006-01-02T15:04:05Z07:00", (*rows)[i]["created_at"].(string))
			require.NoError(t, err)
			require.True(t, want.Equal(got))
		}
	}
}

func TestAgesOfAnotherZone(t *testing.T) {
	t.Parallel()
	noon := func() time.Time { return time.Date(2026, 3, 15, 12, 0, 0, 0, time.UTC) }
	until := func(zone time.Duration) map[int64]any {
		m := map[int64]any{}
		s := teamuptest.New(teamuptest.WithClock(noon), teamuptest.WithQuirks(teamuptest.Quirks{AgeZone: zone}))
		for _, r := range getAll(t, s, "columns=days_until_birthday") {
			m[r.id()] = r["days_until_birthday"]
		}
		return m
	}
	require.Equal(t, until(0), until(11*time.Hour))
	require.NotEqual(t, until(0), until(14*time.Hour))
	require.NotEqual(t, until(0), until(-14*time.Hour))
}

// TestWriteRowsIsWhatThePagesShow, without the quirks of writing.
func TestWriteRowsIsWhatThePagesShow(t *testing.T) {
	t.Parallel()
	few := teamuptest.WithCustomers(600)
	s := teamuptest.New(few, teamuptest.WithQuirks(teamuptest.Quirks{Rounding: teamuptest.TruncateSeconds, OmitNulls: true, Parts: teamuptest.AllFlat}))
	plain := teamuptest.New(few, teamuptest.WithQuirks(teamuptest.Quirks{Rounding: teamuptest.TruncateSeconds}))
	var out bytes.Buffer
	require.NoError(t, s.Store().WriteRows(&out, query(t, "is_active=true&sort=id&limit=5")))
	rows := getAll(t, plain, "is_active=true&sort=id")
	i := 0
	for lines := bufio.NewScanner(&out); lines.Scan(); i++ {
		p := decode(t, slices.Concat([]byte(`{"rows":[`), lines.Bytes(), []byte(`]}`)))
		require.Equal(t, rows[i], p.Rows[0])
	}
	require.Len(t, rows, i)
}
