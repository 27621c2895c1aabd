package tablefunc_test

import (
	"cmp"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/teamupsql/teamupsql/report"
)

const (
	kindsOfStatements = 29
	ordinalityKind    = 13
)

// statement is a query of a kind over {t}, which stands for the function's call or for
// a table with the same rows. Names in braces stand for columns, see columnNames.
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
		return "SELECT c.{key}, d.{key}, d.{number} FROM {t} AS c JOIN {t} AS d ON c.{key} = d.{ref}" + where + " AND " + q()
	case 3:
		return "SELECT c.{key}, d.{text} FROM {t} AS c LEFT JOIN {t} AS d ON c.{key} = d.{key} AND " + q() + where
	case 4:
		return "SELECT c.{key}, v.tier FROM {t} AS c JOIN '" + file + "' v ON c.{key} = v.customer_id" + where + " AND v.customer_id < {high}"
	case 5:
		return "SELECT c.{key} FROM {t} AS c WHERE c.{key} IN (SELECT customer_id FROM read_csv('" + file + "') WHERE tier = 'gold') AND " + p()
	case 6:
		return "WITH x AS (SELECT * FROM {t} AS c" + where + ") SELECT a.{key}, b.{key} FROM x a JOIN x b ON a.{key} = b.{key} + 1 OR a.{key} = b.{key}"
	case 7:
		return "WITH x AS MATERIALIZED (SELECT * FROM {t} AS c" + where + ") SELECT {key} FROM x AS d WHERE " + q() + " UNION ALL SELECT {key} FROM x"
	case 8:
		return "SELECT {key} FROM {t} AS c" + where + choose(g, " UNION ", " UNION ALL ", " EXCEPT ", " INTERSECT ") + "SELECT {key} FROM {t} AS d WHERE " + q()
	case 9:
		return "SELECT c.{key} FROM {t} AS c WHERE " + choose(g, "", "NOT ") + "EXISTS (SELECT 1 FROM {t} AS d WHERE d.{group} = c.{group} AND d.{key} <> c.{key} AND " + q() + ") AND " + p()
	case 10:
		return "SELECT c.{key}, (SELECT count(*) FROM {t} AS d WHERE d.{group} = c.{group} AND " + q() + ") FROM {t} AS c" + where
	case 11:
		return "SELECT c.{group}, c.{flag}, count(*), min(c.{key}) FROM {t} AS c" + where + " GROUP BY ALL HAVING count(*) > 1"
	case 12:
		return "SELECT * FROM (SELECT c.{key}, c.{flag}, row_number() OVER (ORDER BY " + g.key("c") + ") AS n FROM {t} AS c) c WHERE c.n <= 50 AND c.{flag}"
	case ordinalityKind:
		return "SELECT c.{key}, c.ordinality FROM {ordinality} AS c" + where
	case 14:
		if g.chance(50) {
			// Any rows do, so only their number is compared.
			return "SELECT c.{key} > 0 FROM {t} AS c" + choose(g, where, g.exactWhere()) + " LIMIT " + g.limit(300) + choose(g, "", " OFFSET 7")
		}
		return "SELECT count(*) FROM (SELECT c.{key} FROM {t} AS c" + where + " LIMIT " + g.limit(300) + choose(g, "", " OFFSET 7") + ")"
	case 15:
		by := choose(g, g.of.Filled...)
		return "SELECT c." + by + " FROM {t} AS c" + choose(g, where, g.exactWhere()) + " ORDER BY c." + by + choose(g, "", " DESC", " NULLS FIRST", " DESC NULLS FIRST") + " LIMIT " + g.limit(150) + choose(g, "", " OFFSET 3")
	case 16:
		// DuckDB's two algorithms for ASOF disagree on NULLs, and the size that it
		// expects of the sides chooses between them.
		return "SELECT c.{key}, d.{key} FROM (SELECT {key}, {time} FROM {t} AS c" + where + " AND c.{time} IS NOT NULL) c ASOF JOIN (SELECT {key}, {time} FROM {t} AS d WHERE d.{time} IS NOT NULL AND (" + q() + ")) d ON c.{time} >= d.{time} AND c.{key} = d.{key}"
	case 17:
		return "SELECT count(*), sum(c.{number}), min(c.{time}) FROM {t} AS c(" + swappedNames(g.of) + ")" + where
	case 18:
		return "SELECT c.{key}, l.n FROM {t} AS c, LATERAL (SELECT count(*) AS n FROM {t} AS d WHERE d.{key} < c.{key} AND " + q() + ") l WHERE c.{key} < {low} AND " + p()
	case 19:
		return "SELECT c.{key}, m.name FROM {t} AS c, unnest(c.{list}) AS u(s), LATERAL (SELECT u.s.{item} AS name) m" + where
	case 20:
		return "SELECT {key} FROM {view} AS c" + where
	case 21:
		return "SELECT {key} FROM {macro} AS c" + where
	case 22:
		return "SELECT count(*) FROM {t} AS c SEMI JOIN (SELECT {key} FROM {t} AS d WHERE " + q() + ") d ON c.{key} = d.{key}" + where
	case 23:
		// Which rows stand side by side depends on how DuckDB joins small chunks.
		return "SELECT count(a.{key}), count(b.{key}), sum(a.{key}), sum(b.{key}) FROM (SELECT {key} FROM {t} AS c" + where + ") a POSITIONAL JOIN (SELECT {key} FROM {t} AS d WHERE " + q() + ") b"
	case 24:
		if g.several && g.chance(50) {
			return "SELECT o.name, c.provider_id, count(*) FROM own o " + choose(g, "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN") + " {t} AS c ON c.provider_id = o.business" + choose(g, "", " AND c.{key} = o.business", " AND c.{key} > o.business") + " AND " + p() + choose(g, "", " WHERE o.name > 'H'") + " GROUP BY ALL"
		}
		return "SELECT v.customer_id FROM vip v " + choose(g, "JOIN", "LEFT JOIN", "RIGHT JOIN", "SEMI JOIN", "ANTI JOIN", "FULL JOIN") + " {t} AS c ON c.{key} = v.customer_id AND " + p() + choose(g, "", " WHERE v.tier = 'gold'", " WHERE v.flag", " WHERE v.tier IN ('gold', 'none') OR v.customer_id IS NULL")
	case 25:
		return "SELECT c.{key} FROM {t} AS c" + where + " AND " + choose(g, "", "NOT ") + "EXISTS (FROM vip v WHERE v.customer_id = c.{key} AND v.tier = '" + choose(g, "gold", "silver", "none") + "')"
	case 26:
		if g.several && g.chance(50) {
			return "SELECT c.{key} FROM {t} AS c" + where + " AND c.provider_id " + choose(g, "", "NOT ") + "IN (SELECT business FROM own WHERE name " + choose(g, "> 'H'", "IS NOT NULL", "= 'Gym'") + ")"
		}
		return "SELECT c.{key} FROM {t} AS c" + where + " AND c.{key} " + choose(g, "", "NOT ") + "IN (SELECT customer_id FROM (SELECT DISTINCT customer_id, tier FROM vip) WHERE tier " + choose(g, "= 'gold'", "> 'h'", "IS NULL", "LIKE 's%'") + choose(g, "", " LIMIT 500") + ")"
	case 27:
		return "WITH RECURSIVE r AS (SELECT c.{key}, 0 AS depth FROM {t} AS c" + where + " UNION ALL SELECT d.{key}, depth + 1 FROM r JOIN {t} AS d ON d.{ref} = r.{key} AND (" + q() + ") WHERE depth < 5) SELECT {key}, depth FROM r"
	}
	return "SELECT sum(c.{key}) FILTER (WHERE " + p() + "), count(*) FROM {t} AS c" + where
}

// exactWhere is a condition that the report carries out exactly, or none.
func (g *generator) exactWhere() string {
	if g.several && g.chance(40) {
		return choose(g, " WHERE c.provider_id >= 8", " WHERE c.provider_id IN (7, 12)", " WHERE c.{flag} OR c.provider_id = 9")
	}
	list := []string{"", " WHERE c.{key} > {low}"}
	var flags []string
	for _, p := range g.of.Parameters {
		if p.Answers.Operator == report.Equal {
			flags = append(flags, "c."+p.Answers.Column)
		}
	}
	for _, l := range g.favourites {
		if values := g.values[l.sql]; l.kind == report.DateKind && len(values) > 0 {
			list = append(list, fmt.Sprintf(" WHERE %s BETWEEN DATE '%s' AND DATE '%s'", l.of("c"), choose(g, values...), choose(g, values...)))
		}
	}
	if len(flags) == 0 {
		return choose(g, list...)
	}
	if a, b := choose(g, flags...), choose(g, flags...); a == b {
		list = append(list, " WHERE "+a, " WHERE NOT "+a, " WHERE coalesce("+a+", false)")
	} else {
		list = append(list, " WHERE NOT "+a+" AND "+b)
	}
	if traits := g.of.Traits; len(traits) > 0 {
		if a, b := choose(g, traits...).Column, choose(g, traits...).Column; a != "" && b != "" {
			list = append(list, " WHERE c."+a+" OR c."+b)
		}
	}
	return choose(g, list...)
}

// key is what tells rows apart.
func (g *generator) key(alias string) string {
	if g.several {
		return alias + ".{key}, " + alias + ".provider_id"
	}
	return alias + ".{key}"
}

// columnNames replaces names in braces by columns of the report, chosen by their types:
// {key}; {number}, {time}, {text} and {flag} of these types; {ref}, a number in a struct
// that is the key of another row most often; {group}, a number in a struct that many rows
// share; {list}, a list of structs, and {item}, a text in one. {low} and {high} are keys.
func (g *generator) columnNames(t testing.TB, db *sql.DB, table string) *strings.Replacer {
	named := []string{"{key}", g.of.Key}
	put := func(name string, kind report.Kind, list []leaf) {
		if i := slices.IndexFunc(list, func(l leaf) bool { return l.kind == kind && !strings.Contains(l.path, ".") }); i >= 0 {
			named = append(named, name, list[i].path)
		}
	}
	put("{number}", report.Integer, g.leaves)
	put("{time}", report.TimestampTZ, append(slices.Clone(g.favourites), g.leaves...))
	put("{text}", report.Varchar, g.leaves)
	put("{flag}", report.Boolean, append(slices.Clone(g.favourites), g.leaves...))
	var refs []leaf
	matches := map[string]int{}
	for _, l := range g.leaves {
		if l.kind == report.BigInt && strings.Contains(l.path, ".") {
			var shared bool
			n := 0
			row := db.QueryRow(fmt.Sprintf("SELECT count(*) FILTER (%[1]s IN (SELECT %[2]s FROM %[3]s)), count(%[1]s) > 2 * count(DISTINCT %[1]s) FROM %[3]s AS m", l.of("m"), g.of.Key, table))
			if err := row.Scan(&n, &shared); err != nil {
				t.Fatal(err)
			}
			if matches[l.path] = n; shared {
				refs = append(refs, l)
			}
		}
	}
	if len(refs) > 0 {
		named = append(named, "{group}", choose(g, refs...).path)
	}
	ref := ""
	for path, n := range matches {
		if n > matches[ref] || n == matches[ref] && path < ref {
			ref = path
		}
	}
	named = append(named, "{ref}", cmp.Or(ref, g.of.Key))
	for _, c := range g.of.Columns {
		if item := textIn(c.Type.Elem); item != "" {
			named = append(named, "{list}", c.Name, "{item}", item)
			break
		}
	}
	for name, share := range map[string]float64{"{low}": 0.3, "{high}": 0.8} {
		named = append(named, name, strings.Trim(mustTexts(t, db, fmt.Sprintf("SELECT quantile_disc(%s, %g) FROM %s", g.of.Key, share, table))[0], "[]"))
	}
	return strings.NewReplacer(named...)
}

// lacksColumn reports whether a statement needs a column that the report does not have.
func lacksColumn(statement string) bool {
	return slices.ContainsFunc([]string{"{number}", "{time}", "{text}", "{flag}", "{group}", "{list}"}, func(name string) bool {
		return strings.Contains(statement, name)
	})
}

// textIn is the path of the first text in a struct, "" for none.
func textIn(t *report.Type) string {
	if t == nil {
		return ""
	}
	for _, f := range t.Fields {
		if f.Type.Kind == report.Varchar {
			return f.Name
		}
		if path := textIn(&f.Type); path != "" {
			return f.Name + "." + path
		}
	}
	return ""
}

// swappedNames is the list of column names with neighbours of the same type exchanged.
func swappedNames(of *report.Report) string {
	var names []string
	first := map[report.Kind]int{} // of a pair, from 1
	for i, c := range of.Columns {
		names = append(names, c.Name)
		kind := c.Type.Kind
		if kind == report.Integer {
			kind = report.BigInt
		}
		switch at := first[kind] - 1; {
		case kind == report.Struct || kind == report.List:
		case at < 0:
			first[kind] = i + 1
		default:
			names[at], names[i] = names[i], names[at]
			first[kind] = 0
		}
	}
	return strings.Join(names, ", ")
}
