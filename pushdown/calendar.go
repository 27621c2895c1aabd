package pushdown

import (
	"math/big"
	"slices"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// gregorian is the only calendar in which dates are understood.
const gregorian = "gregorian"

// Only years between these are translated. Before them, calendars and time zones differ;
// after them, DuckDB does not write four digits.
const (
	firstYear = 1600
	lastYear  = 9990
)

// widened returns a function of in's column with another preimage.
func widened(in columnFunc, inverse func(v value) (preimage, bool)) columnFunc {
	return columnFunc{column: in.column, preimage: inverse}
}

// zoneMargin is how far a time without its zone may be off, in each direction.
const zoneMargin = microsOfDay

// timeCast inverts casts between DATE, TIMESTAMP and TIMESTAMP WITH TIME ZONE. They depend
// on the session's time zone, which is never more than a day from UTC.
func (e env) timeCast(in columnFunc, x castExpr) (columnFunc, bool) {
	if e.session.Calendar != gregorian {
		return columnFunc{}, false
	}
	toDate := x.Type == "DATE"
	return widened(in, func(v value) (preimage, bool) {
		low, high, ok := instants(v)
		if _, isDate := v.any.(days); !ok || isDate != toDate {
			return preimage{}, false
		}
		return in.around(low, high, zoneMargin)
	}), true
}

// around returns the preimage of the time between two instants, in microseconds. zone is
// the margin for the time zone.
func (l columnFunc) around(low, high, zone int64) (preimage, bool) {
	first, last := yearSpan(firstYear, lastYear)
	if low < first*microsOfDay || high > last*microsOfDay {
		return preimage{}, false
	}
	low, high = low-zone, high+zone
	if !l.direct {
		a, ok := l.preimageOf(low)
		b, ok2 := l.preimageOf(high)
		return preimage{low: a.low, high: b.high, fuzzy: true}, ok && ok2
	}
	if l.column.Type.Kind == report.DateKind {
		low, high = floorDiv(low, microsOfDay), floorDiv(high, microsOfDay)
	}
	return preimage{low: low, high: high, fuzzy: true}, true
}

// preimageOf returns the preimage of an instant under an inner cast or function, which may
// return times or dates.
func (l columnFunc) preimageOf(at int64) (preimage, bool) {
	if b, ok := l.preimage(value{micros(at)}); ok {
		return b, true
	}
	return l.preimage(value{days(floorDiv(at, microsOfDay))})
}

// manyDays is more days than lastYear is away, infinite dates among them.
const manyDays = 10_000 * 366

// instants is the time that a DATE or TIMESTAMP covers.
func instants(v value) (low, high int64, ok bool) {
	switch v := v.any.(type) {
	case micros:
		return int64(v), int64(v), v != infiniteMicros && v != -infiniteMicros
	case days:
		if v < -manyDays || v > manyDays {
			return 0, 0, false
		}
		return int64(v) * microsOfDay, int64(v+1)*microsOfDay - 1, true
	}
	return 0, 0, false
}

// isDate reports whether the function is a DATE column itself, whose year and month do not
// depend on a time zone or calendar.
func isDate(l columnFunc) bool { return l.direct && l.column.Type.Kind == report.DateKind }

// units are the fields of date_trunc, with the most days that one can last.
var units = map[string]int64{
	"microsecond": 1, "microseconds": 1, "millisecond": 1, "milliseconds": 1, "second": 1, "seconds": 1,
	"minute": 1, "minutes": 1, "hour": 1, "hours": 1, "day": 1, "days": 1, "week": 7, "weeks": 7,
	"month": 31, "months": 31, "quarter": 92, "quarters": 92, "year": 366, "years": 366,
}

// datePart inverts year(x), date_trunc(unit, x), x AT TIME ZONE zone, and x plus or minus
// an interval.
func (e env) datePart(x callExpr) (columnFunc, bool) {
	if x.Name == "+" || x.Name == "-" {
		return e.shift(x)
	}
	if len(x.Args) == 0 || !slices.Contains([]string{"year", "date_trunc", "timezone"}, x.Name) {
		return columnFunc{}, false
	}
	in, ok := e.columnFuncOf(x.Args[len(x.Args)-1])
	if !ok || !isDate(in) && e.session.Calendar != gregorian {
		return columnFunc{}, false
	}
	var text string
	if first, ok := x.Args[0].(constantExpr); ok {
		text, _ = first.value.any.(string)
	}
	unit, known := units[text]
	switch {
	case x.Name == "year" && len(x.Args) == 1:
		return widened(in, func(v value) (preimage, bool) { return in.years(v) }), true
	case x.Name == "date_trunc" && len(x.Args) == 2 && known:
		return widened(in, func(v value) (preimage, bool) { return in.within(v, unit) }), true
	case x.Name == "timezone" && len(x.Args) == 2 && text != "":
		return widened(in, func(v value) (preimage, bool) { return in.within(v, 0) }), true
	}
	return columnFunc{}, false
}

// shift inverts x + INTERVAL and x - INTERVAL.
func (e env) shift(x callExpr) (columnFunc, bool) {
	if len(x.Args) != 2 || e.session.Calendar != gregorian {
		return columnFunc{}, false
	}
	left, right := x.Args[0], x.Args[1]
	if _, swapped := left.(constantExpr); swapped && x.Name == "+" {
		left, right = right, left
	}
	in, ok := e.columnFuncOf(left)
	by, ok2 := right.(constantExpr)
	step, ok3 := by.value.any.(interval)
	if !ok || !ok2 || !ok3 {
		return columnFunc{}, false
	}
	if x.Name == "+" {
		step = interval{-step.months, -step.days, -step.micros}
	}
	return widened(in, func(v value) (preimage, bool) { return in.moved(v, step) }), true
}

// monthMargin is by how much a date may move when months are added and taken away
// again, since months end on different days.
const monthMargin = 4 * microsOfDay

// moved returns the preimage of v plus the interval.
func (l columnFunc) moved(v value, by interval) (preimage, bool) {
	low, high, ok := instants(v)
	if !ok || max(by.months, -by.months) > 12*lastYear || max(by.days, -by.days) > manyDays {
		return preimage{}, false
	}
	at := func(us int64) int64 {
		return plus(time.UnixMicro(us).UTC().AddDate(0, int(by.months), int(by.days)).UnixMicro(), by.micros)
	}
	first, last := yearSpan(firstYear, lastYear)
	if low < first*microsOfDay || high > last*microsOfDay {
		return preimage{}, false
	}
	return l.around(plus(at(low), -monthMargin), plus(at(high), monthMargin), zoneMargin)
}

// within returns the preimage of the time from v to n days after it.
func (l columnFunc) within(v value, n int64) (preimage, bool) {
	low, high, ok := instants(v)
	if !ok {
		return preimage{}, false
	}
	return l.around(low, plus(high, n*microsOfDay), zoneMargin)
}

// years returns the preimage of the year v. For a fraction no year is equal, and the years
// around it are the bounds.
func (l columnFunc) years(v value) (preimage, bool) {
	r, ok := v.any.(*big.Rat)
	if f, isFloat := v.any.(float64); isFloat {
		r = new(big.Rat).SetFloat64(f)
		ok = r != nil
	}
	if !ok {
		return preimage{}, false
	}
	y := new(big.Int).Div(r.Num(), r.Denom())
	if !y.IsInt64() || y.Int64() <= firstYear || y.Int64() >= lastYear {
		return preimage{}, false
	}
	to := y.Int64()
	if !r.IsInt() {
		to++
	}
	first, last := yearSpan(y.Int64(), to)
	if isDate(l) && r.IsInt() {
		return preimage{low: first, high: last}, true
	}
	return l.around(first*microsOfDay, (last+1)*microsOfDay-1, zoneMargin)
}

// yearSpan is the first day of the years from and the last of to, in days.
func yearSpan(from, to int64) (first, last int64) {
	day := func(y int64) int64 {
		return time.Date(int(y), 1, 1, 0, 0, 0, 0, time.UTC).Unix() / 86400
	}
	return day(from), day(to+1) - 1
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
