package tablefunc

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/pushdown"
)

// optimizedPlan is the optimizer's plan of a query, with the session's calendar and
// how many scans of the function DuckDB bound for it.
func (c *Conn) optimizedPlan(ctx context.Context, text string) (plan *pushdown.Plan, calendar string, bound int, err error) {
	row, bound, err := c.row(ctx, 2, "SELECT json_serialize_plan($1::VARCHAR, optimize := true)::VARCHAR, current_setting('Calendar')", text)
	if err != nil {
		return nil, "", 0, err
	}
	plan, err = pushdown.ReadPlan([]byte(row[0]), FunctionName)
	if hasStaleTypes(err) {
		plan, err = c.rebuiltPlan(ctx, text)
	}
	return plan, row[1], bound, err
}

// hasStaleTypes recognises that DuckDB 1.5 could not show a plan because its last
// pass over unused columns left the types of an operator as they were, as below an
// ORDER BY with LIMIT or beside a join whose sides it swapped. Running a plan works
// the types out anew, json_serialize_plan does not.
func hasStaleTypes(err error) bool {
	var refused *pushdown.PlanError
	return errors.As(err, &refused) && refused.Type == "internal" && strings.HasPrefix(refused.Message, "Failed to bind column reference")
}

// wrapTop spares a query that ends in ORDER BY and LIMIT the attempt that would end
// with stale types, which takes DuckDB some 20 ms to report: below a further SELECT
// an earlier pass finds the unused columns already, before the types are worked out.
func wrapTop(query string) (text string, ok bool) {
	words := sqltext.TopWords(query)
	if len(words) == 0 || !words[0].Group && !words[0].Is("SELECT") && !words[0].Is("WITH") && !words[0].Is("FROM") {
		return "", false
	}
	ordered := slices.IndexFunc(words, func(w sqltext.Word) bool { return w.Is("ORDER") })
	if ordered < 0 || !slices.ContainsFunc(words[ordered:], func(w sqltext.Word) bool { return w.Is("LIMIT") }) {
		return "", false
	}
	return "SELECT * FROM (" + strings.TrimRight(query, "; \t\r\n") + "\n)", true
}

// rebuiltPlan has DuckDB write the optimized plan down and read it back before it
// shows it, as this pragma makes it do on this connection; a plan that was read
// holds no stale types.
func (c *Conn) rebuiltPlan(ctx context.Context, text string) (*pushdown.Plan, error) {
	if _, err := c.inner.ExecContext(ctx, "PRAGMA verify_serializer", nil); err != nil {
		return nil, err
	}
	// The pragma is no place for parameters, and they don't survive it.
	serialized, err := c.one(ctx, "SELECT json_serialize_plan("+sqltext.QuoteText(text)+", optimize := true)::VARCHAR")
	_, endErr := c.inner.ExecContext(context.WithoutCancel(ctx), "PRAGMA disable_verify_serializer", nil)
	if err = errors.Join(err, endErr); err != nil {
		return nil, err
	}
	return pushdown.ReadPlan([]byte(serialized), FunctionName)
}

// one runs a query of our own on the user's connection and returns its only value.
func (c *Conn) one(ctx context.Context, query string, args ...string) (string, error) {
	row, _, err := c.row(ctx, 1, query, args...)
	if err != nil {
		return "", err
	}
	return row[0], nil
}

// row runs a query of our own on the user's connection and returns its first row
// of n texts, and how many scans of the function DuckDB bound for it.
func (c *Conn) row(ctx context.Context, n int, query string, args ...string) (texts []string, bound int, err error) {
	own := &statement{}
	defer c.session.enter(ctx, own)()
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	rows, err := c.inner.QueryContext(ctx, query, named)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	values := make([]driver.Value, n)
	if err := rows.Next(values); errors.Is(err, io.EOF) {
		return nil, 0, errors.New("tablefunc: no answer")
	} else if err != nil {
		return nil, 0, err
	}
	texts = make([]string, n)
	for i, v := range values {
		texts[i], _ = v.(string)
	}
	return texts, own.bindings(), nil
}
