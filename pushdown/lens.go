package pushdown

import (
	"math"
	"math/big"
	"strings"

	"github.com/teamupsql/teamupsql/report"
)

// lens is a function of one column through which a predicate sees it: the column
// itself, a cast, or a part of a date.
type lens struct {
	column Column
	direct bool // the column itself, not a function of it
	// band says where the column's value is when the function equals v.
	band func(v value) (band, bool)
}

// look recognises a function of one column.
func (e env) look(x Expr) (lens, bool) {
	switch x := x.(type) {
	case Column:
		if !comparable(x.Type) {
			return lens{}, false
		}
		return lens{x, true, func(v value) (band, bool) { return valueBand(x.Type, v) }}, true
	case Cast:
		inner, ok := e.look(x.X)
		if !ok {
			return lens{}, false
		}
		if isTime(x.Type) {
			return e.timeCast(inner, x)
		}
		return numberCast(inner, x)
	case Call:
		return e.datePart(x)
	}
	return lens{}, false
}

// valueBand is where a column of type t equals v: at one step, or between two.
func valueBand(t report.Type, v value) (band, bool) {
	switch t.Kind {
	case report.Boolean:
		if b, ok := v.any.(bool); ok {
			if b {
				return band{low: 1, high: 1}, true
			}
			return band{}, true
		}
	case report.Integer, report.BigInt, report.Decimal:
		return numberBand(v, scaleOfType(t))
	case report.DateKind:
		if d, ok := v.any.(days); ok {
			return band{low: int64(d), high: int64(d)}, true
		}
	case report.TimestampTZ:
		if m, ok := v.any.(micros); ok {
			return band{low: int64(m), high: int64(m)}, true
		}
	}
	return band{}, false
}

// numberBand is where n/scale equals v for a whole n.
func numberBand(v value, scale int64) (band, bool) {
	r, ok := v.any.(*big.Rat)
	if f, isFloat := v.any.(float64); isFloat {
		return floatBand(f, scale, wholeDouble)
	}
	if !ok {
		return band{}, false
	}
	num := new(big.Int).Mul(r.Num(), big.NewInt(scale))
	floor, rest := new(big.Int).DivMod(num, r.Denom(), new(big.Int))
	switch {
	case !floor.IsInt64() && floor.Sign() > 0, floor.IsInt64() && floor.Int64() == most && rest.Sign() > 0:
		return band{outside: 1}, true
	case !floor.IsInt64():
		return band{outside: -1}, true
	}
	b := band{low: floor.Int64(), high: floor.Int64()}
	if rest.Sign() > 0 {
		b.low++
	}
	return b, true
}

// Up to these, DOUBLE and FLOAT hold every whole number.
const (
	wholeDouble = 1 << 53
	wholeFloat  = 1 << 24
)

// floatBand is where n/scale, rounded to a floating type, equals f. Whole numbers
// are held exactly; fractions are rounded, so the band is widened by a step. The
// sign is right in any case.
func floatBand(f float64, scale int64, limit float64) (band, bool) {
	if !(math.Abs(f)*float64(scale) < limit) {
		return band{}, false
	}
	b, ok := numberBand(value{new(big.Rat).SetFloat64(f)}, scale)
	if scale != 1 && f != 0 {
		b = band{low: min(b.low, b.high) - 1, high: max(b.low, b.high) + 1, fuzzy: true}
	}
	return b, ok
}

// numberCast looks through casts between numbers. Those to whole numbers and
// decimals that hold every value of the column are exact.
func numberCast(in lens, x Cast) (lens, bool) {
	kind := in.column.Type.Kind
	column, direct := x.X.(Column)
	if !direct {
		return lens{}, false
	}
	integers := kind == report.Integer || kind == report.BigInt
	decimal := strings.HasPrefix(x.Type, "DECIMAL")
	through := func(f func(v value) (band, bool)) (lens, bool) { return lens{column: column, band: f}, true }
	switch {
	case kind == report.Boolean && wholeType[x.Type]:
		return through(func(v value) (band, bool) { return numberBand(v, 1) })
	case integers && (x.Type == "BIGINT" || x.Type == "HUGEINT" || decimal),
		kind == report.Decimal && decimal && scaleOf(x.Type) >= report.DecimalScale:
		return through(in.band)
	case (integers || kind == report.Decimal) && x.Type == "DOUBLE":
		return through(floating(column.Type, wholeDouble))
	case (integers || kind == report.Decimal) && x.Type == "FLOAT":
		return through(floating(column.Type, wholeFloat))
	}
	return lens{}, false
}

func floating(t report.Type, limit float64) func(v value) (band, bool) {
	return func(v value) (band, bool) {
		f, ok := v.any.(float64)
		if !ok {
			return band{}, false
		}
		return floatBand(f, scaleOfType(t), limit)
	}
}

// scaleOfType is how many steps of the type make one.
func scaleOfType(t report.Type) int64 {
	if t.Kind == report.Decimal {
		return tenTo(report.DecimalScale).Int64()
	}
	return 1
}

var wholeType = map[string]bool{"TINYINT": true, "SMALLINT": true, "INTEGER": true, "BIGINT": true, "HUGEINT": true}

func scaleOf(decimal string) int {
	_, after, _ := strings.Cut(strings.TrimSuffix(decimal, ")"), ",")
	n, ok := new(big.Int).SetString(after, 10)
	if !ok {
		return 0
	}
	return int(n.Int64())
}

func isTime(name string) bool {
	return name == "DATE" || name == "TIMESTAMP" || name == "TIMESTAMP WITH TIME ZONE"
}
