// Record asks DuckDB for the plans of the statements in testdata/statements.txt
// and writes them to testdata/plans.jsonl:
//
//	go run ./pushdown/testdata/record
//
// It is needed again when statements are added or DuckDB changes. The table
// functions that it registers have the reports' columns and no rows.
package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"log"
	"os"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/teamupsql/teamupsql/report"
)

const dir = "pushdown/testdata/"

// setup is what the statements may refer to. The session is not in UTC, so that
// zones matter.
var setup = []string{
	`SET TimeZone = 'Europe/Berlin'`,
	`CREATE TABLE t(id BIGINT, d DATE, ts TIMESTAMPTZ, b BOOLEAN, name VARCHAR)`,
	`INSERT INTO t SELECT range, DATE '2020-01-01', TIMESTAMPTZ '2020-01-01 00:00:00+00', true, 'x' FROM range(20)`,
	`CREATE VIEW v AS SELECT id AS x, is_new AS id, created_at FROM teamup_customers() WHERE is_active`,
}

func main() {
	if err := record(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func record(ctx context.Context) error {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	for _, of := range report.All() {
		err = duckdb.RegisterTableUDF(conn, of.Function, duckdb.RowTableFunction{
			BindArguments: func(map[string]any, ...any) (duckdb.RowTableSource, error) { return rowsOf{of}, nil },
		})
		if err != nil {
			return err
		}
	}
	for _, s := range setup {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	statements, err := os.Open(dir + "statements.txt")
	if err != nil {
		return err
	}
	defer statements.Close()
	out, err := os.Create(dir + "plans.jsonl")
	if err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	for lines := bufio.NewScanner(statements); lines.Scan(); {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, ":") {
			continue
		}
		var plan [2]string
		for i, optimize := range []bool{false, true} {
			// The cast matters: as JSON the driver would read the plan into floats.
			err := conn.QueryRowContext(ctx, `SELECT json_serialize_plan($1::VARCHAR, optimize := $2::BOOLEAN)::VARCHAR`, line, optimize).Scan(&plan[i])
			if err != nil {
				return err
			}
		}
		if err := enc.Encode(map[string]any{"sql": line, "unoptimized": slim(plan[0]), "optimized": slim(plan[1])}); err != nil {
			return err
		}
	}
	return out.Close()
}

// slim leaves out what makes up most of a plan and is not read. The plan stays
// text, since DuckDB's is not always JSON.
func slim(plan string) any {
	dec := json.NewDecoder(strings.NewReader(plan))
	dec.UseNumber()
	var tree any
	if dec.Decode(&tree) != nil {
		return plan
	}
	return prune(tree)
}

// bulky are members that the reader does not look at.
var bulky = []string{
	"names", "returned_types", "extra_info", "query_location", "stack_trace_pointers", "alias", "bindings",
	"original_arguments", "arguments", "child_types", "child_type", "bound_columns", "mark_types",
	"function_data", "catalog_name", "schema_name",
}

func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range bulky {
			delete(v, name)
		}
		for name, member := range v {
			v[name] = prune(member)
		}
	case []any:
		for i, member := range v {
			v[i] = prune(member)
		}
	}
	return v
}

// rowsOf is a table source with a report's columns and no rows.
type rowsOf struct{ report *report.Report }

func (r rowsOf) ColumnInfos() []duckdb.ColumnInfo {
	var out []duckdb.ColumnInfo
	for _, c := range r.report.Columns {
		out = append(out, duckdb.ColumnInfo{Name: c.Name, T: info(c.Type)})
	}
	return out
}

func (rowsOf) Cardinality() *duckdb.CardinalityInfo {
	return &duckdb.CardinalityInfo{Cardinality: 50_000}
}

func (rowsOf) Init() {}

func (rowsOf) FillRow(duckdb.Row) (bool, error) { return false, nil }

var plain = map[report.Kind]duckdb.Type{
	report.Boolean: duckdb.TYPE_BOOLEAN, report.Integer: duckdb.TYPE_INTEGER, report.BigInt: duckdb.TYPE_BIGINT,
	report.Varchar: duckdb.TYPE_VARCHAR, report.DateKind: duckdb.TYPE_DATE, report.TimestampTZ: duckdb.TYPE_TIMESTAMP_TZ,
}

func info(t report.Type) duckdb.TypeInfo {
	var out duckdb.TypeInfo
	var err error
	switch t.Kind {
	case report.Decimal:
		out, err = duckdb.NewDecimalInfo(report.DecimalPrecision, report.DecimalScale)
	case report.List:
		out, err = duckdb.NewListInfo(info(*t.Elem))
	case report.Struct:
		var entries []duckdb.StructEntry
		for _, f := range t.Fields {
			e, err := duckdb.NewStructEntry(info(f.Type), f.Name)
			if err != nil {
				log.Fatal(err)
			}
			entries = append(entries, e)
		}
		out, err = duckdb.NewStructInfo(entries[0], entries[1:]...)
	default:
		out, err = duckdb.NewTypeInfo(plain[t.Kind])
	}
	if err != nil {
		log.Fatal(err)
	}
	return out
}
