package arrowconv

import (
	"bytes"
	"math"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/teamupsql/teamupsql/report"
)

type decimal = decimal128.Num

// The converters accept what scanner.scalar returns, except null. They return false for a
// value that is not of their type or that would lose information.

func toBoolean(kind byte, text []byte) (value, ok bool) {
	switch {
	case kind == 't', kind == '"' && string(text) == "true":
		return true, true
	case kind == 'f', kind == '"' && string(text) == "false":
		return false, true
	}
	return false, false
}

// isNumber reports whether the value is a number, possibly in quotes.
func isNumber(kind byte, text []byte) bool {
	if kind == '"' {
		end, ok := numberEnd(text, 0)
		return ok && end == len(text)
	}
	return kind == '0'
}

func toBigInt(kind byte, text []byte) (int64, bool) {
	if !isNumber(kind, text) {
		return 0, false
	}
	return scaled(text, 0)
}

func wholeBigInt(n int64) (int64, bool) { return n, true }

func toInteger(kind byte, text []byte) (int32, bool) {
	n, ok := toBigInt(kind, text)
	return int32(n), ok && n >= math.MinInt32 && n <= math.MaxInt32
}

func wholeInteger(n int64) (int32, bool) { return int32(n), n <= math.MaxInt32 }

// toDouble returns the nearest double of a number. ok is false if that is infinite or if it
// loses digits of an integer.
func toDouble(kind byte, text []byte) (float64, bool) {
	if !isNumber(kind, text) {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(text), 64)
	return f, err == nil && (math.Abs(f) < wholeDouble || bytes.ContainsAny(text, ".eE"))
}

// wholeDouble is the bound below which a double represents every integer.
const wholeDouble = 1 << 53

// moneyLimit is the least number of too many digits for DECIMAL(18,4).
const moneyLimit = 1_000_000_000_000_000_000

// moneyUnit is 10 to the power of report.DecimalScale.
const moneyUnit = 10_000

func toDecimal(kind byte, text []byte) (decimal, bool) {
	if !isNumber(kind, text) {
		return decimal{}, false
	}
	n, ok := scaled(text, report.DecimalScale)
	return decimal128.FromI64(n), ok && n > -moneyLimit && n < moneyLimit
}

func wholeDecimal(n int64) (decimal, bool) {
	return decimal128.FromI64(n * moneyUnit), n < moneyLimit/moneyUnit
}

func toTimestamp(kind byte, text []byte) (int64, bool) {
	if kind != '"' {
		return 0, false
	}
	m, ok := parseMoment(text)
	return m.utc(), ok
}

func toDate(kind byte, text []byte) (int32, bool) {
	if kind != '"' {
		return 0, false
	}
	m, ok := parseMoment(text)
	return int32(m.days), ok && m.micros == 0
}
