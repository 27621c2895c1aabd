package plan

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/teamupsql/teamupsql/internal/duckc"
	"github.com/teamupsql/teamupsql/internal/scan"
	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// maxViewDepth is how far views in views are looked into.
const maxViewDepth = 16

// DB shows plans and columns in the session that binds a statement.
type DB interface {
	// Plan returns the serialized plan of a query, and how often the report's function
	// was bound for it.
	Plan(query string, optimize bool) (plan string, bound int, err error)
	// ParseTree returns the serialized parse tree of a query.
	ParseTree(query string) (string, error)
	// Columns returns the columns of a table, whose types the caller destroys, and
	// whether the report is behind it. table is a name or a call of a table function.
	Columns(table string) (columns []duckc.Column, scansReport bool, err error)
	// Option returns a setting of the session, "" if it has no value.
	Option(name string) string
}

// Planner asks DuckDB for the plan of a statement while DuckDB binds it.
type Planner struct {
	DB
	Reports  []*report.Report // that have a function
	StandIns *StandIns
	Facts    *scan.Facts
}

// Plan plans the statement with its arguments as literals, and where DuckDB refuses
// that text, as it was written.
func (p Planner) Plan(written, text string) (*scan.Plan, error) {
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
func (p Planner) planStatement(text string) (*scan.Plan, error) {
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
func (p Planner) planQuery(query string) (*scan.Plan, error) {
	scans, err := p.scans(query)
	if err != nil {
		return nil, err
	}
	return &scan.Plan{Scans: scans, Keys: p.keys(scans),
		Session: pushdown.Session{Calendar: p.Option("Calendar")}}, nil
}

// scans returns the scans of a query, one for each time that DuckDB bound the
// function for its optimized plan.
func (p Planner) scans(query string) ([]pushdown.Scan, error) {
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

func (p Planner) readPlan(query string, optimize bool) (*pushdown.Plan, int, error) {
	serialized, bound, err := p.DB.Plan(query, optimize)
	if err != nil {
		return nil, 0, err
	}
	plan, err := pushdown.ReadPlan([]byte(serialized), p.Reports...)
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
