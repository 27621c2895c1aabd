package plan

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/teamupsql/teamupsql/internal/scan"
	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// errMixedView is what a table gets that reads files and the report alike but is
// no view whose text could be looked into.
var errMixedView = errors.New("a macro reads the report and a CSV or JSON file")

// withStandIns rewrites a query for planning: each table that DuckDB can't
// serialize becomes a stand-in. release frees them. depth bounds views in views; the
// names of outer are those that the text of a view would wrongly see.
func (p Planner) withStandIns(query string, depth int, outer *scope) (text string, release func(), err error) {
	var releases []func()
	release = func() {
		for _, r := range releases {
			r()
		}
	}
	if depth == 0 {
		return "", release, errors.New("views are nested too deeply")
	}
	tree, err := p.ParseTree(query)
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
			return "", release, fmt.Errorf("a view reads %q, and the query calls something else so", r.name)
		}
		if r.isCall && p.isReport(r.name) || r.at < from || !p.needsStandIn(query[r.at:r.end]) {
			continue
		}
		replacement, rel, err := p.replacement(query[r.at:r.end], r, depth, outer)
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

// isReport reports whether a table function is that of a report.
func (p Planner) isReport(name string) bool {
	return slices.ContainsFunc(p.Reports, func(r *report.Report) bool { return strings.EqualFold(r.Function, name) })
}

// needsStandIn reports whether DuckDB can't serialize a plan with this table.
func (p Planner) needsStandIn(table string) bool {
	_, _, err := p.readPlan("FROM "+table, false)
	var refused *pushdown.PlanError
	return errors.As(err, &refused) && refused.Type == "not implemented"
}

// replacement is the text that takes the table's place.
func (p Planner) replacement(table string, r reference, depth int, outer *scope) (string, func(), error) {
	columns, scansReport, err := p.Columns(table)
	if err != nil {
		return "", func() {}, err
	}
	described := &standIn{table: table, columns: columns}
	if !scansReport {
		key := p.StandIns.add(described)
		return standInName + "('" + key + "')", func() { p.StandIns.remove(key) }, nil
	}
	defer described.destroy()
	if r.isCall {
		return "", func() {}, errMixedView
	}
	query, err := p.viewQuery(r)
	if err != nil {
		return "", func() {}, err
	}
	text, release, err := p.withStandIns(query, depth-1, r.ctes.over(outer))
	if err != nil {
		return "", release, err
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = sqltext.QuoteName(c.Name)
	}
	return "(SELECT * FROM (" + text + "\n) AS t(" + strings.Join(names, ", ") + "))", release, nil
}

// viewQuery is the query of the view that a name stands for, if its text means in
// the query what it means in the view: the view is a temporary one or in the current
// schema, where DuckDB looks for the names in a view first, and no temporary table,
// view or macro gets in between.
func (p Planner) viewQuery(r reference) (string, error) {
	query := strings.NewReplacer("$1", sqltext.QuoteText(r.name), "$2", sqltext.QuoteText(r.schema), "$3", sqltext.QuoteText(r.database)).Replace(`SELECT sql FROM duckdb_views() v WHERE lower(view_name) = lower($1)
		AND (temporary OR schema_name = current_schema() AND database_name = current_database()
			AND NOT EXISTS (FROM duckdb_functions() f WHERE f.database_name = 'temp')
			AND NOT EXISTS (FROM duckdb_tables() t WHERE t.temporary AND contains(lower(v.sql), lower(t.table_name)))
			AND NOT EXISTS (FROM duckdb_views() w WHERE w.temporary AND NOT w.internal AND contains(lower(v.sql), lower(w.view_name))))
		AND ($2 = '' OR lower(schema_name) = lower($2) OR lower(database_name) = lower($2) AND $3 = '')
		AND ($3 = '' OR lower(database_name) = lower($3))
		QUALIFY count(*) OVER () = 1`)
	text, err := p.Facts.Get(scan.Fact{Query: query, Replan: true})
	if err != nil {
		return "", fmt.Errorf("%q is no view that could be looked into: %w", r.name, err)
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
