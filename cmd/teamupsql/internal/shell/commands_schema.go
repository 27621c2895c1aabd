package shell

import (
	"context"
	"fmt"
	"strings"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/render"
	"github.com/teamupsql/teamupsql/internal/sqltext"
)

// schemaCommands print the content of the database.
var schemaCommands = []command{
	{name: "tables", usage: "?TABLE?", doc: "List names of tables matching LIKE pattern TABLE", args: -1, least: 2,
		run: (*Shell).tablesCommand},
	{name: "schema", usage: "?PATTERN?", doc: "Show the CREATE statements matching PATTERN", args: -1,
		run: (*Shell).schemaCommand},
	{name: "databases", doc: "List names and files of attached databases", least: 2,
		run: (*Shell).databasesCommand},
}

// tablesCommand lists the tables and views in columns, with their schema if two have the
// same name.
func (s *Shell) tablesCommand(ctx context.Context, args []string) error {
	if len(args) > 1 {
		return errUsage
	}
	pattern := "%"
	if len(args) == 1 {
		pattern = args[0]
	}
	names, err := s.texts(ctx, `
		WITH everything AS (
			SELECT schema_name, table_name AS name FROM duckdb_tables()
			UNION ALL
			SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal)
		SELECT DISTINCT CASE WHEN count(*) OVER (PARTITION BY name) > 1 THEN schema_name || '.' || name ELSE name END AS shown
		FROM everything WHERE name LIKE $1 OR schema_name || '.' || name LIKE $1 ORDER BY shown`, pattern)
	if err != nil {
		return err
	}
	s.inColumns(names)
	return nil
}

// screenWidth is how wide lists are taken to be.
const screenWidth = 80

func (s *Shell) inColumns(names []string) {
	widest := 0
	for _, n := range names {
		widest = max(widest, len(n))
	}
	columns := max(1, screenWidth/(widest+2))
	rows := (len(names) + columns - 1) / columns
	for row := range rows {
		var line []string
		for i := row; i < len(names); i += rows {
			line = append(line, fmt.Sprintf("%-*s", widest, names[i]))
		}
		s.printf("%s\n", strings.TrimRight(strings.Join(line, "  "), " "))
	}
}

func (s *Shell) schemaCommand(ctx context.Context, args []string) error {
	pattern, where := "", "type != 'meta' AND sql IS NOT NULL"
	for _, a := range args {
		if a == "--indent" || a == "-indent" {
			continue // DuckDB writes its statements on one line, and so do we
		}
		if pattern != "" {
			return errUsage
		}
		pattern = strings.ToLower(a)
		object, operator := "lower(tbl_name)", "LIKE"
		if strings.Contains(pattern, ".") {
			object = "lower(tbl_name)" // sqlite_master has no schemas
			_, pattern, _ = strings.Cut(pattern, ".")
		}
		if strings.ContainsAny(pattern, "*?[") {
			operator = "GLOB"
		}
		where += " AND " + object + " " + operator + " " + sqltext.QuoteText(pattern)
	}
	texts, err := s.texts(ctx, "SELECT sql FROM sqlite_master WHERE "+where+" ORDER BY name")
	for _, text := range texts {
		s.printf("%s\n", text)
	}
	return err
}

func (s *Shell) databasesCommand(ctx context.Context, _ []string) error {
	texts, err := s.texts(ctx, "SELECT name || ': ' || coalesce(file, '(memory)') FROM pragma_database_list ORDER BY seq")
	for _, text := range texts {
		s.printf("%s\n", text)
	}
	return err
}

// texts runs a query of one column of text.
func (s *Shell) texts(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := s.db.user.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, rows.Err()
}

// printTable prints the rows of a statement of the shell as a result is printed.
func (s *Shell) printTable(ctx context.Context, statement string) error {
	chunks, err := s.db.query(ctx, statement)
	if err != nil {
		return err
	}
	defer chunks.Close()
	result := render.Result{Next: chunks.Next}
	for _, c := range chunks.Columns() {
		result.Names, result.Types = append(result.Names, c.Name), append(result.Types, c.Type)
	}
	o := s.renderOptions()
	o.MaxRows = 0
	return render.Render(ctx, s.out, s.db.texts, result, o)
}
