package scan_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/internal/scan"
	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/requests"
)

// TestStrategies runs each strategy on a server that applies all parameters, where it must
// spare requests, and on one that ignores a parameter or miscounts, where the scan must
// return every row that the statement needs all the same.
func TestStrategies(t *testing.T) {
	ten := uint64(10)
	newest := pushdown.Use{Limit: &ten, OrderBy: []pushdown.Order{{Column: "id", Descending: true}}}
	active := func(list []row) []row {
		return slices.DeleteFunc(slices.Clone(list), func(r row) bool { return !r.active })
	}
	for name, c := range map[string]struct {
		use      pushdown.Use
		active   bool
		keys     bool
		requests int // on a server that does what it is asked
		deviates teamuptest.Quirks
		check    func(t *testing.T, all, got []row)
	}{
		"count": {use: pushdown.Use{CountOnly: true}, active: true, requests: 2, deviates: teamuptest.Quirks{Ignore: "is_active"},
			check: func(t *testing.T, all, got []row) { require.Len(t, active(got), len(active(all))) }},
		"count of all": {use: pushdown.Use{CountOnly: true}, requests: 2, deviates: teamuptest.Quirks{Total: teamuptest.TotalIsNull},
			check: func(t *testing.T, all, got []row) { require.Len(t, got, len(all)) }},
		"limit": {use: pushdown.Use{Limit: &ten}, active: true, requests: 1, deviates: teamuptest.Quirks{Ignore: "is_active"},
			check: func(t *testing.T, _, got []row) { require.GreaterOrEqual(t, len(active(got)), 10) }},
		"top": {use: newest, requests: 1, deviates: teamuptest.Quirks{Ignore: "sort"},
			check: func(t *testing.T, all, got []row) {
				ids := idsOf(got)
				slices.Sort(ids)
				require.Equal(t, idsOf(all)[len(all)-10:], ids[len(ids)-10:])
			}},
		"keys": {keys: true, requests: 1, deviates: teamuptest.Quirks{Ignore: "ids"},
			check: func(t *testing.T, all, got []row) { require.Equal(t, idsOf(all[5:8]), idsOf(got)) }},
	} {
		for _, deviates := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/deviates=%t", name, deviates), func(t *testing.T) {
				honest, _ := serve(t)
				everything := all(t, honest)
				quirks := teamuptest.Quirks{}
				if deviates {
					quirks = c.deviates
				}
				env, server := serve(t, teamuptest.WithQuirks(quirks))
				run, plan := &scan.Run{}, &scan.Plan{Scans: []pushdown.Scan{planned(t, c.active, c.use)}}
				if c.keys {
					env.Totals.Learn(must(env.Client(t.Context(), 0)), httpsource.Request{Query: report.Customers.Query()}, int64(len(everything)))
					fact := scan.Fact{Query: "SELECT …"}
					plan.Keys = []scan.Keys{{IDs: &fact}}
					run.Facts.Set(fact, strings.Trim(strings.ReplaceAll(fmt.Sprint(idsOf(everything[5:8])), " ", ","), "[]"))
				}
				c.check(t, everything, read(t, run, bind(t, env, run, plan, nil)[0]))
				require.NoError(t, run.EndAccounting())
				if deviates {
					require.Greater(t, len(server.Requests()), c.requests)
				} else {
					require.Len(t, server.Requests(), c.requests)
				}
			})
		}
	}
}

// TestScansShareTheirRows runs a statement with two scans of the same customers.
func TestScansShareTheirRows(t *testing.T) {
	for off, scans := range map[requests.Rule]int{"": 1, requests.RuleShare: 2} {
		env, server := serve(t)
		everything := all(t, env)
		perScan := len(server.Requests())
		server.ResetLog()
		env.Off = []requests.Rule{off}
		one := planned(t, false, pushdown.Use{Whole: true})
		run := &scan.Run{}
		for _, c := range bind(t, env, run, &scan.Plan{Scans: []pushdown.Scan{one, one}}, nil) {
			require.Equal(t, everything, read(t, run, c))
		}
		run.CloseShares()
		require.NoError(t, run.EndAccounting())
		require.Len(t, server.Requests(), scans*perScan, "without %q", off)
	}
}

// TestBusinessesComeInOrder reads several businesses, which are fetched in parallel.
func TestBusinessesComeInOrder(t *testing.T) {
	env, server := serve(t, teamuptest.WithProviders(7, 3, 9), teamuptest.WithLatency(time.Millisecond))
	run := &scan.Run{}
	call := bind(t, env, run, &scan.Plan{Scans: []pushdown.Scan{planned(t, false, pushdown.Use{Whole: true})}},
		map[string]any{"provider_ids": []int64{9, 7, 3}})[0]
	list := read(t, run, call)
	require.NoError(t, run.EndAccounting())
	var order []int64
	for _, r := range list {
		order = append(order, r.provider)
	}
	require.Equal(t, []int64{9, 7, 3}, slices.Compact(order))
	require.True(t, slices.IsSortedFunc(list[:100], func(a, b row) int { return int(a.id - b.id) }))
	require.Greater(t, server.MaxInFlight(), 1)
}

// TestCancellationLeavesNothing cancels a scan of several businesses after its first page;
// TestMain looks for goroutines and memory.
func TestCancellationLeavesNothing(t *testing.T) {
	env, _ := serve(t, teamuptest.WithProviders(1, 2, 3, 4), teamuptest.WithLatency(5*time.Millisecond))
	run := &scan.Run{}
	call := bind(t, env, run, &scan.Plan{Scans: []pushdown.Scan{planned(t, false, pushdown.Use{Whole: true})}},
		map[string]any{"provider_ids": []int64{1, 2, 3, 4}})[0]
	ctx, cancel := context.WithCancel(t.Context())
	rows := call.Open(ctx, run, columns, 2048)
	rows.Start()
	page, err := rows.Next()
	require.NoError(t, err)
	page.Release()
	cancel()
	for err == nil {
		if page, err = rows.Next(); err == nil {
			page.Release()
		}
	}
	require.ErrorIs(t, err, context.Canceled)
	rows.Close()
	require.NoError(t, run.EndAccounting())
}

// TestAPlanOfAnotherStatementIsNotUsed has fewer scans in the plan than calls.
func TestAPlanOfAnotherStatementIsNotUsed(t *testing.T) {
	env, server := serve(t)
	run := &scan.Run{}
	plan := &scan.Plan{Scans: []pushdown.Scan{planned(t, true, pushdown.Use{CountOnly: true})}}
	call := bind(t, env, run, plan, nil)[0]
	run.Binding().Add(&scan.Call{Report: report.Customers, Env: env, Arguments: call.Arguments})
	require.ErrorContains(t, run.Binding().Unplanned(), "2 scans instead of 1")
	require.Equal(t, all(t, env), read(t, run, call))
	require.NoError(t, run.EndAccounting())
	require.NotContains(t, fmt.Sprint(server.Requests()), "is_active=true")
}

func TestExplain(t *testing.T) {
	env, server := serve(t)
	run := &scan.Run{}
	one := planned(t, true, pushdown.Use{Whole: true})
	bind(t, env, run, &scan.Plan{Scans: []pushdown.Scan{one, one}}, nil)
	e, err := run.Explain(t.Context())
	require.NoError(t, err)
	require.Empty(t, server.Requests())
	require.Len(t, e.Scans, 2)
	require.Contains(t, e.Scans[0].Requests[0], "is_active=true")
	require.Equal(t, requests.RuleShare, e.Scans[1].Rule)
	require.Contains(t, e.String(), "scan 2: no request, it shares the rows of scan 1\n")
	run.CloseShares()
}

func TestFactsAreReadOnce(t *testing.T) {
	var facts scan.Facts
	ids, late := scan.Fact{Query: "ids"}, scan.Fact{Query: "late"}
	_, err := facts.Get(ids)
	require.ErrorIs(t, err, scan.ErrUnknown)
	facts.Want([]scan.Keys{{IDs: &ids}, {IDs: &late}})
	require.Equal(t, []scan.Fact{ids, late}, facts.TakeWanted())
	require.Empty(t, facts.TakeWanted())
	facts.Set(ids, "1,2")
	text, err := facts.Get(ids)
	require.NoError(t, err)
	require.Equal(t, "1,2", text)
	facts.Refuse(late, io.ErrUnexpectedEOF, true) // which ends the transaction of the others
	_, err = facts.Get(late)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = facts.Get(ids)
	require.ErrorIs(t, err, scan.ErrUnknown)
}

func TestWrongArguments(t *testing.T) {
	for want, parameters := range map[string]map[string]any{
		"provider_ids":                    {"provider_id": int64(1), "provider_ids": []int64{2}},
		"0 is not allowed":                {"provider_id": int64(0)},
		"a list with NULL in it":          {"ids": []any{nil}},
		"a list of 51":                    {"extra_customer_fields": numbers(51)},
		"a list of 1001":                  {"provider_ids": numbers(1001)},
		"created_at_timeframe":            {"created_at_timeframe": ""},
		"provider_ids: -3 is not allowed": {"provider_ids": []int64{4, -3}},
	} {
		_, err := scan.ReadArguments(report.Customers, func(name string, _ report.Type) any { return parameters[name] })
		require.ErrorContains(t, err, want)
	}
}
