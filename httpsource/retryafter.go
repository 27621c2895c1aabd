package httpsource

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter is the longest wait that parseRetryAfter returns.
const maxRetryAfter = 24 * time.Hour

// parseRetryAfter returns the wait in a Retry-After header (RFC 9110, 10.2.3), which
// contains seconds or a date. It returns at most maxRetryAfter, and 0 for invalid values.
func parseRetryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		// NaN fails both comparisons. Some servers send fractions, although the RFC has none.
		if seconds >= maxRetryAfter.Seconds() {
			return maxRetryAfter
		}
		if seconds > 0 {
			return time.Duration(seconds * float64(time.Second))
		}
		return 0
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
