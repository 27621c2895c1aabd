package tablefunc

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// deepestView is how far views in views are looked into.
const deepestView = 16

// scansReport says whether planning is worth its time: DuckDB bound a scan of the
// function when it prepared the statement, or may do so when it runs, since a
// named parameter depends on the statement's arguments.
func (s *Stmt) scansReport() bool {
	s.statement.mu.Lock()
	defer s.statement.mu.Unlock()
	return s.statement.bindings > 0 ||
		s.inner.NumInput() > 0 && strings.Contains(strings.ToLower(s.text), FunctionName)
}

// noteTransaction follows BEGIN, COMMIT and ROLLBACK given as statements.
func (s *Stmt) noteTransaction(err error) {
	if t, typeErr := s.inner.StatementType(); typeErr != nil || mapping.StatementType(t) != mapping.StatementTypeTransaction {
		return
	}
	switch words := firstWords(s.text, 1); {
	case len(words) == 0:
	case words[0] == "BEGIN" || words[0] == "START":
		s.conn.inTx = s.conn.inTx || err == nil
	default:
		s.conn.inTx = false
	}
}

// serializedPlans are DuckDB's two plans of a query: as written, which has all
// scans in the order in which they are bound, and optimized, which has the filters
// where they belong.
type serializedPlans struct{ written, optimized string }

// serialize asks DuckDB for the plans of a statement.
func (c *Conn) serialize(ctx context.Context, text string) (serializedPlans, error) {
	plans, err := c.serializeText(ctx, text)
	if err == nil {
		return plans, nil
	}
	query := queryOf(text)
	if query != text {
		if plans, err = c.serializeText(ctx, query); err == nil {
			return plans, nil
		}
	}
	rewritten, release, standInErr := c.withStandIns(ctx, query, deepestView)
	defer release()
	if standInErr != nil {
		return plans, fmt.Errorf("%w (%w)", err, standInErr)
	}
	return c.serializeText(ctx, rewritten)
}

func (c *Conn) serializeText(ctx context.Context, text string) (plans serializedPlans, err error) {
	row, err := c.row(ctx, 2, `SELECT json_serialize_plan($1::VARCHAR, optimize := false)::VARCHAR,
		json_serialize_plan($1::VARCHAR, optimize := true)::VARCHAR`, text)
	if err != nil {
		return plans, err
	}
	plans.written, plans.optimized = row[0], row[1]
	for _, plan := range row {
		if strings.HasPrefix(plan, `{"error":true`) {
			return plans, fmt.Errorf("tablefunc: DuckDB does not serialize this plan: %s", plan)
		}
	}
	return plans, nil
}

// one runs a query of our own on the user's connection and returns its only value.
func (c *Conn) one(ctx context.Context, query string, args ...string) (string, error) {
	row, err := c.row(ctx, 1, query, args...)
	if err != nil {
		return "", err
	}
	return row[0], nil
}

// row runs a query of our own on the user's connection and returns its first row
// of n texts. Scans that it binds belong to no statement.
func (c *Conn) row(ctx context.Context, n int, query string, args ...string) ([]string, error) {
	defer c.session.enter(ctx, nil)()
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	rows, err := c.inner.QueryContext(ctx, query, named)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	values := make([]driver.Value, n)
	if err := rows.Next(values); errors.Is(err, io.EOF) {
		return nil, errors.New("tablefunc: no answer")
	} else if err != nil {
		return nil, err
	}
	texts := make([]string, n)
	for i, v := range values {
		texts[i], _ = v.(string)
	}
	return texts, nil
}

func (s *Stmt) plan(ctx context.Context, args []driver.NamedValue) {}
