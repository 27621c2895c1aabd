package tablefunc

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/teamupsql/teamupsql/pushdown"
)

// deepestView is how far views in views are looked into.
const deepestView = 16

// scansReport says whether planning is worth its time: DuckDB bound a scan of the
// function when it prepared the statement, or may do so when it runs, since a
// named parameter depends on the statement's arguments.
func (s *Stmt) scansReport() bool {
	return s.statement.bindings() > 0 ||
		s.inner.NumInput() > 0 && strings.Contains(strings.ToLower(s.text), FunctionName)
}

// noteTransaction follows BEGIN, COMMIT and ROLLBACK given as statements, also those
// that EXPLAIN ANALYZE runs.
func (c *Conn) noteTransaction(text string, err error) {
	words := firstWords(text, 3)
	if len(words) > 2 && words[0] == "EXPLAIN" && words[1] == "ANALYZE" {
		words = words[2:]
	}
	if len(words) == 0 {
		return
	}
	switch words[0] {
	case "BEGIN", "START":
		c.inTx = c.inTx || err == nil
	case "COMMIT", "END", "ROLLBACK", "ABORT":
		c.inTx = false
	}
}

// statementPlan is what DuckDB's optimizer found out about the scans of a
// statement, with what their predicates' meaning depends on besides.
type statementPlan struct {
	scans     []pushdown.Scan // in the order in which DuckDB binds them
	keys      []scanKeys      // of each scan
	arguments pushdown.Arguments
	session   pushdown.Session
}

// plan asks DuckDB for its plan of the statement. Whatever goes wrong here leaves
// the statement without a plan: its scans then read what their named parameters
// allow, and DuckDB does the rest.
func (s *Stmt) plan(ctx context.Context, args []driver.NamedValue) error {
	s.statement.begin()
	if slices.Contains(s.conn.session.settings.off, RuleWhere) {
		return errPushdownOff
	}
	plan, err := s.conn.planScans(ctx, s.text)
	if err != nil {
		return err
	}
	plan.arguments = s.arguments(args)
	if plan.session.Now, err = s.conn.session.settings.present(); err != nil {
		return err
	}
	s.statement.setPlan(plan)
	return nil
}

var errPushdownOff = errors.New("pushdown is switched off")

// arguments are the values that the driver binds to the statement's parameters: for
// each the argument of its very name, or else that of its place.
func (s *Stmt) arguments(args []driver.NamedValue) pushdown.Arguments {
	bound := pushdown.Arguments{}
	for n := 1; n <= s.inner.NumInput(); n++ {
		name, err := s.inner.ParamName(n)
		if err != nil {
			continue
		}
		for _, a := range args {
			if a.Name == name {
				bound[name] = a.Value
			} else if _, found := bound[name]; !found && a.Ordinal == n {
				bound[name] = a.Value
			}
		}
	}
	return bound
}

// planScans plans the statement as it stands, or else the query in it, or else
// that query with stand-ins for the files that DuckDB can't serialize.
func (c *Conn) planScans(ctx context.Context, text string) (*statementPlan, error) {
	query := queryOf(text)
	if top, ok := wrapTop(query); ok {
		text, query = top, top
	}
	plan, err := c.planText(ctx, text)
	if err == nil {
		return plan, nil
	}
	if query != text {
		if plan, err = c.planText(ctx, query); err == nil {
			return plan, nil
		}
	}
	rewritten, release, standInErr := c.withStandIns(ctx, query, deepestView, nil)
	defer release()
	if standInErr != nil {
		return nil, fmt.Errorf("%w (%w)", err, standInErr)
	}
	return c.planText(ctx, rewritten)
}

// planText plans one query and reads the keys of its joins.
func (c *Conn) planText(ctx context.Context, text string) (*statementPlan, error) {
	scans, calendar, err := c.planQuery(ctx, text)
	if err != nil {
		return nil, err
	}
	return &statementPlan{scans: scans, keys: c.readKeys(ctx, scans), session: pushdown.Session{Calendar: calendar}}, nil
}

// planQuery plans one query: optimized, which has the filters where they belong,
// and as it is written, which has all scans in the order in which they are bound.
// The second is needed only where the optimizer dropped or copied a scan.
func (c *Conn) planQuery(ctx context.Context, text string) ([]pushdown.Scan, string, error) {
	optimized, calendar, bound, err := c.optimizedPlan(ctx, text)
	if err != nil {
		return nil, "", err
	}
	if len(optimized.Scans) == bound {
		return optimized.Scans, calendar, nil
	}
	written, err := c.one(ctx, "SELECT json_serialize_plan($1::VARCHAR, optimize := false)::VARCHAR", text)
	if err != nil {
		return nil, "", err
	}
	unoptimized, err := pushdown.ReadPlan([]byte(written), FunctionName)
	if err != nil {
		return nil, "", err
	}
	scans := pushdown.InBindOrder(unoptimized, optimized)
	for len(unoptimized.Scans) == 1 && len(scans) > 0 && len(scans) < bound {
		// SUMMARIZE and PIVOT bind their query once more, for its columns alone. Where
		// it has one scan, all its bindings are that scan.
		scans = append(scans, scans[0])
	}
	if len(scans) != bound {
		return nil, "", fmt.Errorf("tablefunc: the plan shows %d scans, but DuckDB bound %d", len(scans), bound)
	}
	return scans, calendar, nil
}
