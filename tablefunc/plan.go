package tablefunc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/pushdown"
)

// maxViewDepth is how far views in views are looked into.
const maxViewDepth = 16

var errPushdownOff = errors.New("pushdown is switched off")

// planner asks DuckDB for the plan of a statement while DuckDB binds it.
type planner struct {
	binder
	instance *instance
	facts    *facts
}

// planWith plans the statement that DuckDB binds in this pass. Without a plan its
// scans read what their named parameters allow, and DuckDB does the rest. The error is a
// panic of the clock or of the log's handler.
func (p *pass) planWith(ctx context.Context, in *instance, b binder, s *settings) error {
	st := p.statement
	if st.text == "" {
		return nil
	}
	if slices.Contains(s.off, RuleWhere) {
		p.setPlan(nil, errPushdownOff)
		return nil
	}
	if st.lacksTypes() {
		p.setPlan(nil, errUnknownFact)
		return nil
	}
	plan, err := planner{b, in, &st.facts}.plan(st.text, withLiterals(st.text, st.args, st.parameterTypes()))
	if err != nil {
		p.setPlan(nil, err)
		if ctx.Err() != nil {
			return nil
		}
		return s.logging(func() {
			s.log.Info("nothing of the WHERE is pushed down: DuckDB's plan was not understood", "error", err)
		})
	}
	if plan.session.Now, err = s.present(); err != nil {
		return err
	}
	if slices.Contains(s.off, RuleKeys) {
		plan.keys = make([]scanKeys, len(plan.scans))
	}
	st.facts.want(plan.keys)
	p.setPlan(plan, nil)
	return nil
}

// plan plans the statement with its arguments as literals, and where DuckDB refuses
// that text, as it was written.
func (p planner) plan(written, text string) (*statementPlan, error) {
	if name := readOnce(text); name != "" {
		return nil, fmt.Errorf("%q can be read only once", name)
	}
	plan, err := p.planStatement(text)
	if err != nil && text != written {
		plan, err = p.planStatement(written)
	}
	return plan, err
}

// readOnce returns the name of a pipe or a device that a statement reads, "" for
// none: to plan the statement would take from it what the statement is to read.
func readOnce(text string) string {
	for _, name := range sqltext.Literals(text) {
		if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
			return name
		}
	}
	return ""
}

// planStatement plans the statement as it stands, or else the query in it, or else
// that query with stand-ins for the files that DuckDB can't serialize.
func (p planner) planStatement(text string) (*statementPlan, error) {
	query := sqltext.InnerQuery(text)
	if sqltext.IsLimited(query) { // spares the attempt, which takes DuckDB some 20 ms to report
		query = sqltext.Wrap(query)
		text = query
	}
	plan, err := p.planQuery(text)
	if err == nil {
		return plan, nil
	}
	if query != text {
		if plan, err = p.planQuery(query); err == nil {
			return plan, nil
		}
	}
	if hasStaleTypes(err) {
		if plan, err := p.planQuery(sqltext.WrapLimited(query)); err == nil {
			return plan, nil
		}
	}
	rewritten, release, standInErr := p.withStandIns(query, maxViewDepth, nil)
	defer release()
	if standInErr != nil {
		return nil, fmt.Errorf("%w (%w)", err, standInErr)
	}
	if plan, err = p.planQuery(rewritten); hasStaleTypes(err) {
		plan, err = p.planQuery(sqltext.WrapLimited(rewritten))
	}
	return plan, err
}

// planQuery plans one query.
func (p planner) planQuery(query string) (*statementPlan, error) {
	scans, err := p.scans(query)
	if err != nil {
		return nil, err
	}
	return &statementPlan{scans: scans, keys: p.keys(scans),
		session: pushdown.Session{Calendar: sessionOption(p.session, "Calendar")}}, nil
}

// scans returns the scans of a query, one for each time that DuckDB bound the
// function for its optimized plan.
func (p planner) scans(query string) ([]pushdown.Scan, error) {
	optimized, bound, err := p.readPlan(query, true)
	if err != nil {
		return nil, err
	}
	if len(optimized.Scans) == bound {
		return optimized.Scans, nil
	}
	// The optimizer has dropped or copied scans. The plan as it is written has all
	// references, in the order in which they are bound before the copies.
	written, boundAsWritten, err := p.readPlan(query, false)
	if err != nil {
		return nil, err
	}
	scans := pushdown.InBindOrder(written, optimized)
	switch {
	case len(scans) == bound:
	case len(written.Scans) == 1:
		// SUMMARIZE and PIVOT bind their query once more, for its columns alone. With
		// one reference, all bindings are that scan.
		for len(scans) > 0 && len(scans) < bound {
			scans = append(scans, scans[0])
		}
	case len(written.Scans) == boundAsWritten && bound > boundAsWritten:
		// Some of the copies are not in the plan any more, and which of them is not
		// known. The references are bound first.
		scans = scans[:boundAsWritten]
		for len(scans) < bound {
			scans = append(scans, pushdown.Scan{Duplicate: true})
		}
	}
	if len(scans) != bound {
		return nil, fmt.Errorf("the plan shows %d scans, but DuckDB bound %d", len(scans), bound)
	}
	return scans, nil
}

func (p planner) readPlan(query string, optimize bool) (*pushdown.Plan, int, error) {
	serialized, bound, err := p.binder.plan(query, optimize)
	if err != nil {
		return nil, 0, err
	}
	plan, err := pushdown.ReadPlan([]byte(serialized), reports...)
	return plan, bound, err
}

// hasStaleTypes recognises that DuckDB 1.5 could not show a plan because its last
// pass over unused columns left the types of an operator as they were, as below an
// ORDER BY with LIMIT. Running a plan works the types out again, json_serialize_plan
// does not. Below a further SELECT an earlier pass finds the unused columns, before the
// types are worked out.
func hasStaleTypes(err error) bool {
	var refused *pushdown.PlanError
	return errors.As(err, &refused) && refused.Type == "internal" && strings.HasPrefix(refused.Message, "Failed to bind column reference")
}
