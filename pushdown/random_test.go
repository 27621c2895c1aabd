package pushdown_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// This file makes random predicates, each as DuckDB serializes it and as a Go
// function with SQL's three values, and random customers to try them on.

// tri is a truth value of SQL.
type tri int8

const (
	no   tri = -1
	null tri = 0
	yes  tri = 1
)

func triOf(b bool) tri {
	if b {
		return yes
	}
	return no
}

// predicate is a random predicate: its JSON in a plan, and what it means.
type predicate struct {
	json string
	eval func(customer) tri
}

// customer holds a row as the report shows it, by path; a missing value is NULL.
// Booleans are 0 and 1, dates days, times microseconds, money ten-thousandths.
type customer struct {
	shown map[string]int64
	real  map[string]int64 // what the report compares times by, finer than it shows
}

// dice draws from bytes, as long as there are any, and then always 0.
type dice interface{ roll(n int) int }

type random struct{ *rand.Rand }

func (r random) roll(n int) int { return r.IntN(n) }

type bytesDice struct{ left []byte }

func (b *bytesDice) roll(n int) int {
	if len(b.left) == 0 {
		return 0
	}
	v := int(b.left[0])
	b.left = b.left[1:]
	return v % n
}

// world is what the customers of one trial have in common.
type world struct {
	dice
	of    *report.Report
	drawn []column
	zone  int64 // of the session, in microseconds east of UTC
	today int64 // as the report sees it, in days

	provider int64 // the business that is asked
}

func newWorld(d dice, of *report.Report, drawn []column) *world {
	return &world{
		dice:  d,
		of:    of,
		drawn: drawn,
		zone:  int64(d.roll(27)-12) * hour,
		today: int64(report.DateOf(session.Now)) + int64(d.roll(3)-1),

		provider: int64(6 + d.roll(3)),
	}
}

const (
	hour = int64(time.Hour / time.Microsecond)
	day  = 24 * hour
)

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

type column struct {
	path, typ string
	index     int
	draw      func(w *world) int64
}

var testColumns = []column{
	{"id", "BIGINT", 0, func(w *world) int64 { return int64(w.roll(14)) - 1 }},
	{"is_active", "BOOLEAN", 7, bit}, {"is_new", "BOOLEAN", 15, bit}, {"is_lead", "BOOLEAN", 40, bit},
	{"is_claimed", "BOOLEAN", 14, bit}, {"has_failed_payments", "BOOLEAN", 18, bit},
	{"created_at", "TIMESTAMP WITH TIME ZONE", 5, func(w *world) int64 {
		return newYear + int64(w.roll(7)-3)*day + int64(w.roll(24))*hour + int64(w.roll(3)-1)*500_000
	}},
	{"date_of_birth", "DATE", 8, func(w *world) int64 { return w.today - int64(w.roll(40))*365/2 - int64(w.roll(8)) }},
	{"age", "INTEGER", 9, func(w *world) int64 { return int64(w.roll(22)) - 1 }},
	{"attendances_count", "INTEGER", 34, func(w *world) int64 { return int64(w.roll(5)) }},
	{"account_credit_balance.decimal", "DECIMAL", 29, func(w *world) int64 { return int64(w.roll(5)-2) * 5000 }},
	{"shoe size", "BIGINT", shoeSizeAt, func(w *world) int64 { return int64(w.roll(5)) }},
	{"provider_id", "BIGINT", providerAt, func(w *world) int64 { return int64(5 + w.roll(5)) }},
}

// visitColumns are those of the made-up report.
var visitColumns = []column{
	{"number", "BIGINT", 4, func(w *world) int64 { return int64(w.roll(14)) - 1 }},
	{"late", "BOOLEAN", 0, bit},
	{"member_since", "DATE", 1, testColumns[7].draw}, {"years", "INTEGER", 2, testColumns[8].draw},
	{"place.room.code", "BIGINT", 5, func(w *world) int64 { return int64(w.roll(150)) - 1 }},
	{"place.room.seats", "INTEGER", 5, func(w *world) int64 { return int64(w.roll(5)) - 2 }},
	{"begins", "TIMESTAMP WITH TIME ZONE", 6, testColumns[6].draw},
	{"shoe size", "BIGINT", 7, testColumns[11].draw}, {"provider_id", "BIGINT", 8, testColumns[12].draw},
}

// The columns behind the report's: a custom field, and the business.
const (
	shoeSizeAt = 41
	providerAt = 42
)

func bit(w *world) int64 { return int64(w.roll(2)) }

func (w *world) customer() customer {
	c := customer{shown: map[string]int64{}, real: map[string]int64{}}
	for _, col := range w.drawn {
		if col.path != w.of.Key && w.roll(5) == 0 {
			continue
		}
		at := col.draw(w)
		c.shown[col.path], c.real[col.path] = at, at
		if col.typ == "TIMESTAMP WITH TIME ZONE" {
			c.shown[col.path] = (at + 500_000) / 1_000_000 * 1_000_000
		}
	}
	c.shown["provider_id"] = w.provider
	for _, d := range w.of.Derived {
		delete(c.shown, d.Column)
		if from, ok := c.shown[d.From]; ok {
			c.shown[d.Column] = yearsBetween(from, w.today)
		}
	}
	return c
}

func yearsBetween(born, today int64) int64 {
	b, t := report.Date(born).Time(), report.Date(today).Time()
	years := t.Year() - b.Year()
	if t.Month() < b.Month() || t.Month() == b.Month() && t.Day() < b.Day() {
		years--
	}
	return int64(years)
}

// predicate draws a predicate of at most the depth.
func (w *world) predicate(depth int) predicate {
	if depth == 0 {
		return w.leaf()
	}
	switch w.roll(10) {
	case 0:
		x := w.predicate(depth - 1)
		return predicate{node(`"BOUND_OPERATOR","type":"OPERATOR_NOT","children":[%s]`, x.json),
			func(c customer) tri { return -x.eval(c) }}
	case 1, 2, 3:
		return w.conjunction(depth, "CONJUNCTION_AND", func(a, b tri) tri { return min(a, b) }, yes)
	case 4, 5, 6:
		return w.conjunction(depth, "CONJUNCTION_OR", func(a, b tri) tri { return max(a, b) }, no)
	case 7:
		return w.isTruth(depth)
	case 8:
		return w.caseOrCoalesce(depth)
	}
	return w.leaf()
}

func node(format string, args ...any) string {
	return `{"expression_class":` + fmt.Sprintf(format, args...) + "}"
}

func (w *world) conjunction(depth int, kind string, fold func(a, b tri) tri, start tri) predicate {
	var terms []predicate
	var texts []string
	for range 2 + w.roll(2) {
		x := w.predicate(depth - 1)
		terms, texts = append(terms, x), append(texts, x.json)
	}
	return predicate{node(`"BOUND_CONJUNCTION","type":%q,"children":[%s]`, kind, strings.Join(texts, ",")), func(c customer) tri {
		out := start
		for _, x := range terms {
			out = fold(out, x.eval(c))
		}
		return out
	}}
}

// isTruth compares a predicate with a truth value, or asks whether it is NULL.
func (w *world) isTruth(depth int) predicate {
	x := w.predicate(depth - 1)
	want := yes
	if w.roll(2) == 0 {
		want = no
	}
	constant := boolConstant(want == yes)
	compare := func(kind string) string {
		return node(`"BOUND_COMPARISON","type":%q,"left":%s,"right":%s`, kind, x.json, constant)
	}
	switch w.roll(4) {
	case 0:
		return predicate{compare("COMPARE_EQUAL"), func(c customer) tri { return x.eval(c) * want }}
	case 1:
		return predicate{compare("COMPARE_NOT_DISTINCT_FROM"), func(c customer) tri { return triOf(x.eval(c) == want) }}
	case 2:
		return predicate{compare("COMPARE_DISTINCT_FROM"), func(c customer) tri { return triOf(x.eval(c) != want) }}
	}
	return predicate{node(`"BOUND_OPERATOR","type":"OPERATOR_IS_NULL","children":[%s]`, x.json),
		func(c customer) tri { return triOf(x.eval(c) == null) }}
}

func boolConstant(b bool) string {
	return node(`"BOUND_CONSTANT","value":{"type":{"id":"BOOLEAN"},"is_null":false,"value":%t}`, b)
}

func (w *world) caseOrCoalesce(depth int) predicate {
	a, b := w.predicate(depth-1), w.predicate(depth-1)
	if w.roll(2) == 0 {
		return predicate{node(`"BOUND_OPERATOR","type":"OPERATOR_COALESCE","return_type":{"id":"BOOLEAN"},"children":[%s,%s]`, a.json, b.json),
			func(c customer) tri {
				if v := a.eval(c); v != null {
					return v
				}
				return b.eval(c)
			}}
	}
	when := w.predicate(depth - 1)
	return predicate{node(`"BOUND_CASE","case_checks":[{"when_expr":%s,"then_expr":%s}],"else_expr":%s`, when.json, a.json, b.json),
		func(c customer) tri {
			if when.eval(c) == yes {
				return a.eval(c)
			}
			return b.eval(c)
		}}
}

var operators = []struct {
	kind string
	ok   func(order int) bool
}{
	{"COMPARE_EQUAL", func(o int) bool { return o == 0 }},
	{"COMPARE_NOTEQUAL", func(o int) bool { return o != 0 }},
	{"COMPARE_LESSTHAN", func(o int) bool { return o < 0 }},
	{"COMPARE_LESSTHANOREQUALTO", func(o int) bool { return o <= 0 }},
	{"COMPARE_GREATERTHAN", func(o int) bool { return o > 0 }},
	{"COMPARE_GREATERTHANOREQUALTO", func(o int) bool { return o >= 0 }},
	{"COMPARE_DISTINCT_FROM", func(o int) bool { return o != 0 }},
	{"COMPARE_NOT_DISTINCT_FROM", func(o int) bool { return o == 0 }},
}

// leaf draws a predicate about one column, or one that nothing is known of.
func (w *world) leaf() predicate {
	col := w.drawn[w.roll(len(w.drawn))]
	switch w.roll(8) {
	case 0:
		return predicate{node(`"BOUND_OPERATOR","type":"OPERATOR_IS_NULL","children":[%s]`, ref(col)), func(c customer) tri {
			_, ok := c.shown[col.path]
			return triOf(!ok)
		}}
	case 1:
		salt := w.roll(1000)
		return predicate{node(`"BOUND_FUNCTION","name":"mystery","children":[%s]`, ref(col)), func(c customer) tri {
			h := fnv.New32a()
			fmt.Fprint(h, salt, c.shown)
			return tri(h.Sum32()%3) - 1
		}}
	case 2:
		return w.in(col)
	}
	if col.typ == "BOOLEAN" && w.roll(2) == 0 {
		return predicate{ref(col), func(c customer) tri {
			v, ok := c.shown[col.path]
			if !ok {
				return null
			}
			return triOf(v == 1)
		}}
	}
	return w.comparison(col)
}

func (w *world) in(col column) predicate {
	var list []int64
	texts := []string{ref(col)}
	for range 1 + w.roll(8) {
		v := col.draw(w)
		list, texts = append(list, v), append(texts, constant(col, v))
	}
	hasNull := w.roll(4) == 0
	if hasNull {
		texts = append(texts, nullConstant)
	}
	return predicate{node(`"BOUND_OPERATOR","type":"COMPARE_IN","children":[%s]`, strings.Join(texts, ",")), func(c customer) tri {
		v, ok := c.shown[col.path]
		switch {
		case !ok:
			return null
		case slices.Contains(list, v):
			return yes
		case hasNull:
			return null
		}
		return no
	}}
}

const nullConstant = `{"expression_class":"BOUND_CONSTANT","value":{"type":{"id":"BIGINT"},"is_null":true}}`

// lensed is a function of a column: its JSON, its value for a row's, and a constant
// of its type.
type lensed struct {
	json     string
	of       func(v int64) int64
	constant func(v int64) string
	draw     func() int64
}

func (w *world) comparison(col column) predicate {
	l := w.look(col)
	op := operators[w.roll(len(operators))]
	distinct := strings.Contains(op.kind, "DISTINCT")
	v := l.draw()
	left, right, sign := l.json, l.constant(v), 1
	isNull := w.roll(12) == 0
	if isNull {
		right = nullConstant
	}
	kind := op.kind
	if w.roll(4) == 0 {
		left, right, kind = right, left, strings.NewReplacer("LESS", "GREATER", "GREATER", "LESS").Replace(kind)
	}
	return predicate{node(`"BOUND_COMPARISON","type":%q,"left":%s,"right":%s`, kind, left, right), func(c customer) tri {
		have, ok := c.shown[col.path]
		if isNull || !ok {
			if distinct {
				return triOf((isNull != ok) == (op.kind == "COMPARE_NOT_DISTINCT_FROM"))
			}
			return null
		}
		order := 0
		if got := l.of(have); got < v {
			order = -sign
		} else if got > v {
			order = sign
		}
		return triOf(op.ok(order))
	}}
}

// look draws the column itself, mostly, or a function of it.
func (w *world) look(col column) lensed {
	out := lensed{ref(col), func(v int64) int64 { return v }, func(v int64) string { return constant(col, v) }, func() int64 { return col.draw(w) }}
	if w.roll(6) == 0 {
		return w.function(col, out)
	}
	return out
}

func (w *world) function(col column, out lensed) lensed {
	cast := func(typ string) string { return node(`"BOUND_CAST","child":%s,"return_type":%s`, ref(col), typ) }
	switch col.typ {
	case "BIGINT", "INTEGER": // tenths, so that some constants are no whole numbers
		out.json = cast(`{"id":"DECIMAL","type_info":{"width":20,"scale":1}}`)
		out.of = func(v int64) int64 { return 10 * v }
		out.draw = func() int64 { return 10*col.draw(w) + int64(w.roll(3))*5 - 5 }
		out.constant = func(v int64) string {
			return node(`"BOUND_CONSTANT","value":{"type":{"id":"DECIMAL","type_info":{"width":20,"scale":1}},"is_null":false,"value":%d}`, v)
		}
	case "TIMESTAMP WITH TIME ZONE":
		switch w.roll(3) {
		case 0:
			out.json = node(`"BOUND_FUNCTION","name":"year","children":[%s]`, ref(col))
			out.of = func(v int64) int64 { return int64(time.UnixMicro(v + w.zone).UTC().Year()) }
			out.draw = func() int64 { return 2024 + int64(w.roll(4)) }
			out.constant = func(v int64) string { return constant(testColumns[0], v) }
		case 1:
			months, days := w.roll(5)-2, w.roll(70)-35
			out.json = node(`"BOUND_FUNCTION","name":"+","children":[%s,{"expression_class":"BOUND_CONSTANT","value":{"type":{"id":"INTERVAL"},"is_null":false,"value":{"months":%d,"days":%d,"micros":0}}}]`, ref(col), months, days)
			out.of = func(v int64) int64 { return addMonths(v+w.zone, months) - w.zone + int64(days)*day }
			out.draw = func() int64 { return out.of(col.draw(w)) }
		default:
			out.json = cast(`{"id":"DATE"}`)
			out.of = func(v int64) int64 { return (v + w.zone) / day }
			out.draw = func() int64 { return newYear/day + int64(w.roll(7)) - 3 }
			out.constant = func(v int64) string { return constant(column{typ: "DATE"}, v) }
		}
	case "DATE":
		out.json = node(`"BOUND_FUNCTION","name":"year","children":[%s]`, ref(col))
		out.of = func(v int64) int64 { return int64(report.Date(v).Time().Year()) }
		out.draw = func() int64 { return 2026 - int64(w.roll(22)) }
		out.constant = func(v int64) string { return constant(testColumns[0], v) }
	}
	return out
}

// addMonths stays within the month that it arrives in, as DuckDB does.
func addMonths(v int64, months int) int64 {
	t := time.UnixMicro(v).UTC()
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1).UnixMicro()
}

func typeJSON(typ string) string {
	if typ == "DECIMAL" {
		return `{"id":"DECIMAL","type_info":{"width":18,"scale":4}}`
	}
	return fmt.Sprintf(`{"id":%q}`, typ)
}

func ref(col column) string {
	column := node(`"BOUND_REF","index":%d`, col.index)
	for _, part := range strings.Split(col.path, ".")[1:] {
		column = node(`"BOUND_FUNCTION","name":"struct_extract","children":[%s,{"expression_class":"BOUND_CONSTANT","value":{"type":{"id":"VARCHAR"},"is_null":false,"value":%q}}]`, column, part)
	}
	return column
}

func constant(col column, v int64) string {
	if col.typ == "BOOLEAN" {
		return boolConstant(v == 1)
	}
	return node(`"BOUND_CONSTANT","value":{"type":%s,"is_null":false,"value":%d}`, typeJSON(col.typ), v)
}
