package pushdown

import (
	"math"
	"math/big"
	"strings"

	"github.com/teamupsql/teamupsql/report"
)

// columnFunc is a function of one column in a predicate: the column itself, a cast, or a
// part of a date.
type columnFunc struct {
	column columnExpr
	direct bool // the column itself, not a function of it
	equal  bool // only whether the values are equal can be known
	// preimage returns the column values for which the function equals v
	preimage func(v value) (preimage, bool)
}

// columnFuncOf recognises a function of one column.
func (e env) columnFuncOf(x expr) (columnFunc, bool) {
	switch x := x.(type) {
	case columnExpr:
		if p, ok := wordsOf(x); ok {
			return columnFunc{x, true, true, func(v value) (preimage, bool) { return wordPreimage(p, v) }}, true
		}
		if !comparable(x.Type) {
			return columnFunc{}, false
		}
		return columnFunc{column: x, direct: true, preimage: func(v value) (preimage, bool) { return valuePreimage(x.Type, v) }}, true
	case castExpr:
		inner, ok := e.columnFuncOf(x.X)
		if !ok || inner.equal {
			return columnFunc{}, false
		}
		if isTime(x.Type) {
			return e.timeCast(inner, x)
		}
		return numberCast(inner, x)
	case callExpr:
		return e.datePart(x)
	}
	return columnFunc{}, false
}

// valuePreimage returns the preimage of v for a column of type t itself.
func valuePreimage(t report.Type, v value) (preimage, bool) {
	switch t.Kind {
	case report.Boolean:
		if b, ok := v.any.(bool); ok {
			if b {
				return preimage{low: 1, high: 1}, true
			}
			return preimage{}, true
		}
	case report.Integer, report.BigInt, report.Decimal:
		return numberPreimage(v, scaleOfType(t))
	case report.DateKind:
		if d, ok := v.any.(days); ok {
			return preimage{low: int64(d), high: int64(d)}, true
		}
	case report.TimestampTZ:
		if m, ok := v.any.(micros); ok {
			return preimage{low: int64(m), high: int64(m)}, true
		}
	}
	return preimage{}, false
}

// numberPreimage returns the integers n for which n/scale equals v.
func numberPreimage(v value, scale int64) (preimage, bool) {
	r, ok := v.any.(*big.Rat)
	if f, isFloat := v.any.(float64); isFloat {
		return floatPreimage(f, scale, wholeDouble)
	}
	if !ok {
		return preimage{}, false
	}
	num := new(big.Int).Mul(r.Num(), big.NewInt(scale))
	floor, rest := new(big.Int).DivMod(num, r.Denom(), new(big.Int))
	switch {
	case !floor.IsInt64() && floor.Sign() > 0, floor.IsInt64() && floor.Int64() == maxValue && rest.Sign() > 0:
		return preimage{outside: 1}, true
	case !floor.IsInt64():
		return preimage{outside: -1}, true
	}
	b := preimage{low: floor.Int64(), high: floor.Int64()}
	if rest.Sign() > 0 {
		b.low++
	}
	return b, true
}

// DOUBLE and FLOAT represent every integer up to these.
const (
	wholeDouble = 1 << 53
	wholeFloat  = 1 << 24
)

// floatPreimage returns the integers n for which n/scale, rounded to a floating-point type,
// equals f. Integers are exact. Because fractions are rounded, their preimage has a margin
// of one step. The sign is always exact.
func floatPreimage(f float64, scale int64, limit float64) (preimage, bool) {
	if !(math.Abs(f)*float64(scale) < limit) {
		return preimage{}, false
	}
	b, ok := numberPreimage(value{new(big.Rat).SetFloat64(f)}, scale)
	if scale != 1 && f != 0 {
		b = preimage{low: min(b.low, b.high) - 1, high: max(b.low, b.high) + 1, fuzzy: true}
	}
	return b, ok
}

// numberCast inverts casts between numbers. It is exact for casts to integers and decimals
// that represent every value of the column.
func numberCast(in columnFunc, x castExpr) (columnFunc, bool) {
	kind := in.column.Type.Kind
	column, direct := x.X.(columnExpr)
	if !direct {
		return columnFunc{}, false
	}
	integers := kind == report.Integer || kind == report.BigInt
	decimal := strings.HasPrefix(x.Type, "DECIMAL")
	through := func(f func(v value) (preimage, bool)) (columnFunc, bool) {
		return columnFunc{column: column, preimage: f}, true
	}
	switch {
	case kind == report.Boolean && wholeType[x.Type]:
		return through(func(v value) (preimage, bool) { return numberPreimage(v, 1) })
	case integers && (x.Type == "BIGINT" || x.Type == "HUGEINT" || decimal),
		kind == report.Decimal && decimal && scaleOf(x.Type) >= report.DecimalScale:
		return through(in.preimage)
	case (integers || kind == report.Decimal) && x.Type == "DOUBLE":
		return through(floating(column.Type, wholeDouble))
	case (integers || kind == report.Decimal) && x.Type == "FLOAT":
		return through(floating(column.Type, wholeFloat))
	}
	return columnFunc{}, false
}

func floating(t report.Type, limit float64) func(v value) (preimage, bool) {
	return func(v value) (preimage, bool) {
		f, ok := v.any.(float64)
		if !ok {
			return preimage{}, false
		}
		return floatPreimage(f, scaleOfType(t), limit)
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
