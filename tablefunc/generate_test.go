package tablefunc_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/teamupsql/teamupsql/report"
)

// generator makes random predicates and statements over a report's columns. Its constants
// are taken from the data, so that most predicates select some rows and not all.
type generator struct {
	*rand.Rand
	of     *report.Report
	values map[string][]string // by expression: literals of values that occur
	leaves []leaf
	// favourites are the leaves that predicates use more often: the report has parameters
	// for them.
	favourites []leaf
	names      *strings.Replacer // of columns in statements, see columnNames
	several    bool              // there is a column with the business
	// binds has some of the constants be arguments, each a placeholder in the text.
	binds bool
	args  []any
}

// leaf is a column or a field of one, at any depth, that has a value of its own.
type leaf struct {
	path string // with dots
	sql  string // with %s for the table's alias
	kind report.Kind
}

func (l leaf) of(alias string) string { return fmt.Sprintf(l.sql, alias) }

func newGenerator(t testing.TB, db *sql.DB, of *report.Report, table string, seed uint64) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1)), of: of, values: map[string][]string{}}
	for _, c := range of.Columns {
		g.addLeaves(c.Name, "%s."+c.Name, c.Type)
	}
	filtered := slices.Clone(of.Filled)
	for _, p := range of.Parameters {
		filtered = append(filtered, p.Answers.Column)
	}
	for _, trait := range of.Traits {
		filtered = append(filtered, trait.Column)
	}
	for _, d := range of.Derived {
		filtered = append(filtered, d.Column)
	}
	for _, l := range g.leaves {
		if slices.Contains(filtered, l.path) {
			g.favourites = append(g.favourites, l)
		}
	}
	for _, row := range mustTexts(t, db, fmt.Sprintf("SELECT column_type, column_name FROM (DESCRIBE %s) OFFSET %d", table, len(of.Columns))) {
		kind, name, _ := strings.Cut(strings.Trim(row, "[]"), " ")
		l := leaf{name, `%s."` + name + `"`, map[string]report.Kind{"BIGINT": report.BigInt, "BOOLEAN": report.Boolean, "VARCHAR": report.Varchar}[kind]}
		g.leaves = append(g.leaves, l)
		g.favourites = append(g.favourites, l)
		if name == "provider_id" {
			g.several = true
			g.favourites = append(g.favourites, l, l)
		}
	}
	for _, l := range g.leaves {
		g.values[l.sql] = mustTexts(t, db, fmt.Sprintf(
			"SELECT DISTINCT replace(%[1]s::VARCHAR, '''', '''''') AS v FROM %[2]s AS m WHERE %[1]s IS NOT NULL AND length(v) < 60 ORDER BY hash(v) LIMIT 60", l.of("m"), table))
		for i, v := range g.values[l.sql] {
			g.values[l.sql][i] = strings.TrimSuffix(strings.TrimPrefix(v, "["), "]")
		}
	}
	g.names = g.columnNames(t, db, table)
	return g
}

// addLeaves adds the leaves of a column or field; lists have none.
func (g *generator) addLeaves(path, sql string, t report.Type) {
	switch t.Kind {
	case report.Struct:
		for _, f := range t.Fields {
			g.addLeaves(path+"."+f.Name, sql+`."`+f.Name+`"`, f.Type)
		}
	case report.List:
	default:
		g.leaves = append(g.leaves, leaf{path, sql, t.Kind})
	}
}

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func choose[T any](g *generator, list ...T) T { return list[g.IntN(len(list))] }

func (g *generator) leaf() leaf {
	if g.chance(80) {
		return choose(g, g.favourites...)
	}
	return choose(g, g.leaves...)
}

// predicate is a condition on the table of this alias.
func (g *generator) predicate(alias string, depth int) string {
	if depth > 0 && g.chance(55) {
		parts := make([]string, 2+g.IntN(2))
		for i := range parts {
			parts[i] = "(" + g.predicate(alias, depth-1) + ")"
		}
		return strings.Join(parts, choose(g, " AND ", " AND ", " OR "))
	}
	if depth > 0 && g.chance(20) {
		return "NOT (" + g.predicate(alias, depth-1) + ")"
	}
	if depth > 0 && g.chance(15) {
		return "(" + g.predicate(alias, depth-1) + ") " + choose(g, "IS TRUE", "IS NOT TRUE", "IS FALSE", "IS NOT FALSE", "IS NULL", "IS NOT NULL")
	}
	return g.comparison(g.leaf(), alias)
}

func (g *generator) comparison(l leaf, alias string) string {
	x := l.of(alias)
	if g.chance(12) {
		return x + choose(g, " IS NULL", " IS NOT NULL")
	}
	if l.kind == report.Boolean {
		return g.truth(x)
	}
	if g.chance(20) {
		return g.function(l, x)
	}
	if list, ok := g.listArgument(l); ok {
		return x + " = ANY(" + g.bind(list) + ")"
	}
	op := choose(g, "=", "<", "<=", ">", ">=", "<>", "IS DISTINCT FROM", "IS NOT DISTINCT FROM")
	switch k := g.IntN(10); {
	case k < 5:
		return x + " " + op + " " + g.constant(l)
	case k < 6:
		return g.constant(l) + " " + choose(g, "=", "<", "<=", ">", ">=") + " " + x
	case k < 8:
		return x + choose(g, " ", " NOT ") + "BETWEEN " + g.constant(l) + " AND " + g.constant(l)
	}
	return x + choose(g, " IN (", " IN (", " NOT IN (") + g.list(l) + ")"
}

func (g *generator) truth(x string) string {
	switch g.IntN(6) {
	case 0:
		return x
	case 1:
		return "NOT " + x
	case 2:
		return x + " = " + choose(g, "true", "false", "NULL::BOOLEAN")
	case 3:
		return x + choose(g, " IS TRUE", " IS NOT TRUE", " IS FALSE", " IS NOT FALSE")
	case 4:
		return x + choose(g, " IS DISTINCT FROM ", " IS NOT DISTINCT FROM ") + choose(g, "true", "false")
	}
	return choose(g, "coalesce("+x+", false)", "coalesce("+x+", true)", x+" IN (true)", x+" IN (true, NULL)", "CASE WHEN "+x+" THEN true ELSE false END")
}

// constant is a literal to compare the leaf with, now and then of another type.
func (g *generator) constant(l leaf) string {
	if g.binds && g.chance(50) {
		if arg, ok := g.argument(l); ok {
			return g.bind(arg)
		}
	}
	if g.chance(4) {
		return "NULL"
	}
	values := g.values[l.sql]
	if len(values) == 0 || g.chance(10) {
		return g.odd(l.kind)
	}
	v := choose(g, values...)
	switch l.kind {
	case report.BigInt, report.Integer:
		return choose(g, v, v, v, "("+v+" + 0.5)", "'"+v+"'", v+"::DOUBLE", "("+v+" - 1)", v+"::HUGEINT")
	case report.Decimal:
		return choose(g, v, "0", v+"::DOUBLE", "1")
	case report.TimestampTZ:
		return choose(g, "'"+v+"'", "TIMESTAMPTZ '"+v+"'", "('"+v+"'::TIMESTAMPTZ + INTERVAL 1 DAY)", "'"+v[:10]+"'", "DATE '"+v[:10]+"'", "TIMESTAMP '"+v[:19]+"'")
	case report.DateKind:
		return choose(g, "'"+v+"'", "DATE '"+v+"'", "TIMESTAMP '"+v+" 12:00:00'", "(DATE '"+v+"' + 1)")
	}
	return "'" + v + "'"
}

// odd is a constant at the edges of the type. None makes a comparison fail: whether
// DuckDB comes to evaluate a term depends on the rows before it.
func (g *generator) odd(k report.Kind) string {
	switch k {
	case report.BigInt:
		return choose(g, "0", "-1", "9223372036854775807", "-9223372036854775808", "1e30", "99999999999999999999::HUGEINT")
	case report.Integer:
		return choose(g, "0", "-1", "18", "99999999999", "2147483647", "17.5")
	case report.Decimal:
		return choose(g, "0", "0.0001", "-0.0001", "0::DOUBLE", "1e3")
	case report.TimestampTZ:
		return choose(g, "now()", "now() - INTERVAL 300 DAY", "'infinity'", "'-infinity'", "current_date", "'0001-01-01'", "'9999-12-31 23:59:59.999999+00'", "today()", "'2026-03-29 02:30:00'", "'epoch'")
	case report.DateKind:
		return choose(g, "current_date", "'infinity'", "'-infinity'", "DATE '2000-02-29'", "DATE '0001-01-01'", "DATE '9999-12-31'", "current_date - INTERVAL 18 YEAR", "now()")
	}
	return "''"
}

func (g *generator) list(l leaf) string {
	n := choose(g, 1, 2, 3, 5, 12, 60, 200)
	items := make([]string, n)
	for i := range items {
		items[i] = g.constant(l)
		if l.kind == report.BigInt && g.chance(30) {
			items[i] = fmt.Sprint(g.IntN(3000))
		}
	}
	return strings.Join(items, ", ")
}

func (g *generator) function(l leaf, x string) string {
	switch l.kind {
	case report.TimestampTZ:
		return choose(g,
			x+"::DATE "+choose(g, "=", ">=", "<", "<>")+" DATE '2025-1"+choose(g, "0", "1")+"-15'",
			"year("+x+") "+choose(g, "=", "<", ">=")+" 2025", "month("+x+") = 6",
			"date_trunc('"+choose(g, "month", "year", "day", "hour")+"', "+x+") "+choose(g, "=", "<", ">=")+" TIMESTAMPTZ '2025-11-01'",
			x+"::TIMESTAMP >= TIMESTAMP '2025-06-01'", "epoch("+x+") > 1750000000", x+" + INTERVAL 1 MONTH > now()", x+"::VARCHAR > '2025'")
	case report.DateKind:
		return choose(g, "year("+x+") BETWEEN 1980 AND 1990", "date_trunc('year', "+x+") = DATE '1985-01-01'", x+"::TIMESTAMP > TIMESTAMP '1990-01-01 12:00:00'",
			x+"::VARCHAR LIKE '19%%'", "month("+x+") = 2 AND day("+x+") = 29", x+" + 1 > DATE '1990-01-01'", "age(current_date, "+x+") > INTERVAL 30 YEAR")
	case report.BigInt, report.Integer, report.Decimal:
		return choose(g, x+" % 2 = 0", "abs("+x+") < 50", x+" + 1 > 30", "-"+x+" < -20", x+"::VARCHAR = '30'", x+"::DOUBLE < 20.5", "TRY_CAST("+x+" AS SMALLINT) < 100 OR "+x+" IS NULL")
	}
	return choose(g, "length("+x+") > 8", x+" LIKE '%%a%%'", "lower("+x+") < 'm'", x+" ILIKE 'a%%'")
}
