package report

import (
	"fmt"
	"time"
)

// Date is a calendar date: days since 1970-01-01, as DuckDB and Arrow count them.
type Date int32

const dateLayout = "2006-01-02"

// DateOf returns the date that t shows in its own time zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDate reads YYYY-MM-DD, years 0001 to 9999.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(dateLayout, s)
	if err != nil || t.Year() < 1 {
		return 0, fmt.Errorf("report: date %q is not of the form YYYY-MM-DD", shorten(s))
	}
	return DateOf(t), nil
}

// Time is midnight UTC of the date.
func (d Date) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// String is the date as YYYY-MM-DD.
func (d Date) String() string { return d.Time().Format(dateLayout) }

func yearInRange(t time.Time) bool { return t.Year() >= 1 && t.Year() <= 9999 }

func shorten(s string) string {
	const most = 40
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most]) + "…"
}
