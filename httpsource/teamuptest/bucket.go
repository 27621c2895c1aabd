package teamuptest

import (
	"sync"
	"time"
)

// bucket is a token bucket for WithRate. It replaces golang.org/x/time/rate, of which the
// server needs only Allow: a module less for every program that imports this one.
type bucket struct {
	perSecond, burst float64

	mu     sync.Mutex
	tokens float64
	last   time.Time // when tokens was computed
}

func newBucket(perSecond float64, burst int) *bucket {
	return &bucket{perSecond: perSecond, burst: float64(max(burst, 1)), tokens: float64(max(burst, 1)), last: time.Now()}
}

// allow takes a token if there is one, and reports whether there was.
func (b *bucket) allow() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.tokens = min(b.burst, b.tokens+now.Sub(b.last).Seconds()*b.perSecond)
	b.last = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
