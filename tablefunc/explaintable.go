package tablefunc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/internal/duckc"
	"github.com/teamupsql/teamupsql/internal/guard"
	"github.com/teamupsql/teamupsql/internal/scan"
	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc/internal/plan"
)

// ExplainFunctionName is the name in SQL of the table function that explains a statement,
// given as text: teamup_explain('SELECT …'). It has a row for each predicate of each scan,
// and one for a scan without predicates. Nothing is requested of TeamUp, except to infer the
// types of custom fields. Unlike [Explain] it does not read the keys of joins.
const ExplainFunctionName = "teamup_explain"

// explainRow is a row of that table.
type explainRow struct {
	scan      requests.ScanExplanation
	predicate pushdown.PredicateResult
	unplanned error
}

func (r *explainRow) noPredicate() bool { return r.predicate.Predicate == "" }

var explainColumns = []listColumn[explainRow]{
	integer("scan", func(r *explainRow) int { return r.scan.Reference }),
	bigint("provider_id", func(r *explainRow) int64 { return r.scan.ProviderID }).orNull(func(r *explainRow) bool { return r.scan.ProviderID == 0 }),
	varchar("request", func(r *explainRow) string { return r.scan.Requests[0] }).orNull(func(r *explainRow) bool { return len(r.scan.Requests) == 0 }),
	bigint("requests", func(r *explainRow) int64 { return r.scan.Estimate.Requests }).orNull(func(r *explainRow) bool { return r.scan.Estimate.Bound == requests.Unknown }),
	varchar("estimate", func(r *explainRow) string {
		if r.scan.Estimate.Bound == requests.Exactly {
			return "exact"
		}
		return string(r.scan.Estimate.Bound)
	}),
	varchar("rule", func(r *explainRow) string { return string(r.scan.Rule) }).orNull(func(r *explainRow) bool { return r.scan.Rule == "" }),
	varchar("predicate", func(r *explainRow) string { return r.predicate.Predicate }).orNull((*explainRow).noPredicate),
	varchar("outcome", func(r *explainRow) string { return fmt.Sprint(r.predicate.Outcome) }).orNull((*explainRow).noPredicate),
	varchar("parameters", func(r *explainRow) string { return strings.Join(r.predicate.Parameters, ", ") }).orNull((*explainRow).noPredicate),
	varchar("reason", (*explainRow).reason).orNull(func(r *explainRow) bool { return r.reason() == "" }),
}

// reason is why the predicate is not exact, or why the scan has no predicate.
func (r *explainRow) reason() string {
	switch {
	case r.unplanned != nil:
		return r.unplanned.Error()
	case r.noPredicate() && r.scan.Dropped:
		return "the statement does not need the scan"
	case r.noPredicate() && r.scan.Nothing:
		return "no customer can match"
	}
	return r.predicate.Why
}

// explainTable is the table function.
type explainTable struct{ *instance }

// Destroy does nothing: the instance ends with the table of requests.
func (explainTable) Destroy() {}

// Bind plans the text in the session that binds the call.
func (t explainTable) Bind(info mapping.BindInfo) (duckc.Binding, error) {
	var rows []explainRow
	err := guard.Run("", func() (err error) {
		rows, err = t.explain(info)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ExplainFunctionName, err)
	}
	return bindList(info, ExplainFunctionName, explainColumns, func() []explainRow { return rows }), nil
}

func (t explainTable) explain(info mapping.BindInfo) ([]explainRow, error) {
	client := t.folder.Session(info)
	defer client.Close()
	s, err := t.session(client.ConnectionID())
	if err != nil || duckc.IsFolding() {
		return nil, err
	}
	ctx, _ := s.running(client.ConnectionID())
	text := oneOf(duckc.Argument(info, 0), 1, 0)
	if text == "" {
		return nil, errors.New("give one statement to explain")
	}
	if definesOnly(text) {
		return nil, nil
	}
	db := &explainingDB{Session: client}
	p, planErr := plan.Planner{DB: db, Reports: reports, StandIns: &t.standIns, Facts: &scan.Facts{}}.Plan(text, text)
	if moment, err := client.Moment(); err != nil {
		return nil, err
	} else if planErr == nil {
		planErr = whyUnplanned(&s.settings.Env, moment.Optimizes)
	}
	var refused *pushdown.PlanError
	if errors.As(planErr, &refused) && unexplained(refused, len(db.calls)) {
		return nil, planErr
	}
	explanation, err := explainCalls(ctx, db.calls, p, planErr)
	if err != nil {
		return nil, err
	}
	return explainRows(explanation), nil
}

// unexplained reports whether a statement without a plan has no explanation either: it
// cannot run, or DuckDB bound none of its scans.
func unexplained(refused *pushdown.PlanError, calls int) bool {
	switch refused.Type {
	case "parser", "catalog", "binder":
		return true
	case "not implemented": // DROP and the like have no scans, but PIVOT has
		return calls == 0 && strings.Contains(refused.Message, "type MULTI")
	}
	return calls == 0
}

// explainingDB also notes what DuckDB binds for the optimized plan.
type explainingDB struct {
	duckc.Session
	calls []*scan.Call
}

func (d *explainingDB) Plan(query string, optimize bool) (string, int, error) {
	text, bindings, err := d.PlanWithBindings(query, optimize)
	if optimize {
		d.calls = nil
		for _, b := range bindings {
			d.calls = append(d.calls, b.(*scan.Call))
		}
	}
	return text, len(bindings), err
}

// explainCalls explains what calls would request by a plan, or without one.
func explainCalls(ctx context.Context, calls []*scan.Call, p *scan.Plan, unplanned error) (*requests.Explanation, error) {
	run := &scan.Run{}
	pass := run.Binding()
	for _, c := range calls {
		pass.Add(c)
	}
	if unplanned != nil || p == nil {
		pass.SetPlan(nil, unplanned)
		return run.Explain(ctx)
	}
	p.Keys = make([]scan.Keys, len(p.Scans))
	if len(calls) > 0 {
		now, err := calls[0].Env.Present()
		if err != nil {
			return nil, err
		}
		p.Session.Now = now
	}
	pass.SetPlan(p, nil)
	return run.Explain(ctx)
}

func explainRows(explanation *requests.Explanation) (rows []explainRow) {
	for _, s := range explanation.Scans {
		for _, predicate := range s.Predicates {
			rows = append(rows, explainRow{scan: s, predicate: predicate})
		}
		if len(s.Predicates) == 0 {
			rows = append(rows, explainRow{scan: s, unplanned: explanation.Unplanned})
		}
	}
	return slices.Clip(rows)
}
