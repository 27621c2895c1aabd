package pushdown_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

func TestWhatIsNoPlanIsAnError(t *testing.T) {
	_, err := pushdown.ReadPlan([]byte(`{"error":true,"error_type":"not implemented","error_message":"CSVReaderSerialize not implemented"}`), report.Customers)
	var refused *pushdown.PlanError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "CSVReaderSerialize not implemented", refused.Message)
	require.Equal(t, "not implemented", refused.Type)
	for _, text := range []string{"", "no plan", "[]", "{}", `{"plans":1}`, `{"plans":[`} {
		_, err := pushdown.ReadPlan([]byte(text), report.Customers)
		require.Error(t, err, text)
	}
}

// filtered is a plan of a scan with the text of one predicate above it.
func filtered(text string) string { return planOf([]predicate{{json: text}}) }

func TestUnknownShapesAreLeft(t *testing.T) {
	for name, plan := range map[string]string{
		"an unknown expression":     filtered(`{"expression_class":"BOUND_NEWS","type":"NEWS","children":[{"expression_class":"BOUND_REF","index":7}]}`),
		"a reference out of range":  filtered(`{"expression_class":"BOUND_REF","index":99}`),
		"a reference by name":       filtered(`{"expression_class":"BOUND_REF","alias":"is_active"}`),
		"an unknown comparison":     filtered(`{"expression_class":"BOUND_COMPARISON","type":"COMPARE_NEARLY","left":{"expression_class":"BOUND_REF","index":0},"right":` + constant(testColumns[0], 5) + `}`),
		"a constant of other shape": filtered(`{"expression_class":"BOUND_COMPARISON","type":"COMPARE_EQUAL","left":{"expression_class":"BOUND_REF","index":0},"right":{"expression_class":"BOUND_CONSTANT","value":{"type":{"id":"BIGINT"},"value":"5"}}}`),
		"a missing side":            filtered(`{"expression_class":"BOUND_COMPARISON","type":"COMPARE_EQUAL","left":{"expression_class":"BOUND_REF","index":0}}`),
		"no expression at all":      filtered(`5`),
		"an operator in between":    strings.Replace(filtered(ref(testColumns[1])), `{"type":"LOGICAL_GET"`, `{"type":"LOGICAL_SIEVE","children":[{"type":"LOGICAL_GET"`, 1),
		"columns by another index":  strings.ReplaceAll(filtered(ref(testColumns[1])), "FULL_READ", "PUSHDOWN_EXTRACT"),
	} {
		if name == "an operator in between" {
			plan = strings.Replace(plan, "]}]}]}", "]}]}]}]}", 1)
		}
		got, err := pushdown.ReadPlan([]byte(plan), report.Customers)
		require.NoError(t, err, name)
		require.Len(t, got.Scans, 1, name)
		tr := got.Scans[0].Translate(report.Customers.Query(), session)
		require.Equal(t, report.Customers.Query(), tr.Query, name)
		require.False(t, tr.Nothing, name)
		for _, f := range tr.Results {
			require.Equal(t, pushdown.Left, f.Outcome, name)
			require.NotEmpty(t, f.Why, name)
		}
	}
}

// TestBusinessesAreChosen asks two businesses by predicates on the column that tells
// a row's business.
func TestBusinessesAreChosen(t *testing.T) {
	shoe, provider := testColumns[len(testColumns)-2], testColumns[len(testColumns)-1]
	is := func(col column, kind string, v int64) string {
		return node(`"BOUND_COMPARISON","type":%q,"left":%s,"right":%s`, kind, ref(col), constant(col, v))
	}
	or := func(texts ...string) string {
		return node(`"BOUND_CONJUNCTION","type":"CONJUNCTION_OR","children":[%s]`, strings.Join(texts, ","))
	}
	and := strings.ReplaceAll(or(is(provider, "COMPARE_EQUAL", 7), ref(testColumns[1])), "CONJUNCTION_OR", "CONJUNCTION_AND")
	for _, c := range []struct{ predicate, seven, eight, shown string }{
		{is(provider, "COMPARE_EQUAL", 7), "", "none", "exact provider_id = 7 TeamUp-Provider-ID"},
		{is(provider, "COMPARE_NOTEQUAL", 7), "none", "", "exact provider_id <> 7 TeamUp-Provider-ID"},
		{is(provider, "COMPARE_GREATERTHAN", 7), "none", "", "exact provider_id > 7 TeamUp-Provider-ID"},
		{or(is(provider, "COMPARE_EQUAL", 8), ref(testColumns[1])), "is_active=true", "", "exact provider_id = 8 OR is_active is_active, TeamUp-Provider-ID"},
		{or(and, is(provider, "COMPARE_EQUAL", 9)), "is_active=true", "none", ""},
		{or(and, strings.ReplaceAll(strings.ReplaceAll(and, `"value":7`, `"value":8`), ref(testColumns[1]), ref(testColumns[2]))), "is_active=true", "is_new=true", ""},
		{node(`"BOUND_OPERATOR","type":"OPERATOR_IS_NULL","children":[%s]`, ref(provider)), "none", "none", ""},
		{node(`"BOUND_FUNCTION","name":"mystery","children":[%s]`, ref(provider)), "", "", "left mystery(provider_id) only comparisons of the column itself select businesses"},
		{is(shoe, "COMPARE_EQUAL", 7), "", "", "left \"shoe size\" = 7 \"shoe size\" has no parameter in this report"},
	} {
		plan, err := pushdown.ReadPlan([]byte(filtered(c.predicate)), report.Customers)
		require.NoError(t, err)
		for business, want := range map[int64]string{7: c.seven, 8: c.eight} {
			session := session
			session.Provider, session.ProviderAt = business, providerAt
			tr := plan.Scans[0].Translate(report.Customers.Query(), session)
			got := tr.Query.Encode()
			if tr.Nothing {
				got = "none"
			}
			require.Equal(t, want, got, "%d: %v", business, tr.Results)
			if business == 7 && c.shown != "" {
				f := tr.Results[0]
				require.Equal(t, c.shown, strings.TrimSpace(strings.Join([]string{f.Outcome.String(), f.Predicate, strings.Join(f.Parameters, ", ") + f.Why}, " ")))
			}
		}
		// Without such a column nothing is known of it.
		tr := plan.Scans[0].Translate(report.Customers.Query(), session)
		require.False(t, tr.Nothing)
		require.NotEqual(t, pushdown.Exact, tr.Results[0].Outcome)
	}
}

func TestNumbersAreExact(t *testing.T) {
	for written, want := range map[string]string{
		`{"type":{"id":"BIGINT"},"value":9007199254740993}`:                                              "ids=9007199254740993",
		`{"type":{"id":"HUGEINT"},"value":{"upper":0,"lower":18446744073709551615}}`:                     "",
		`{"type":{"id":"HUGEINT"},"value":{"upper":-1,"lower":18446744073709551615}}`:                    "",
		`{"type":{"id":"DECIMAL","type_info":{"width":38,"scale":3}},"value":{"upper":0,"lower":5000}}`:  "ids=5",
		`{"type":{"id":"DECIMAL","type_info":{"width":18,"scale":1}},"value":70}`:                        "ids=7",
		`{"type":{"id":"DOUBLE"},"value":7.0}`:                                                           "ids=7",
		`{"type":{"id":"DOUBLE"},"value":9007199254740993.0}`:                                            "",
		`{"type":{"id":"UHUGEINT"},"value":{"upper":18446744073709551615,"lower":18446744073709551615}}`: "",
	} {
		plan, err := pushdown.ReadPlan([]byte(filtered(`{"expression_class":"BOUND_COMPARISON","type":"COMPARE_EQUAL","left":{"expression_class":"BOUND_REF","index":0},"right":{"expression_class":"BOUND_CONSTANT","value":`+written+`}}`)), report.Customers)
		require.NoError(t, err)
		require.Equal(t, want, plan.Scans[0].Translate(report.Customers.Query(), session).Query.Encode(), written)
	}
}

func TestDatesOfOtherCalendarsAreLeft(t *testing.T) {
	for _, s := range statements(t) {
		if !strings.HasSuffix(s.sql, "WHERE created_at::DATE = '2026-01-01'") && !strings.HasSuffix(s.sql, "WHERE year(created_at) = 2026") {
			continue
		}
		plan, err := pushdown.ReadPlan(s.optimized, report.Customers)
		require.NoError(t, err)
		for calendar, pushed := range map[string]bool{"gregorian": true, "buddhist": false, "": false} {
			tr := plan.Scans[0].Translate(report.Customers.Query(), pushdown.Session{Now: session.Now, Calendar: calendar})
			require.Equal(t, pushed, tr.Query.Has("created_at_gte"), "%s with %q", s.sql, calendar)
		}
	}
}

func TestAgesNeedAClock(t *testing.T) {
	plan, err := pushdown.ReadPlan([]byte(filtered(`{"expression_class":"BOUND_COMPARISON","type":"COMPARE_GREATERTHAN","left":{"expression_class":"BOUND_REF","index":9},"right":`+constant(testColumns[0], 5)+`}`)), report.Customers)
	require.NoError(t, err)
	require.Equal(t, report.Customers.Query(), plan.Scans[0].Translate(report.Customers.Query(), pushdown.Session{Calendar: "gregorian"}).Query)
}

func TestACopiedScanHasNoPredicates(t *testing.T) {
	var plan map[string]any
	require.NoError(t, json.Unmarshal([]byte(filtered(ref(testColumns[1]))), &plan))
	plans := plan["plans"].([]any)
	plan["plans"] = []any{map[string]any{"type": "LOGICAL_CROSS_PRODUCT", "children": []any{plans[0], plans[0]}}}
	text, err := json.Marshal(plan)
	require.NoError(t, err)
	got, err := pushdown.ReadPlan(text, report.Customers)
	require.NoError(t, err)
	require.Equal(t, []pushdown.Scan{{Report: report.Customers, Duplicate: true}}, got.Scans)
}

// ids is a predicate with n ids in the form that DuckDB chooses for long lists.
func ids(n int) string {
	var values []string
	for i := range n {
		values = append(values, fmt.Sprintf(`{"type":{"id":"BIGINT"},"is_null":false,"value":%d}`, 2*i+1))
	}
	return `{"plans":[{"type":"LOGICAL_FILTER","expressions":[{"expression_class":"BOUND_REF","index":1}],"children":[
		{"type":"LOGICAL_COMPARISON_JOIN","join_type":"MARK","conditions":[{"comparison":"COMPARE_EQUAL","left":{"expression_class":"BOUND_REF","index":0},"right":{"expression_class":"BOUND_REF","index":0}}],"children":[
			{"type":"LOGICAL_GET","name":"teamup_customers","table_index":0,"column_indexes":[{"index":0,"has_index":true}]},
			{"type":"LOGICAL_CHUNK_GET","collection":{"values":[[` + strings.Join(values, ",") + `]]}}]}]}]}`
}

func TestLongListsOfIDs(t *testing.T) {
	for n, list := range map[int]bool{1: true, 100: true, 101: true, 10_000: true, 10_001: false} {
		plan, err := pushdown.ReadPlan([]byte(ids(n)), report.Customers)
		require.NoError(t, err)
		tr := plan.Scans[0].Translate(report.Customers.Query(), session)
		if list {
			require.Len(t, tr.Query.Get("ids"), n)
			require.True(t, tr.Exact)
			continue
		}
		require.Equal(t, report.Customers.Query().With("id_gt", 0), tr.Query)
		require.Equal(t, pushdown.Widened, tr.Results[0].Outcome)
	}
}

func FuzzReadPlan(f *testing.F) {
	for i, s := range statements(f) {
		if i%10 == 0 && len(s.optimized) < 20_000 {
			f.Add([]byte(s.optimized))
		}
	}
	f.Add([]byte(ids(3)))
	f.Add([]byte(`{"plans":[{"value":NaN,"s":"\"NaN"},-Infinity]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		plan, err := pushdown.ReadPlan(text, report.Customers)
		if err != nil {
			return
		}
		for _, scan := range pushdown.InBindOrder(plan, plan) {
			tr := scan.Translate(report.Customers.Query(), session)
			require.NoError(t, tr.Query.Validate())
			exact := !slices.ContainsFunc(tr.Results, func(r pushdown.PredicateResult) bool { return r.Outcome != pushdown.Exact })
			require.Equal(t, exact, tr.Exact)
		}
	})
}

func BenchmarkTenScans(b *testing.B) {
	scan := filtered(ref(testColumns[1]))
	inner := scan[strings.Index(scan, `[{"type"`)+1 : len(scan)-2]
	text := []byte(`{"plans":[{"type":"LOGICAL_UNION","children":[` + strings.Repeat(inner+",", 9) + inner + `]}]}`)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		plan, err := pushdown.ReadPlan(text, report.Customers)
		if err != nil {
			b.Fatal(err)
		}
		for _, s := range plan.Scans {
			s.Translate(report.Customers.Query(), session)
		}
	}
}
