package pushdown

import (
	"math"
	"math/big"
	"strings"
	"time"
)

// Arguments are the values that a statement is executed with, by identifier: "1",
// "2", … for ? and $1, the name for $name. Values are as database/sql passes them
// on, and besides the integer types and *big.Int; one of another type is unknown.
type Arguments map[string]any

// value looks a parameter up, without regard to case, as DuckDB does.
func (a Arguments) value(identifier string) (any, bool) {
	if v, ok := a[identifier]; ok {
		return v, true
	}
	for name, v := range a {
		if strings.EqualFold(name, identifier) {
			return v, true
		}
	}
	return nil, false
}

// doubt is how far a bound may be off, in each direction.
const (
	certain      = 0
	doubtOfZone  = microsOfDay     // a time without its zone, in the session's zone
	doubtOfCasts = 3 * microsOfDay // casts between DATE and the two TIMESTAMP types that are not shown
)

// argument is the value of p and, for times and dates, by how many microseconds it
// may be off. ok is false where what DuckDB makes of the value is not known.
//
// DuckDB binds the statement again with the value's own type where that differs
// from the parameter's, so only what means the same in both is taken.
func (e env) argument(p Parameter) (v value, doubt int64, ok bool) {
	arg, ok := e.args.value(p.Identifier)
	if !ok {
		return value{}, 0, false
	}
	switch arg := arg.(type) {
	case time.Time:
		return instant(arg, p)
	case string:
		return fromText(arg, p)
	case nil:
		return value{nil}, certain, true
	}
	if v, ok = plain(arg); !ok || !p.Settled {
		return value{}, 0, false
	}
	v, ok = coerce(v, p.Type)
	return v, certain, ok
}

// coerce converts a number to the type that the plan compares it as. Where that
// would round it, DuckDB may compare the number as it is or the rounded one,
// depending on casts that the plan does not show; ok is false then.
func coerce(v value, name string) (out value, ok bool) {
	f, isFloat := v.any.(float64)
	r, isRat := v.any.(*big.Rat)
	switch {
	case isFloat && (name == "DOUBLE" || name == "FLOAT"):
		return v, name == "DOUBLE" || float64(float32(f)) == f
	case isFloat:
		if r = new(big.Rat).SetFloat64(f); r == nil || math.Abs(f) >= wholeDouble {
			return value{}, false
		}
		return coerce(value{r}, name)
	case isRat && (name == "DOUBLE" || name == "FLOAT"):
		f, exact := r.Float64()
		return value{f}, exact && (name == "DOUBLE" || float64(float32(f)) == f)
	case isRat && strings.HasPrefix(name, "DECIMAL"):
		return v, new(big.Rat).Mul(r, new(big.Rat).SetInt(tenTo(scaleOf(name)))).IsInt()
	case isRat:
		return v, r.IsInt()
	}
	return v, true
}

func plain(arg any) (value, bool) {
	r := new(big.Rat)
	switch v := arg.(type) {
	case bool:
		return value{v}, true
	case int:
		r.SetInt64(int64(v))
	case int8:
		r.SetInt64(int64(v))
	case int16:
		r.SetInt64(int64(v))
	case int32:
		r.SetInt64(int64(v))
	case int64:
		r.SetInt64(v)
	case uint8:
		r.SetUint64(uint64(v))
	case uint16:
		r.SetUint64(uint64(v))
	case uint32:
		r.SetUint64(uint64(v))
	case uint64:
		r.SetUint64(v)
	case float32:
		return value{float64(v)}, v > -wholeFloat && v < wholeFloat
	case float64:
		return value{v}, true
	case *big.Int:
		if v == nil {
			return value{nil}, true
		}
		r.SetInt(v)
	default:
		return value{}, false
	}
	return value{r}, true
}

// instant is what duckdb-go makes of a time: the instant for a TIMESTAMP WITH TIME
// ZONE, and otherwise its date or clock in UTC.
func instant(t time.Time, p Parameter) (value, int64, bool) {
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return value{}, 0, false
	}
	us := micros(t.UnixMicro())
	switch {
	case !p.Settled && isTime(p.Type):
		return value{us}, doubtOfCasts, true
	case !p.Settled:
		return value{}, 0, false
	case p.Type == "TIMESTAMP WITH TIME ZONE":
		return value{us}, certain, true
	case p.Type == "TIMESTAMP":
		return value{us}, doubtOfZone, true
	case p.Type == "DATE" && int64(us)%microsOfDay == 0:
		return value{days(int64(us) / microsOfDay)}, certain, true
	case p.Type == "DATE":
		return value{days(int64(us) / microsOfDay)}, doubtOfZone, true
	}
	return value{}, 0, false
}

func isTime(name string) bool {
	return name == "DATE" || name == "TIMESTAMP" || name == "TIMESTAMP WITH TIME ZONE"
}

// fromText reads a date or a time as people write it. One without an offset is
// meant in the session's zone, which is not known here.
func fromText(s string, p Parameter) (value, int64, bool) {
	if p.Type == "VARCHAR" && p.Settled {
		return value{s}, certain, true
	}
	if !isTime(p.Type) {
		return value{}, 0, false
	}
	doubt := int64(doubtOfZone)
	if !p.Settled {
		doubt = doubtOfCasts
	}
	for _, layout := range []string{
		"2006-01-02", "2006-01-02 15:04", "2006-01-02 15:04:05.999999", "2006-01-02T15:04:05.999999", time.RFC3339Nano,
		"2006-01-02 15:04:05.999999Z07:00",
	} {
		t, err := time.Parse(layout, s)
		if err != nil || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
			continue
		}
		if p.Type == "DATE" {
			if layout == "2006-01-02" && p.Settled {
				doubt = certain
			}
			return value{days(floorDiv(t.UnixMicro(), microsOfDay))}, doubt, true
		}
		return value{micros(t.UnixMicro())}, doubt, true
	}
	return value{}, 0, false
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
