package report_test

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/report"
)

// A name or key stands for one thing.
func TestNamesOfTheCatalogueAreUnique(t *testing.T) {
	names := report.Customers.Keys()
	for _, p := range report.Customers.Parameters {
		names = append(names, "parameter "+p.Name)
	}
	seen := map[string]bool{}
	for _, n := range names {
		require.False(t, seen[n], n)
		seen[n] = true
	}
	for _, c := range report.Customers.Columns {
		require.True(t, seen[c.Name], c.Name)
	}
}

func TestQueryIsSentInCanonicalForm(t *testing.T) {
	at := time.Date(2026, 1, 1, 2, 0, 0, 123456000, time.FixedZone("", 7200))
	dob, err := report.ParseDate("1990-02-28")
	require.NoError(t, err)
	q := report.Customers.Query().With("columns", []string{"id", "venue.name"}).With("format", report.FormatJSON).
		With("limit", 100).With("sort", []string{"-id"}).With("ids", []int64{9, 3, 9}).With("id_gt", 5).
		With("created_at_gte", at).With("date_of_birth_lte", dob).With("is_active", true).With("is_any", []string{"new", "lead"})
	require.NoError(t, q.Validate())
	require.Equal(t, "columns=id,venue.name&created_at_gte=2026-01-01T00:00:00.123456Z&date_of_birth_lte=1990-02-28"+
		"&format=json&id_gt=5&ids=3,9&is_active=true&is_any=lead,new&limit=100&sort=-id", q.Encode())

	v, err := url.ParseQuery(q.Encode())
	require.NoError(t, err)
	back, err := report.Customers.Parse(v)
	require.NoError(t, err)
	require.Equal(t, q.Values(), back.Values())
}

func TestBadValuesAreRefused(t *testing.T) {
	for query, parameter := range map[string]string{
		"limit=101": "limit", "limit=-1": "limit", "offset=-1": "offset", "page=0": "page", "page_size=101": "page_size",
		"ids=0": "ids", "ids=1,x": "ids", "id_gt=-1": "id_gt", "created_at_gte=yesterday": "created_at_gte",
		"date_of_birth_gte=2026-02-30": "date_of_birth_gte", "is_active=yes": "is_active", "is_any=old": "is_any",
		"format=xml": "format", "columns=id,nope": "columns", "sort=-": "sort", "created_at_timeframe=%20": "created_at_timeframe",
		"nope=1": "nope", "limit=1&limit=2": "limit", "page=1&limit=5": "page",
	} {
		v, err := url.ParseQuery(query)
		require.NoError(t, err)
		_, err = report.Customers.Parse(v)
		var bad *report.ParameterError
		require.ErrorAs(t, err, &bad, query)
		require.Equal(t, parameter, bad.Parameter, query)
	}
}

func TestNothingMatchesWhenListsAreEmptyOrRangesCross(t *testing.T) {
	early := time.Unix(0, 0)
	late := early.Add(time.Second)
	q := report.Customers.Query()
	for name, q := range map[string]report.Query{
		"ids":         q.With("ids", []int64{}),
		"memberships": q.With("active_memberships", []int64{}),
		"traits":      q.With("is_any", []string{}),
		"range":       q.With("created_at_gte", late).With("created_at_lte", early),
		"days":        q.With("date_of_birth_gte", report.Date(2)).With("date_of_birth_lte", report.Date(1)),
		"id_gt":       q.With("ids", []int64{4, 5}).With("id_gt", 5),
	} {
		require.True(t, q.Nothing(), name)
	}
	require.False(t, q.Nothing())
	require.False(t, q.With("created_at_gte", early).With("created_at_lte", early).Nothing())
	require.False(t, q.With("ids", []int64{6}).With("id_gt", 5).Nothing())
	require.False(t, q.With("extra_customer_fields", []int64{}).Nothing())
}

// A query does not change: With returns another one.
func TestQueriesAreValues(t *testing.T) {
	q := report.Customers.Query().With("limit", 5)
	other := q.With("limit", 6).With("is_new", true)
	require.Equal(t, "limit=5", q.Encode())
	require.Equal(t, "is_new=true&limit=6", other.Encode())
	require.Equal(t, report.Customers.Query(), other.Without("limit", "is_new"))
	require.Equal(t, q, q.With("ids", []int64(nil)))
	require.EqualValues(t, 5, report.Value[int64](q, "limit"))

	var bad *report.ParameterError
	for name, v := range map[string]any{"limit": "5", "ids": []string{"5"}, "is_any": []int64{5}, "is_new": 1, "created_at_gte": report.Date(1), "nope": 1} {
		require.ErrorAs(t, q.With(name, v).Validate(), &bad, name)
		require.Equal(t, name, bad.Parameter)
	}
	require.Error(t, report.Query{}.Validate())
}

// A report that names what it does not have is refused when the program starts.
func TestReportsAreChecked(t *testing.T) {
	for want, change := range map[string]func(r *report.Report){
		`the key "nope"`:                 func(r *report.Report) { r.Key = "nope" },
		`there is no parameter "nope"`:   func(r *report.Report) { r.Roles.Sort = "nope" },
		`there is no column "age.years"`: func(r *report.Report) { r.Derived[0].Column = "age.years" },
		`two parameters`:                 func(r *report.Report) { r.Parameters = append(r.Parameters, r.Parameters[0]) },
		`two fields have the key "id"`:   func(r *report.Report) { r.Columns = append(r.Columns, r.Columns[0]) },
	} {
		r := *report.Customers
		r.Derived = slices.Clone(r.Derived)
		change(&r)
		_, err := report.New(r)
		require.ErrorContains(t, err, want)
	}
}
