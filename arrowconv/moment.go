package arrowconv

// A moment is a date and time as written: days since 1970-01-01 and microseconds
// since midnight, both before the offset, in seconds, is taken off.
type moment struct {
	days, micros, offset int64
}

const (
	microsPerSecond = 1_000_000
	microsPerDay    = 86_400 * microsPerSecond
)

// utc is the moment in microseconds since 1970-01-01 UTC.
func (m moment) utc() int64 {
	return m.days*microsPerDay + m.micros - m.offset*microsPerSecond
}

// parseMoment reads a date, or a date and time as RFC 3339 and ISO 8601 have
// them: the T may be a space, seconds and offset may be missing. Digits after the
// sixth of a second's fraction are cut off.
func parseMoment(b []byte) (m moment, ok bool) {
	if m.days, ok = parseDate(b); !ok || len(b) == 10 {
		return m, ok
	}
	if b[10]|0x20 != 't' && b[10] != ' ' {
		return m, false
	}
	rest := b[11:]
	seconds, rest, ok := parseClock(rest)
	if !ok {
		return m, false
	}
	m.micros = seconds * microsPerSecond
	if len(rest) > 0 && rest[0] == '.' {
		end, ok := digitsEnd(rest, 1)
		if !ok {
			return m, false
		}
		for i, unit := 1, int64(100_000); i < end && unit > 0; i, unit = i+1, unit/10 {
			m.micros += int64(rest[i]-'0') * unit
		}
		rest = rest[end:]
	}
	m.offset, ok = parseOffset(rest)
	return m, ok
}

// parseDate reads YYYY-MM-DD at the start of b, years 0001 to 9999.
func parseDate(b []byte) (days int64, ok bool) {
	if len(b) < 10 || b[4] != '-' || b[7] != '-' {
		return 0, false
	}
	century, ok1 := pair(b)
	year, ok2 := pair(b[2:])
	month, ok3 := pair(b[5:])
	day, ok4 := pair(b[8:])
	year += century * 100
	if !ok1 || !ok2 || !ok3 || !ok4 || year < 1 || month < 1 || month > 12 || day < 1 || day > monthDays(year, month) {
		return 0, false
	}
	// Count from March, so that the leap day is a year's last: a month's days
	// then follow 153 for every five.
	if month < 3 {
		month += 12
		year--
	}
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1 - 719_468, true
}

func monthDays(year, month int64) int64 {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// parseClock reads HH:MM or HH:MM:SS, 00:00:00 to 23:59:59.
func parseClock(b []byte) (seconds int64, rest []byte, ok bool) {
	if len(b) < 5 || b[2] != ':' {
		return 0, nil, false
	}
	hour, ok1 := pair(b)
	minute, ok2 := pair(b[3:])
	if !ok1 || !ok2 || hour > 23 || minute > 59 {
		return 0, nil, false
	}
	seconds, rest = hour*3600+minute*60, b[5:]
	if len(rest) < 3 || rest[0] != ':' {
		return seconds, rest, true
	}
	second, ok := pair(rest[1:])
	return seconds + second, rest[3:], ok && second <= 59
}

// parseOffset reads nothing, Z, ±HH, ±HHMM or ±HH:MM, in seconds.
func parseOffset(b []byte) (seconds int64, ok bool) {
	if len(b) == 0 || len(b) == 1 && b[0]|0x20 == 'z' {
		return 0, true
	}
	if len(b) < 3 || b[0] != '+' && b[0] != '-' {
		return 0, false
	}
	hours, ok := pair(b[1:])
	minutes := int64(0)
	if rest := b[3:]; ok && len(rest) > 0 {
		if rest[0] == ':' {
			rest = rest[1:]
		}
		if len(rest) != 2 {
			return 0, false
		}
		minutes, ok = pair(rest)
	}
	seconds = hours*3600 + minutes*60
	if b[0] == '-' {
		seconds = -seconds
	}
	return seconds, ok && hours <= 23 && minutes <= 59
}

// pair reads two digits; b may be shorter.
func pair(b []byte) (int64, bool) {
	if len(b) < 2 || b[0]-'0' > 9 || b[1]-'0' > 9 {
		return 0, false
	}
	return int64(b[0]-'0')*10 + int64(b[1]-'0'), true
}
