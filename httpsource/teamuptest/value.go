package teamuptest

import (
	"cmp"
	"fmt"
	"strconv"
	"time"
	"unicode/utf16"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/teamupsql/teamupsql/report"
)

// value is the value of one scalar column for one customer. Sorts use it directly,
// responses after the view has changed it. The zero value is NULL.
type value struct {
	kind   report.Kind // 0 for NULL
	digits uint8       // of a decimal: how many are shown
	// n is an integer, a boolean as 0 or 1, a date in days, a time in microseconds
	// since 1970, or a decimal in ten-thousandths.
	n    int64
	text string
	zone *time.Location // in which a time is shown
}

func textOf(s Null[string]) value {
	if !s.Valid {
		return value{}
	}
	return value{kind: report.Varchar, text: s.V}
}

func boolOf(b Null[bool]) value {
	switch {
	case !b.Valid:
		return value{}
	case b.V:
		return value{kind: report.Boolean, n: 1}
	}
	return value{kind: report.Boolean}
}

func intOf(n Null[int32]) value {
	if !n.Valid {
		return value{}
	}
	return value{kind: report.Integer, n: int64(n.V)}
}

func timeOf(t Null[time.Time]) value {
	if !t.Valid {
		return value{}
	}
	return value{kind: report.TimestampTZ, n: t.V.UnixMicro(), zone: t.V.Location()}
}

func dateOf(d Null[report.Date]) value {
	if !d.Valid {
		return value{}
	}
	return value{kind: report.DateKind, n: int64(d.V)}
}

func idOf(id int64) value { return value{kind: report.BigInt, n: id} }

func decimalOf(m Money) value {
	return value{kind: report.Decimal, n: m.Amount, digits: uint8(m.Currency.Digits)}
}

// compare orders two values of one column that are not NULL.
func (v *value) compare(w *value) int {
	if v.kind == report.Varchar {
		return cmp.Compare(v.text, w.text)
	}
	return cmp.Compare(v.n, w.n)
}

// view is how the report shows values: its quirks and its days.
type view struct {
	quirks   Quirks
	today    report.Date // of filters and timeframes, in UTC
	ageToday report.Date // of ages and birthdays
}

func (w *view) append(dst []byte, v value) []byte {
	switch v.kind {
	case report.Boolean:
		return strconv.AppendBool(dst, v.n != 0)
	case report.Integer, report.BigInt:
		if w.quirks.IntegersAsText {
			return append(strconv.AppendInt(append(dst, '"'), v.n, 10), '"')
		}
		return strconv.AppendInt(dst, v.n, 10)
	case report.Varchar:
		return w.appendText(dst, v.text)
	case report.DateKind:
		year, month, day := report.Date(v.n).Time().Date()
		return append(appendDate(append(dst, '"'), year, month, day), '"')
	case report.TimestampTZ:
		return append(appendTime(append(dst, '"'), w.quirks.Rounding.round(time.UnixMicro(v.n).In(v.zone))), '"')
	case report.Decimal:
		if w.quirks.MoneyAsText {
			return append(appendDecimal(append(dst, '"'), v.n, int(v.digits)), '"')
		}
		return appendDecimal(dst, v.n, int(v.digits))
	}
	return append(dst, "null"...)
}

// appendText writes a JSON string. Most texts need no escapes.
func (w *view) appendText(dst []byte, s string) []byte {
	if w.quirks.EscapeUnicode {
		return appendEscaped(dst, s)
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x80 {
			dst, _ = jsontext.AppendQuote(dst, s) // invalid UTF-8 becomes U+FFFD
			return dst
		}
	}
	return append(append(append(dst, '"'), s...), '"')
}

// appendEscaped writes all but ASCII as \u escapes, as many servers do.
func appendEscaped(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, r := range s {
		if r >= ' ' && r < 0x7f && r != '"' && r != '\\' {
			dst = append(dst, byte(r))
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			dst = fmt.Appendf(dst, `\u%04x`, unit)
		}
	}
	return append(dst, '"')
}

// appendTime appends a time in its own zone, UTC as Z, with six digits if there is a
// fraction. It is a faster time.AppendFormat for these layouts.
func appendTime(dst []byte, t time.Time) []byte {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	dst = appendDate(dst, year, month, day)
	dst = append(appendPair(append(dst, 'T'), hour), ':')
	dst = appendPair(append(appendPair(dst, minute), ':'), second)
	if micro := t.Nanosecond() / 1000; micro != 0 {
		dst = appendPair(appendPair(appendPair(append(dst, '.'), micro/10_000), micro/100%100), micro%100)
	}
	if t.Location() == time.UTC {
		return append(dst, 'Z')
	}
	_, offset := t.Zone()
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	dst = appendPair(append(dst, sign), offset/3600)
	return appendPair(append(dst, ':'), offset/60%60)
}

func appendDate(dst []byte, year int, month time.Month, day int) []byte {
	dst = appendPair(appendPair(dst, year/100), year%100)
	return appendPair(append(appendPair(append(dst, '-'), int(month)), '-'), day)
}

func appendPair(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// appendDecimal appends ten-thousandths with at least digits digits after the point, and
// more if the amount has them.
func appendDecimal(dst []byte, n int64, digits int) []byte {
	if n < 0 {
		dst, n = append(dst, '-'), -n
	}
	dst = strconv.AppendInt(dst, n/10_000, 10)
	fraction := n % 10_000
	if fraction == 0 && digits == 0 {
		return dst
	}
	dst = append(dst, '.')
	for i, unit := 0, int64(1000); unit > 0 && (i < digits || fraction > 0); i, unit = i+1, unit/10 {
		dst = append(dst, byte('0'+fraction/unit))
		fraction %= unit
	}
	return dst
}
