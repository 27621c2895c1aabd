package teamuptest

import (
	"regexp"
	"strconv"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

var lastDays = regexp.MustCompile(`^last_([1-9][0-9]{0,4})_days$`)

const timeframes = "today, yesterday, last_N_days, this_month, last_month, this_year or last_year"

// timeframe parses a value of a parameter such as created_at_timeframe. TeamUp does not
// document its syntax, so this one is invented: complete days in UTC, both ends inclusive.
func timeframe(parameter, s string, today report.Date) (from, to time.Time, err error) {
	now := today.Time()
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	year := time.Date(now.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	tomorrow := now.AddDate(0, 0, 1)
	switch s {
	case "today":
		from, to = now, tomorrow
	case "yesterday":
		from, to = now.AddDate(0, 0, -1), now
	case "this_month":
		from, to = month, tomorrow
	case "last_month":
		from, to = month.AddDate(0, -1, 0), month
	case "this_year":
		from, to = year, tomorrow
	case "last_year":
		from, to = year.AddDate(-1, 0, 0), year
	default:
		m := lastDays.FindStringSubmatch(s)
		if m == nil {
			return from, to, &report.ParameterError{Parameter: parameter, Value: strconv.Quote(s), Want: timeframes}
		}
		n, _ := strconv.Atoi(m[1]) // at most five digits
		from, to = now.AddDate(0, 0, -n), tomorrow
	}
	return from, to.Add(-time.Microsecond), nil
}
