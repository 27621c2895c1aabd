package httpsource

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter is where a wait that an answer asks for is cut; nobody waits so long.
const maxRetryAfter = 24 * time.Hour

// parseRetryAfter reads the header Retry-After (RFC 9110, 10.2.3): seconds or a
// date. It is between 0 and a day; 0 also for what cannot be read.
func parseRetryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		// Written so that NaN gives 0. Fractions are not in the RFC, but are seen.
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
