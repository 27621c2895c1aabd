package export

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/report"
)

// query returns the SELECT whose rows are written. The user's conditions end with a line
// break, because they may end with a comment.
func (w *writer) query() string {
	list := w.columns()
	for i, p := range w.job.Partitions {
		value := "(" + p.Expr + "\n)"
		if t := w.wider[p.Name]; t != "" {
			value = "CAST(" + value + " AS " + t + ")"
		}
		if w.fresh.Partitions != nil { // their types are known
			value = w.fresh.Partitions[i].value(value)
		}
		list += ",\n" + value + " AS " + sqltext.QuoteName(p.Name)
	}
	var conditions []string
	if w.job.Incremental {
		conditions = append(conditions, fmt.Sprintf("id > %d", w.after))
	}
	if w.job.Where != "" {
		conditions = append(conditions, "("+w.job.Where+"\n)")
	}
	where := ""
	if conditions != nil {
		where = "\nWHERE " + strings.Join(conditions, " AND ")
	}
	return "SELECT " + list + "\nFROM " + report.Customers.Function + "(" + w.job.arguments() + ")" + where
}

// columns are those of the job, each once, with the types of the snapshot.
func (w *writer) columns() string {
	if w.job.Columns == nil {
		if len(w.wider) == 0 {
			return "*"
		}
		var casts []string
		for _, name := range slices.Sorted(maps.Keys(w.wider)) {
			casts = append(casts, w.column(name))
		}
		return "* REPLACE (" + strings.Join(casts, ", ") + ")"
	}
	var list []string
	seen := map[string]bool{}
	for _, name := range append([]string{"id"}, w.job.Columns...) {
		if key := strings.ToLower(name); !seen[key] {
			seen[key] = true
			list = append(list, w.column(name))
		}
	}
	return strings.Join(list, ", ")
}

func (w *writer) column(name string) string {
	if t := w.wider[strings.ToLower(name)]; t != "" {
		return "CAST(" + sqltext.QuoteName(name) + " AS " + t + ") AS " + sqltext.QuoteName(name)
	}
	return sqltext.QuoteName(name)
}

// arguments are the named parameters of the call.
func (j Job) arguments() string {
	var list []string
	if j.IncludeDeleted {
		list = append(list, "include_deleted := true")
	}
	if j.Fields != nil {
		list = append(list, "extra_customer_fields := "+ids(j.Fields))
	}
	if j.Providers != nil {
		list = append(list, "provider_ids := "+ids(j.Providers))
	}
	return strings.Join(list, ", ")
}

// source names the business whose customers the files contain.
func (j Job) source() string {
	if j.Providers == nil {
		return j.Source
	}
	return j.Source + ", providers " + ids(j.Providers)
}

// ids is an SQL list.
func ids(list []int64) string {
	text, _ := json.Marshal(list) // which cannot fail
	return string(text)
}

// describe returns the manifest of the job. DuckDB checks the SQL.
func (w *writer) describe(ctx context.Context) (m manifest, err error) {
	columns, err := describe(ctx, w.conn, w.query())
	if err != nil {
		return m, err
	}
	own := len(columns) - len(w.job.Partitions)
	m = manifest{
		Format: manifestFormat, Source: w.job.source(), Where: w.job.Where, IncludeDeleted: w.job.IncludeDeleted,
		Columns: columns[:own], Full: w.job.Now().UTC().Truncate(time.Second),
	}
	m.Written = m.Full
	taken := map[string]bool{}
	for _, c := range m.Columns {
		taken[strings.ToLower(c.Name)] = true
	}
	for i, p := range w.job.Partitions {
		if taken[p.Name] {
			return m, fmt.Errorf("the partition %s has the name of a column that is in the files too; give it another one", p)
		}
		taken[p.Name] = true
		m.Partitions = append(m.Partitions, level{Name: p.Name, Expr: p.Expr, Type: columns[own+i].Type})
	}
	return m, nil
}

func describe(ctx context.Context, conn *sql.Conn, query string) (columns []column, err error) {
	rows, err := conn.QueryContext(ctx, "SELECT column_name, column_type FROM (DESCRIBE "+query+")")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.Name, &c.Type); err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	return columns, rows.Err()
}

// largestID returns the largest id in the current snapshot, 0 if it has no rows.
func (w *writer) largestID(ctx context.Context) (id int64, err error) {
	files := filepath.Join(w.set.path(w.set.current), "**", "*.parquet")
	err = w.conn.QueryRowContext(ctx,
		"SELECT coalesce(max(id), 0) FROM read_parquet("+sqltext.QuoteText(files)+", hive_partitioning = false)").Scan(&id)
	if err != nil && ctx.Err() == nil {
		err = notAddable(err)
	}
	return id, err
}

// copyTo writes the rows into a snapshot.
func (w *writer) copyTo(ctx context.Context, snapshot int) (rows, files int, err error) {
	dir, name := w.set.path(snapshot), snapshotName(snapshot)
	options := "FORMAT parquet, RETURN_FILES true, COMPRESSION " + sqltext.QuoteText(w.job.Compression)
	to := filepath.Join(dir, name+"-0.parquet")
	if len(w.job.Partitions) > 0 {
		var names []string
		for _, p := range w.job.Partitions {
			names = append(names, sqltext.QuoteName(p.Name))
		}
		options += ", PARTITION_BY (" + strings.Join(names, ", ") + "), FILENAME_PATTERN " + sqltext.QuoteText(name+"-{i}")
		to = dir
	}
	query := w.query()
	if rows, files, err = w.copyQuery(ctx, query, to, options); err != nil || rows > 0 || w.job.Incremental {
		return rows, files, err
	}
	return 0, 1, w.copyNothing(ctx, query, dir, name)
}

func (w *writer) copyQuery(ctx context.Context, query, to, options string) (rows, files int, err error) {
	var names []any
	err = w.conn.QueryRowContext(ctx, "COPY ("+query+"\n) TO "+sqltext.QuoteText(to)+" ("+options+")").Scan(&rows, &names)
	return rows, len(names), err
}

// copyNothing writes a file without rows, so that readers find the columns. DuckDB writes
// no file for an empty partitioned dataset; this one is in the directory for NULLs.
func (w *writer) copyNothing(ctx context.Context, query, dir, name string) error {
	if len(w.job.Partitions) == 0 {
		return nil // the one file is there
	}
	var exclude []string
	for _, l := range w.fresh.Partitions {
		dir = filepath.Join(dir, l.directory())
		exclude = append(exclude, sqltext.QuoteName(l.Name))
	}
	if err := makeDirs(dir); err != nil {
		return err
	}
	query = "SELECT * EXCLUDE (" + strings.Join(exclude, ", ") + ") FROM (" + query + "\n) LIMIT 0"
	_, _, err := w.copyQuery(ctx, query, filepath.Join(dir, name+"-0.parquet"),
		"FORMAT parquet, RETURN_FILES true, COMPRESSION "+sqltext.QuoteText(w.job.Compression))
	return err
}

// sameColumns describes the difference between two lists of columns, "" for none.
func sameColumns(old, fresh []column) string {
	if slices.Equal(old, fresh) {
		return ""
	}
	for _, c := range fresh {
		i := slices.IndexFunc(old, func(o column) bool { return o.Name == c.Name })
		switch {
		case i < 0:
			return c.Name + " would be new"
		case old[i].Type != c.Type:
			return fmt.Sprintf("%s would be %s instead of %s", c.Name, c.Type, old[i].Type)
		}
	}
	for _, o := range old {
		if !slices.ContainsFunc(fresh, func(c column) bool { return c.Name == o.Name }) {
			return o.Name + " would be missing"
		}
	}
	return "they would be in another order"
}
