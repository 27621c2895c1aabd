package tablefunc_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/requests"
	"slices"
)

// TestShortcutsLookAtTheirRows runs each shortcut on a server that does not do what it
// is asked. The rows are those of a server that does.
func TestShortcutsLookAtTheirRows(t *testing.T) {
	customers := teamuptest.WithCustomers(450)
	honest, _ := open(t, customers)
	ignores := func(parameter string) []teamuptest.Option {
		return []teamuptest.Option{customers, teamuptest.WithQuirks(teamuptest.Quirks{Ignore: parameter})}
	}
	total := func(q teamuptest.TotalQuirk) []teamuptest.Option {
		return []teamuptest.Option{customers, teamuptest.WithQuirks(teamuptest.Quirks{Total: q})}
	}
	// strikes spares the pages of a scan, so that the shortcut can fall back on it.
	strikes := func(f teamuptest.Fault, when teamuptest.When) []teamuptest.Option {
		return []teamuptest.Option{customers, teamuptest.WithFault(f, when)}
	}
	descending := func(c teamuptest.Call) bool {
		return slices.Equal(report.Value[[]string](c.Query, "sort"), []string{"-id"})
	}
	const top = "SELECT id, email FROM teamup_customers() ORDER BY id DESC LIMIT 30"
	for name, c := range map[string]struct {
		server []teamuptest.Option
		query  string
	}{
		"count, is_active ignored":       {ignores("is_active"), "SELECT count(*) FROM teamup_customers() WHERE is_active"},
		"count, is_any ignored":          {ignores("is_any"), "SELECT count(*) FROM teamup_customers() WHERE is_new OR is_lead"},
		"count, birth date ignored":      {ignores("date_of_birth_gte"), "SELECT count(*) FROM teamup_customers() WHERE date_of_birth >= '1990-01-01'"},
		"count, id_gt ignored":           {ignores("id_gt"), "SELECT count(*) FROM teamup_customers() WHERE id > 100300"},
		"count, named id_gt ignored":     {ignores("id_gt"), "SELECT count(*) FROM teamup_customers(id_gt := 100300)"},
		"count, offset ignored":          {ignores("offset"), "SELECT count(*) FROM teamup_customers()"},
		"count, sort ignored":            {ignores("sort"), "SELECT count(*) FROM teamup_customers() WHERE is_active"},
		"count, columns ignored":         {ignores("columns"), "SELECT count(*) FROM teamup_customers() WHERE is_active"},
		"count, total of all":            {total(teamuptest.TotalOfAll), "SELECT count(*) FROM teamup_customers() WHERE is_active"},
		"count, total leaves id_gt out":  {total(teamuptest.TotalLeavesIDGT), "SELECT count(*) FROM teamup_customers() WHERE id > 100300"},
		"limit, is_slipping_away":        {ignores("is_slipping_away"), "SELECT is_slipping_away FROM teamup_customers() WHERE is_slipping_away LIMIT 15"},
		"limit, id_gt":                   {ignores("id_gt"), "SELECT id > 100300 FROM teamup_customers() WHERE id > 100300 LIMIT 12"},
		"limit, limit":                   {ignores("limit"), "SELECT id > 0 FROM teamup_customers() LIMIT 70"},
		"top, is_new ignored":            {ignores("is_new"), "SELECT id FROM teamup_customers() WHERE is_new ORDER BY id DESC LIMIT 10"},
		"top, sort ignored":              {ignores("sort"), top},
		"top, limit ignored":             {ignores("limit"), "SELECT id FROM teamup_customers() ORDER BY id DESC LIMIT 80"},
		"top, repeated rows":             {strikes(fault(t, "repeated_rows"), descending), top},
		"top, doubled rows":              {strikes(fault(t, "doubled_rows"), descending), top},
		"top, reordered rows":            {strikes(fault(t, "reordered_rows"), descending), top},
		"top, an id below 1":             {strikes(teamuptest.Cell("id", "-5"), descending), top},
		"ids ignored":                    {ignores("ids"), "SELECT id, email FROM teamup_customers() WHERE id IN (100001, 100011, 7, 100019)"},
		"keys, ids ignored":              {ignores("ids"), "SELECT c.id FROM teamup_customers() c JOIN '../testdata/vip.csv' v ON c.id = v.customer_id"},
		"new customers, total of all":    {total(teamuptest.TotalOfAll), "SELECT id FROM teamup_customers() WHERE id > 999999"},
		"new customers, total, no id_gt": {total(teamuptest.TotalLeavesIDGT), "SELECT id FROM teamup_customers() WHERE id > 999999"},
	} {
		t.Run(name, func(t *testing.T) {
			db, server := open(t, c.server...)
			mustTexts(t, db, "SELECT max(email) FROM teamup_customers()") // for the number of customers
			server.ResetLog()
			require.Equal(t, sorted(mustTexts(t, honest, c.query)), sorted(mustTexts(t, db, c.query)))
			require.Less(t, len(server.Requests()), 30)
		})
	}
}

// A count asks for the columns of its predicates, in no more requests than before.
func TestACountAsksForTheColumnsOfItsPredicates(t *testing.T) {
	db, server := open(t, teamuptest.WithCustomers(450))
	for query, want := range map[string]string{
		"SELECT count(*) FROM teamup_customers()":                                                                   "columns=id",
		"SELECT count(*) FROM teamup_customers() WHERE is_active":                                                   "columns=id,is_active&is_active=true",
		"SELECT count(*) FROM teamup_customers() WHERE is_new OR is_lead":                                           "columns=id,is_lead,is_new&is_any=lead,new",
		"SELECT count(*) FROM teamup_customers(is_active := true) WHERE id > 100300":                                "columns=id&id_gt=100300&is_active=true",
		"SELECT count(*) FROM teamup_customers() WHERE date_of_birth >= '1950-01-01' AND NOT is_active IS NOT TRUE": "columns=date_of_birth,id,is_active&date_of_birth_gte=1950-01-01&is_active=true",
	} {
		ctx, summaries := summarized()
		server.ResetLog()
		require.NoError(t, readAll(ctx, db, query))
		require.LessOrEqual(t, len(server.Requests()), 2, query)
		require.Equal(t, []string{want}, asked(server), query)
		require.Equal(t, requests.RuleCount, (*summaries)[0].Scans[0].Rule)
	}
}

// A server that keeps hiding customers that it counts is an error, however few were
// asked for.
func TestHiddenCustomersAreAnError(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(450), teamuptest.WithFault(fault(t, "short_page"), teamuptest.Always))
	all := "100001, 100011, 100019, 100024"
	live, _ := open(t, teamuptest.WithCustomers(450))
	require.NotEmpty(t, mustTexts(t, live, "SELECT id FROM teamup_customers() WHERE id IN ("+all+")"))
	for _, query := range []string{
		"SELECT id FROM teamup_customers() WHERE id IN (" + all + ")",
		"SELECT id FROM teamup_customers() WHERE id IN (100001)",
		"SELECT c.id FROM teamup_customers() c JOIN '../testdata/vip.csv' v ON c.id = v.customer_id",
		"SELECT id FROM teamup_customers() WHERE id > 100430",
		"SELECT id FROM teamup_customers() ORDER BY id DESC LIMIT 3",
	} {
		_, err := texts(db, query)
		require.ErrorAs(t, err, new(*httpsource.InconsistentError), query)
	}
}
