package report_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/report"
)

// A name or key stands for one thing.
func TestNamesOfTheCatalogueAreUnique(t *testing.T) {
	names := report.Keys()
	for _, p := range report.Parameters() {
		names = append(names, "parameter "+p.Name)
	}
	seen := map[string]bool{}
	for _, n := range names {
		require.False(t, seen[n], n)
		seen[n] = true
	}
	for _, c := range report.Columns() {
		require.True(t, seen[c.Name], c.Name)
	}
}

func TestQueryIsSentInCanonicalForm(t *testing.T) {
	at := time.Date(2026, 1, 1, 2, 0, 0, 123456000, time.FixedZone("", 7200))
	dob, err := report.ParseDate("1990-02-28")
	require.NoError(t, err)
	yes, gt, limit := true, int64(5), 100
	q := report.Query{
		Columns: []string{"id", "venue.name"}, Format: report.FormatJSON, Limit: &limit, Sort: []string{"-id"},
		IDs: []int64{9, 3, 9}, IDGT: &gt, CreatedAtGTE: &at, DateOfBirthLTE: &dob, IsActive: &yes,
		IsAny: []string{"new", "lead"},
	}
	require.NoError(t, q.Validate())
	require.Equal(t, "columns=id,venue.name&created_at_gte=2026-01-01T00:00:00.123456Z&date_of_birth_lte=1990-02-28"+
		"&format=json&id_gt=5&ids=3,9&is_active=true&is_any=lead,new&limit=100&sort=-id", q.Encode())

	v, err := url.ParseQuery(q.Encode())
	require.NoError(t, err)
	back, err := report.ParseQuery(v)
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
		_, err = report.ParseQuery(v)
		var bad *report.ParameterError
		require.ErrorAs(t, err, &bad, query)
		require.Equal(t, parameter, bad.Parameter, query)
	}
}

func TestNothingMatchesWhenListsAreEmptyOrRangesCross(t *testing.T) {
	five, early := int64(5), time.Unix(0, 0)
	late := early.Add(time.Second)
	for name, q := range map[string]report.Query{
		"ids":         {IDs: []int64{}},
		"memberships": {ActiveMemberships: []int64{}},
		"traits":      {IsAny: []string{}},
		"range":       {CreatedAtGTE: &late, CreatedAtLTE: &early},
		"id_gt":       {IDs: []int64{4, 5}, IDGT: &five},
	} {
		require.True(t, q.Nothing(), name)
	}
	require.False(t, report.Query{}.Nothing())
	require.False(t, report.Query{CreatedAtGTE: &early, CreatedAtLTE: &early}.Nothing())
	require.False(t, report.Query{IDs: []int64{6}, IDGT: &five}.Nothing())
}
