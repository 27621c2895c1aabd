package plan

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/teamupsql/teamupsql/internal/sqltext"
)

// A statement is planned with the values of its arguments: the planned text has a
// constant of the same value and type in the place of each parameter, as DuckDB has
// when it binds the statement with the values. An argument whose constant SQL cannot
// be written keeps its parameter; a predicate with it is left.

// WithLiterals returns the text of one statement with the arguments in the places of
// the parameters. types are the types that DuckDB gave the parameters, by identifier,
// for those arguments that are bound by the type.
func WithLiterals(text string, args []driver.NamedValue, types map[string]duckdb.Type) string {
	parameters := sqltext.Parameters(text)
	if len(parameters) == 0 || len(args) == 0 {
		return text
	}
	var b strings.Builder
	order := map[string]int{} // of the identifiers, by where they first stand
	end := 0
	for _, p := range parameters {
		at, known := order[p.Identifier]
		if !known {
			at = len(order)
			order[p.Identifier] = at
		}
		b.WriteString(text[end:p.At])
		sql, ok := "", false
		if arg, found := argumentOf(p.Identifier, at, args); found {
			sql, ok = literal(arg, types[p.Identifier])
		}
		if !ok {
			sql = "$" + p.Identifier
		}
		b.WriteString(sql)
		end = p.End
	}
	return b.String() + text[end:]
}

// argumentOf returns the argument that the driver binds to a parameter: that of its
// very name, or else that of its place.
func argumentOf(identifier string, at int, args []driver.NamedValue) (value any, found bool) {
	if n, err := strconv.Atoi(identifier); err == nil {
		at = n - 1
	}
	for _, a := range args {
		if a.Name == identifier {
			return a.Value, true
		}
		if a.Ordinal == at+1 {
			value, found = a.Value, true
		}
	}
	return value, found
}

// literal returns a constant expression for a value that DuckDB has as the driver
// binds it. ok is false for a value whose constant is not known here.
func literal(value any, bound duckdb.Type) (sql string, ok bool) {
	v := reflect.ValueOf(value)
	switch value := value.(type) {
	case nil:
		return "NULL", true
	case driver.Valuer, []byte, fmt.Stringer:
		t, isTime := value.(time.Time)
		if !isTime {
			return "", false
		}
		return timeLiteral(t, bound)
	case string:
		// DuckDB takes a text for an argument as it takes one that is written: it becomes
		// what it is compared with.
		return sqltext.QuoteText(value), !strings.ContainsRune(value, 0)
	}
	name, ok := typeNames[v.Kind()]
	switch {
	case ok && v.Type().PkgPath() == "":
		return castTo(fmt.Sprint(value), name), true
	case v.Kind() == reflect.Slice:
		return listLiteral(v)
	}
	return "", false
}

// typeNames are the types of DuckDB that the driver binds Go's own types as.
var typeNames = map[reflect.Kind]string{
	reflect.Bool: "BOOLEAN", reflect.Int: "BIGINT", reflect.Int8: "TINYINT", reflect.Int16: "SMALLINT",
	reflect.Int32: "INTEGER", reflect.Int64: "BIGINT", reflect.Uint8: "UTINYINT", reflect.Uint16: "USMALLINT",
	reflect.Uint32: "UINTEGER", reflect.Uint64: "UBIGINT", reflect.Float32: "FLOAT", reflect.Float64: "DOUBLE",
	reflect.String: "VARCHAR",
}

// castTo writes the type out, since DuckDB would give a bare number another one.
func castTo(text, name string) string {
	return "CAST(" + sqltext.QuoteText(text) + " AS " + name + ")"
}

// listLiteral returns a list of values of one type. An empty one of a Go type that
// has no SQL type is not known.
func listLiteral(v reflect.Value) (sql string, ok bool) {
	name, typed := typeNames[v.Type().Elem().Kind()]
	items := make([]string, v.Len())
	for i := range items {
		item := v.Index(i)
		if items[i], ok = literal(item.Interface(), duckdb.TYPE_INVALID); !ok {
			return "", false
		}
		if item.Kind() == reflect.Interface && !item.IsNil() {
			own := typeNames[item.Elem().Kind()]
			if cmp.Or(name, own) != own {
				return "", false
			}
			name, typed = own, own != ""
		}
	}
	if !typed {
		return "", false
	}
	return "CAST([" + strings.Join(items, ", ") + "] AS " + name + "[])", true
}

const secondsOfDay = 24 * 60 * 60

// timeLiteral returns the constant for a time, which the driver binds as the type
// that DuckDB gave the parameter: an instant, or the clock or the date in UTC.
func timeLiteral(t time.Time, bound duckdb.Type) (sql string, ok bool) {
	t = t.UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return "", false
	}
	switch bound {
	case duckdb.TYPE_TIMESTAMP_TZ:
		return fmt.Sprintf("make_timestamptz(%d::BIGINT)", t.UnixMicro()), true
	case duckdb.TYPE_TIMESTAMP:
		return fmt.Sprintf("make_timestamp(%d::BIGINT)", t.UnixMicro()), true
	case duckdb.TYPE_DATE:
		day := time.Unix(t.Unix()/secondsOfDay*secondsOfDay, 0).UTC() // the driver rounds towards 1970
		return castTo(day.Format(time.DateOnly), "DATE"), true
	}
	return "", false
}
