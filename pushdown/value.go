package pushdown

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// value is one of
//
//	nil        NULL
//	bool       BOOLEAN
//	*big.Rat   whole numbers of any size and DECIMAL, exactly
//	float64    FLOAT and DOUBLE
//	string     VARCHAR
//	days       DATE
//	micros     TIMESTAMP and TIMESTAMP WITH TIME ZONE
//	interval   INTERVAL
//	opaque     any other, as text
type value struct{ any }

type (
	days   int64 // since 1970-01-01; infiniteDays and its negative are infinite
	micros int64 // since 1970-01-01 00:00:00; infiniteMicros and its negative are infinite
	opaque string
)

type interval struct{ months, days, micros int64 }

// How DuckDB stores the infinite dates and times.
const (
	infiniteDays   = math.MaxInt32
	infiniteMicros = math.MaxInt64
)

const (
	microsOfSecond = int64(time.Second / time.Microsecond)
	microsOfDay    = 86400 * microsOfSecond
)

func (v value) isNull() bool { return v.any == nil }

func (v value) sql() string {
	switch v := v.any.(type) {
	case nil:
		return "NULL"
	case *big.Rat:
		if v.IsInt() {
			return v.Num().String()
		}
		digits, _ := v.FloatPrec()
		return v.FloatString(digits)
	case string:
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	case days:
		if v == infiniteDays || v == -infiniteDays {
			return infinite(v < 0)
		}
		return "'" + report.Date(v).String() + "'"
	case interval:
		return v.sql()
	case micros:
		if v == infiniteMicros || v == -infiniteMicros {
			return infinite(v < 0)
		}
		return "'" + time.UnixMicro(int64(v)).UTC().Format("2006-01-02 15:04:05.999999") + "'"
	}
	return fmt.Sprint(v.any)
}

func (v interval) sql() string {
	var parts []string
	for _, p := range []struct {
		n    int64
		unit string
	}{{v.months, "months"}, {v.days, "days"}, {v.micros, "microseconds"}} {
		if p.n != 0 {
			parts = append(parts, fmt.Sprint(p.n, " ", p.unit))
		}
	}
	return "INTERVAL '" + strings.Join(parts, " ") + "'"
}

func infinite(negative bool) string {
	if negative {
		return "'-infinity'"
	}
	return "'infinity'"
}

// readValue reads a constant of the plan: {"type": …, "is_null": …, "value": …}.
func readValue(o object) value {
	if o == nil {
		return value{opaque("?")}
	}
	if o.flag("is_null") {
		return value{nil}
	}
	raw, id := o["value"], o.object("type").text("id")
	var out any
	switch id {
	case "BOOLEAN":
		if b, ok := raw.(bool); ok {
			out = b
		}
	case "VARCHAR":
		if s, ok := raw.(string); ok {
			out = s
		}
	case "FLOAT", "DOUBLE":
		out = readFloat(raw)
	case "DATE":
		if n := toInt(raw); n != nil && n.IsInt64() {
			out = days(n.Int64())
		}
	case "TIMESTAMP", "TIMESTAMP WITH TIME ZONE":
		if n := toInt(raw); n != nil && n.IsInt64() {
			out = micros(n.Int64())
		}
	case "INTERVAL":
		out = readInterval(raw)
	case "DECIMAL":
		out = readDecimal(raw, o.object("type").object("type_info"))
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT":
		if n := readWhole(raw); n != nil {
			out = new(big.Rat).SetInt(n)
		}
	}
	if out == nil {
		return value{opaque(strings.ToLower(typeName(o.object("type"))) + " value")}
	}
	return value{out}
}

func readFloat(raw any) any {
	switch s := raw.(type) {
	case string: // see quoteSpecials
		switch s {
		case "NaN":
			return math.NaN()
		case "Infinity":
			return math.Inf(1)
		case "-Infinity":
			return math.Inf(-1)
		}
	case number:
		if f, err := strconv.ParseFloat(string(s), 64); err == nil {
			return f
		}
	}
	return nil
}

// readWhole reads an integer; DuckDB writes those of 128 bits as {"upper": …, "lower": …}.
func readWhole(raw any) *big.Int {
	if n := toInt(raw); n != nil {
		return n
	}
	o, _ := raw.(object)
	upper, lower := toInt(o["upper"]), toInt(o["lower"])
	if upper == nil || lower == nil {
		return nil
	}
	return upper.Add(upper.Lsh(upper, 64), lower)
}

func readDecimal(raw any, info object) any {
	n := readWhole(raw)
	scale, ok := info.uint("scale")
	if n == nil || !ok || scale > 38 {
		return nil
	}
	return new(big.Rat).SetFrac(n, tenTo(int(scale)))
}

func readInterval(raw any) any {
	o, _ := raw.(object)
	var out [3]int64
	for i, name := range []string{"months", "days", "micros"} {
		n := toInt(o[name])
		if n == nil || !n.IsInt64() {
			return nil
		}
		out[i] = n.Int64()
	}
	return interval{out[0], out[1], out[2]}
}

func tenTo(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// typeName is DuckDB's name of a type, with the numbers of a DECIMAL.
func typeName(o object) string {
	id, info := o.text("id"), o.object("type_info")
	if id == "DECIMAL" {
		w, _ := info.uint("width")
		s, _ := info.uint("scale")
		return fmt.Sprintf("DECIMAL(%d,%d)", w, s)
	}
	return id
}
