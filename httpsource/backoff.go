package httpsource

import (
	"math/rand/v2"
	"time"
)

// backoff computes the waits between tries: each mean is twice the one before, up to
// longest. The zero value of next starts with first.
type backoff struct {
	first, longest time.Duration
	next           time.Duration // the mean of the next wait; 0 for first
}

// wait returns the next wait: between half and one and a half times its mean, at random,
// so that clients that fail together do not try again together.
func (b *backoff) wait() time.Duration {
	mean := b.next
	if mean == 0 {
		mean = b.first
	}
	if b.next = b.longest; mean < b.longest/2 {
		b.next = 2 * mean
	}
	return mean/2 + rand.N(mean+1)
}

// reset starts again with the first wait.
func (b *backoff) reset() { b.next = 0 }
