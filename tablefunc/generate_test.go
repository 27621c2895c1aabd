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

// generator makes random predicates and statements over the report's columns. Its
// constants are taken from the data, so that most predicates have an answer that
// is neither everything nor nothing.
type generator struct {
	*rand.Rand
	values map[string][]string // by expression: literals of values that occur
	leaves []leaf
	// favourites are the leaves that predicates are about more often.
	favourites []string
	several    bool // there is a column that tells the business
	// binds has some of the constants be arguments, each a placeholder in the text.
	binds bool
	args  []any
}

// leaf is something that has a value: a column, or a part of one.
type leaf struct {
	sql  string // with %s for the table's alias
	kind report.Kind
}

func (l leaf) of(alias string) string { return fmt.Sprintf(l.sql, alias) }

func newGenerator(t testing.TB, db *sql.DB, table string, seed uint64) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1)), values: map[string][]string{}}
	for _, c := range report.Customers.Columns {
		switch c.Type.Kind {
		case report.Struct:
			for _, f := range c.Type.Fields {
				g.addLeaf(leaf{"%s." + c.Name + `."` + f.Name + `"`, f.Type.Kind})
			}
		default:
			g.addLeaf(leaf{"%s." + c.Name, c.Type.Kind})
		}
	}
	g.favourites = slices.Clone(favourites)
	for _, row := range mustTexts(t, db, "SELECT column_type, column_name FROM (DESCRIBE "+table+") OFFSET 41") {
		kind, name, _ := strings.Cut(strings.Trim(row, "[]"), " ")
		l := leaf{`%s."` + name + `"`, map[string]report.Kind{"BIGINT": report.BigInt, "BOOLEAN": report.Boolean, "VARCHAR": report.Varchar}[kind]}
		g.leaves = append(g.leaves, l)
		g.favourites = append(g.favourites, l.sql)
		if name == "provider_id" {
			g.several = true
			g.favourites = append(g.favourites, l.sql, l.sql)
		}
	}
	for _, l := range g.leaves {
		g.values[l.sql] = mustTexts(t, db, fmt.Sprintf(
			"SELECT DISTINCT replace(%[1]s::VARCHAR, '''', '''''') AS v FROM %[2]s AS m WHERE %[1]s IS NOT NULL AND length(v) < 60 ORDER BY hash(v) LIMIT 60", l.of("m"), table))
		for i, v := range g.values[l.sql] {
			g.values[l.sql][i] = strings.TrimSuffix(strings.TrimPrefix(v, "["), "]")
		}
	}
	return g
}

func (g *generator) addLeaf(l leaf) {
	if l.kind != report.List {
		g.leaves = append(g.leaves, l)
	}
}

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func choose[T any](g *generator, list ...T) T { return list[g.IntN(len(list))] }

// favourites are the leaves that parameters of the report answer; the others keep
// the translation honest.
var favourites = []string{"%s.id", "%s.is_active", "%s.is_claimed", "%s.is_new", "%s.is_slipping_away", "%s.registration_blocked",
	"%s.is_lead", "%s.created_at", `%s.latest_registration."starts_at"`, "%s.date_of_birth", "%s.age", `%s.account_credit_balance."decimal"`}

func (g *generator) leaf() leaf {
	if g.chance(80) {
		name := choose(g, g.favourites...)
		for _, l := range g.leaves {
			if l.sql == name {
				return l
			}
		}
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

const kindsOfStatements = 29

// statement is a query of a kind over {t}, which stands for the function's call or for
// a table with the same rows.
func (g *generator) statement(kind int, file string) string {
	p := func() string { return strings.ReplaceAll(g.predicate("c", 3), "%%", "%") }
	q := func() string { return strings.ReplaceAll(g.predicate("d", 2), "%%", "%") }
	where := " WHERE (" + p() + ")"
	switch kind {
	case 0:
		return "SELECT c.* FROM {t} AS c" + where
	case 1:
		return "SELECT count(*) FROM {t} AS c" + choose(g, where, g.exactWhere())
	case 2:
		return "SELECT c.id, d.id, d.age FROM {t} AS c JOIN {t} AS d ON c.id = d.referring_member.id" + where + " AND " + q()
	case 3:
		return "SELECT c.id, d.email FROM {t} AS c LEFT JOIN {t} AS d ON c.id = d.id AND " + q() + where
	case 4:
		return "SELECT c.id, v.tier FROM {t} AS c JOIN '" + file + "' v ON c.id = v.customer_id" + where + " AND v.customer_id < 103000"
	case 5:
		return "SELECT c.id FROM {t} AS c WHERE c.id IN (SELECT customer_id FROM read_csv('" + file + "') WHERE tier = 'gold') AND " + p()
	case 6:
		return "WITH x AS (SELECT * FROM {t} AS c" + where + ") SELECT a.id, b.id FROM x a JOIN x b ON a.id = b.id + 1 OR a.id = b.id"
	case 7:
		return "WITH x AS MATERIALIZED (SELECT * FROM {t} AS c" + where + ") SELECT id FROM x AS d WHERE " + q() + " UNION ALL SELECT id FROM x"
	case 8:
		return "SELECT id FROM {t} AS c" + where + choose(g, " UNION ", " UNION ALL ", " EXCEPT ", " INTERSECT ") + "SELECT id FROM {t} AS d WHERE " + q()
	case 9:
		return "SELECT c.id FROM {t} AS c WHERE " + choose(g, "", "NOT ") + "EXISTS (SELECT 1 FROM {t} AS d WHERE d.family.id = c.family.id AND d.id <> c.id AND " + q() + ") AND " + p()
	case 10:
		return "SELECT c.id, (SELECT count(*) FROM {t} AS d WHERE d.venue.id = c.venue.id AND " + q() + ") FROM {t} AS c" + where
	case 11:
		return "SELECT c.venue.name, c.is_active, count(*), min(c.id) FROM {t} AS c" + where + " GROUP BY ALL HAVING count(*) > 1"
	case 12:
		return "SELECT * FROM (SELECT c.id, c.is_new, row_number() OVER (ORDER BY " + g.key("c") + ") AS n FROM {t} AS c) c WHERE c.n <= 50 AND c.is_new"
	case 13:
		return "SELECT c.id, c.ordinality FROM {ordinality} AS c" + where
	case 14:
		if g.chance(50) {
			// Any rows do, so only their number is compared.
			return "SELECT c.id > 0 FROM {t} AS c" + choose(g, where, g.exactWhere()) + " LIMIT " + g.limit(300) + choose(g, "", " OFFSET 7")
		}
		return "SELECT count(*) FROM (SELECT c.id FROM {t} AS c" + where + " LIMIT " + g.limit(300) + choose(g, "", " OFFSET 7") + ")"
	case 15:
		by := choose(g, "id", "created_at")
		return "SELECT c." + by + " FROM {t} AS c" + choose(g, where, g.exactWhere()) + " ORDER BY c." + by + choose(g, "", " DESC", " NULLS FIRST", " DESC NULLS FIRST") + " LIMIT " + g.limit(150) + choose(g, "", " OFFSET 3")
	case 16:
		// DuckDB's two algorithms for ASOF disagree on NULLs, and the size that it
		// expects of the sides chooses between them.
		return "SELECT c.id, d.id FROM (SELECT id, created_at FROM {t} AS c" + where + " AND c.created_at IS NOT NULL) c ASOF JOIN (SELECT id, created_at FROM {t} AS d WHERE d.created_at IS NOT NULL AND (" + q() + ")) d ON c.created_at >= d.created_at AND c.id = d.id"
	case 17:
		return "SELECT count(*), sum(c.age), min(c.created_at) FROM {t} AS c(" + swappedNames() + ")" + where
	case 18:
		return "SELECT c.id, l.n FROM {t} AS c, LATERAL (SELECT count(*) AS n FROM {t} AS d WHERE d.id < c.id AND " + q() + ") l WHERE c.id < 100700 AND " + p()
	case 19:
		return "SELECT c.id, m.name FROM {t} AS c, unnest(c.active_customer_memberships) AS u(s), LATERAL (SELECT u.s.membership.name AS name) m" + where
	case 20:
		return "SELECT id FROM {view} AS c" + where
	case 21:
		return "SELECT id FROM {macro} AS c" + where
	case 22:
		return "SELECT count(*) FROM {t} AS c SEMI JOIN (SELECT id FROM {t} AS d WHERE " + q() + ") d ON c.id = d.id" + where
	case 23:
		// Which rows stand side by side depends on how DuckDB joins small chunks.
		return "SELECT count(a.id), count(b.id), sum(a.id), sum(b.id) FROM (SELECT id FROM {t} AS c" + where + ") a POSITIONAL JOIN (SELECT id FROM {t} AS d WHERE " + q() + ") b"
	case 24:
		if g.several && g.chance(50) {
			return "SELECT o.name, c.provider_id, count(*) FROM own o " + choose(g, "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN") + " {t} AS c ON c.provider_id = o.business" + choose(g, "", " AND c.id = o.business", " AND c.id > o.business") + " AND " + p() + choose(g, "", " WHERE o.name > 'H'") + " GROUP BY ALL"
		}
		return "SELECT v.customer_id FROM vip v " + choose(g, "JOIN", "LEFT JOIN", "RIGHT JOIN", "SEMI JOIN", "ANTI JOIN", "FULL JOIN") + " {t} AS c ON c.id = v.customer_id AND " + p() + choose(g, "", " WHERE v.tier = 'gold'", " WHERE v.flag", " WHERE v.tier IN ('gold', 'none') OR v.customer_id IS NULL")
	case 25:
		return "SELECT c.id FROM {t} AS c" + where + " AND " + choose(g, "", "NOT ") + "EXISTS (FROM vip v WHERE v.customer_id = c.id AND v.tier = '" + choose(g, "gold", "silver", "none") + "')"
	case 26:
		if g.several && g.chance(50) {
			return "SELECT c.id FROM {t} AS c" + where + " AND c.provider_id " + choose(g, "", "NOT ") + "IN (SELECT business FROM own WHERE name " + choose(g, "> 'H'", "IS NOT NULL", "= 'Gym'") + ")"
		}
		return "SELECT c.id FROM {t} AS c" + where + " AND c.id " + choose(g, "", "NOT ") + "IN (SELECT customer_id FROM (SELECT DISTINCT customer_id, tier FROM vip) WHERE tier " + choose(g, "= 'gold'", "> 'h'", "IS NULL", "LIKE 's%'") + choose(g, "", " LIMIT 500") + ")"
	case 27:
		return "WITH RECURSIVE r AS (SELECT c.id, 0 AS depth FROM {t} AS c" + where + " UNION ALL SELECT d.id, depth + 1 FROM r JOIN {t} AS d ON d.referring_member.id = r.id AND (" + q() + ") WHERE depth < 5) SELECT id, depth FROM r"
	}
	return "SELECT sum(c.id) FILTER (WHERE " + p() + "), count(*) FROM {t} AS c" + where
}

// exactWhere is a condition that the report carries out exactly, or none.
func (g *generator) exactWhere() string {
	if g.several && g.chance(40) {
		return choose(g, " WHERE c.provider_id >= 8", " WHERE c.provider_id IN (7, 12) AND c.is_active", " WHERE c.is_active OR c.provider_id = 9")
	}
	return choose(g, "", " WHERE c.is_active", " WHERE NOT c.is_claimed AND c.is_active", " WHERE c.is_new OR c.is_lead", " WHERE c.id > 100200",
		" WHERE c.date_of_birth BETWEEN DATE '1970-01-01' AND DATE '1990-01-01'", " WHERE coalesce(c.registration_blocked, false)")
}

// key is what tells customers apart.
func (g *generator) key(alias string) string {
	if g.several {
		return alias + ".id, " + alias + ".provider_id"
	}
	return alias + ".id"
}

// swappedNames is a list of column names of which some stand in each other's place.
func swappedNames() string {
	other := map[string]string{"id": "age", "is_new": "is_claimed", "is_active": "is_lead", "created_at": "last_payment_at"}
	for a, b := range map[string]string{"id": "age", "is_new": "is_claimed", "is_active": "is_lead", "created_at": "last_payment_at"} {
		other[b] = a
	}
	var names []string
	for _, c := range report.Customers.Columns {
		name := c.Name
		if swapped, ok := other[name]; ok {
			name = swapped
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}
