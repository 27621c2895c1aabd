package tablefunc_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/tablefunc"
)

func TestExplainIsATable(t *testing.T) {
	inEachMode(t, func(t *testing.T, m mode) {
		db, server := m.open(t, teamuptest.WithCustomers(300), teamuptest.WithProviders(7, 8))
		db.SetMaxOpenConns(1)
		mustExec(t, db, "SELECT count(*) FROM teamup_customers(provider_ids := [7, 8])", "CREATE TEMP VIEW v AS SELECT * FROM teamup_customers(provider_id := 7) WHERE is_active", "SET VARIABLE least = 5")
		explain := func(statement, columns string) []string {
			server.ResetLog()
			rows := mustTexts(t, db, "SELECT "+columns+" FROM teamup_explain("+sqltext.QuoteText(statement)+")")
			require.Empty(t, server.Requests(), "explaining requests nothing")
			return rows
		}
		const shown = "scan, provider_id, predicate, outcome, parameters, rule, reason"
		require.Equal(t, []string{"[1 7 is_active exact is_active <nil> <nil>]", "[1 7 id > 5 exact id_gt <nil> <nil>]"},
			explain("SELECT email FROM v WHERE id > getvariable('least')", shown))
		require.Equal(t, []string{"[1 7 <nil> <nil> <nil> count <nil>]", "[1 8 <nil> <nil> <nil> count <nil>]"},
			explain("SELECT count(*) FROM teamup_customers(provider_ids := [7, 8]);", shown))
		left := explain("SELECT id FROM teamup_customers(provider_id := 8) WHERE email LIKE '%x'", shown+", requests, estimate, request")
		require.Len(t, left, 1)
		for _, part := range []string{"[1 8 suffix(email, 'x') left  <nil> email has no parameter", " about ", "/api/v2/reports/customers/data?columns="} {
			require.Contains(t, left[0], part)
		}
		require.Len(t, explain("SELECT a.id FROM v a JOIN teamup_customers() b ON a.email = b.email WHERE b.is_new", "DISTINCT scan"), 2)
		require.Equal(t, []string{"[<nil> 0]"}, explain("SELECT id FROM teamup_customers() WHERE id < 3 AND id > 5", "DISTINCT request, requests"))
		require.Empty(t, explain("SELECT 1", "*"))
		require.Empty(t, explain("CREATE VIEW w AS FROM teamup_customers()", "*"))
		for statement, says := range map[string]string{
			"SELECT nothing":                         `teamup_explain: `,
			"SELECT 1; SELECT 2":                     "teamup_explain: give one statement to explain",
			"":                                       "give one statement",
			"SELECT nothing FROM teamup_customers()": `"nothing" not found`,
			"SELECT id FROM teamup_customers() JOIN nowhere USING (id)":               "nowhere does not exist",
			"PIVOT (SELECT gender, is_new FROM teamup_customers() LIMIT 5) ON is_new": "type MULTI",
		} {
			_, err := texts(db, "FROM teamup_explain("+sqltext.QuoteText(statement)+")")
			require.ErrorContains(t, err, says, statement)
		}
		mustExec(t, db, "PRAGMA disable_optimizer")
		require.Equal(t, []string{"[1 <nil> DuckDB's optimizer is switched off; PRAGMA enable_optimizer switches it on]"}, explain("SELECT * FROM teamup_customers() WHERE is_active", "scan, predicate, reason"))
	})
}

// The table has what Explain has.
func TestExplainIsTheSameEverywhere(t *testing.T) {
	db, _ := open(t, teamuptest.WithCustomers(300))
	for _, statement := range []string{
		"SELECT email FROM teamup_customers() WHERE is_active AND age > 30 AND email <> 'x'",
		"SELECT a.email FROM teamup_customers() a JOIN teamup_customers() b ON a.email = b.email",
		"SELECT id FROM teamup_customers() ORDER BY id DESC LIMIT 5",
	} {
		explanation, err := tablefunc.Explain(t.Context(), db, statement)
		require.NoError(t, err)
		var want []string
		for _, s := range explanation.Scans {
			request := "<nil>"
			if len(s.Requests) > 0 {
				request = s.Requests[0]
			}
			for _, p := range s.Predicates {
				want = append(want, fmt.Sprintf("[%d %s %s %v %s]", s.Reference, request, p.Predicate, p.Outcome, strings.Join(p.Parameters, ", ")))
			}
			if len(s.Predicates) == 0 {
				want = append(want, fmt.Sprintf("[%d %s <nil> <nil> <nil>]", s.Reference, request))
			}
		}
		require.Equal(t, want, mustTexts(t, db, "SELECT scan, request, predicate, outcome, parameters FROM teamup_explain("+sqltext.QuoteText(statement)+")"))
	}
}
