package tablefunc

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/pushdown"
)

// errMixedView is what a table gets that reads files and the report alike but is
// no view whose text could be looked into.
var errMixedView = errors.New("tablefunc: a macro reads the report and a CSV or JSON file")

// withStandIns rewrites a query for planning: each table that DuckDB can't
// serialize becomes a stand-in. release frees them. depth bounds views in views; the
// names of outer are those that the text of a view would wrongly see.
func (c *Conn) withStandIns(ctx context.Context, query string, depth int, outer *scope) (text string, release func(), err error) {
	var releases []func()
	release = func() {
		for _, r := range releases {
			r()
		}
	}
	if depth == 0 {
		return "", release, errors.New("tablefunc: views are nested too deeply")
	}
	tree, err := c.one(ctx, "SELECT json_serialize_sql($1::VARCHAR)::VARCHAR", query)
	if err != nil {
		return "", release, err
	}
	refs, err := references(query, []byte(tree))
	if err != nil {
		return "", release, err
	}
	var b strings.Builder
	from := 0
	for _, r := range refs {
		if !r.isCall && r.schema == "" && outer.has(r.name) {
			return "", release, fmt.Errorf("tablefunc: a view reads %q, and the query calls something else so", r.name)
		}
		if r.isCall && strings.EqualFold(r.name, FunctionName) || r.at < from || !c.needsStandIn(ctx, query[r.at:r.end]) {
			continue
		}
		replacement, rel, err := c.replacement(ctx, query[r.at:r.end], r, depth, outer)
		releases = append(releases, rel)
		if err != nil {
			return "", release, err
		}
		b.WriteString(query[from:r.at] + " " + replacement)
		if r.alias == "" {
			b.WriteString(" AS " + sqltext.QuoteName(r.defaultAlias()))
		}
		b.WriteByte(' ')
		from = r.end
	}
	b.WriteString(query[from:])
	return b.String(), release, nil
}

// needsStandIn says whether DuckDB can't serialize a plan with this table.
func (c *Conn) needsStandIn(ctx context.Context, table string) bool {
	plan, err := c.one(ctx, "SELECT json_serialize_plan($1::VARCHAR, optimize := false)::VARCHAR", "FROM "+table)
	if err != nil {
		return false
	}
	_, err = pushdown.ReadPlan([]byte(plan), FunctionName)
	var refused *pushdown.PlanError
	return errors.As(err, &refused) && refused.Type == "not implemented"
}

// replacement is the text that takes the table's place.
func (c *Conn) replacement(ctx context.Context, table string, r reference, depth int, outer *scope) (string, func(), error) {
	imitated, scansReport, err := c.imitate(ctx, table)
	if err != nil {
		return "", func() {}, err
	}
	if !scansReport {
		key := c.instance.addStandIn(imitated)
		return standInName + "('" + key + "')", func() { c.instance.removeStandIn(key) }, nil
	}
	defer imitated.destroy()
	if r.isCall {
		return "", func() {}, errMixedView
	}
	query, err := c.viewQuery(ctx, r)
	if err != nil {
		return "", func() {}, err
	}
	text, release, err := c.withStandIns(ctx, query, depth-1, r.ctes.over(outer))
	if err != nil {
		return "", release, err
	}
	names := make([]string, len(imitated.names))
	for i, name := range imitated.names {
		names[i] = sqltext.QuoteName(name)
	}
	return "(SELECT * FROM (" + text + "\n) AS t(" + strings.Join(names, ", ") + "))", release, nil
}

// imitate reads the columns of a table, and whether the report is behind it.
func (c *Conn) imitate(ctx context.Context, table string) (*standIn, bool, error) {
	probe := &statement{}
	defer c.session.enter(ctx, probe)()
	prepared, err := c.inner.PrepareContext(ctx, "FROM "+table)
	if err != nil {
		return nil, false, err
	}
	defer prepared.Close()
	raw, err := rawStatement(prepared.(*duckdb.Stmt))
	if err != nil {
		return nil, false, err
	}
	s := &standIn{table: table}
	for i := range mapping.PreparedStatementColumnCount(raw) {
		s.names = append(s.names, mapping.PreparedStatementColumnName(raw, i))
		s.types = append(s.types, mapping.PreparedStatementColumnLogicalType(raw, i))
	}
	return s, probe.bindings() > 0, nil
}

// viewQuery is the query of the view that a name stands for, if its text means in
// the query what it means in the view: the view is a temporary one or in the current
// schema, where DuckDB looks for the names in a view first, and no temporary table,
// view or macro gets in between.
func (c *Conn) viewQuery(ctx context.Context, r reference) (string, error) {
	text, err := c.one(ctx, `SELECT sql FROM duckdb_views() v WHERE lower(view_name) = lower($1)
		AND (temporary OR schema_name = current_schema() AND database_name = current_database()
			AND NOT EXISTS (FROM duckdb_functions() f WHERE f.database_name = 'temp')
			AND NOT EXISTS (FROM duckdb_tables() t WHERE t.temporary AND contains(lower(v.sql), lower(t.table_name)))
			AND NOT EXISTS (FROM duckdb_views() w WHERE w.temporary AND NOT w.internal AND contains(lower(v.sql), lower(w.view_name))))
		AND ($2 = '' OR lower(schema_name) = lower($2) OR lower(database_name) = lower($2) AND $3 = '')
		AND ($3 = '' OR lower(database_name) = lower($3))
		QUALIFY count(*) OVER () = 1`, r.name, r.schema, r.database)
	if err != nil {
		return "", fmt.Errorf("tablefunc: %q is no view that could be looked into: %w", r.name, err)
	}
	return strings.TrimSuffix(strings.TrimSpace(sqltext.InnerQuery(text)), ";"), nil
}

// defaultAlias is what DuckDB calls the table where the query gives it no name: a
// file by its name without folder and ending.
func (r reference) defaultAlias() string {
	if r.isCall || !strings.ContainsAny(r.name, "./") {
		return r.name
	}
	base := path.Base(strings.ReplaceAll(r.name, `\`, "/"))
	name, _, _ := strings.Cut(base, ".")
	return name
}
