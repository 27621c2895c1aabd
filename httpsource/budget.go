package httpsource

import "time"

// budget is a number of requests for any minute. A token bucket would not do: to
// let a burst use up the whole minute it must hold as much, and then a minute can
// see twice of it. So the times of the last requests are kept, and the next may go
// a minute after the oldest of them. The zero value allows everything.
type budget struct {
	sent []time.Time // a ring, as long as the budget; zero times are free
	next int         // the oldest
}

// restrict lowers the budget to rate; 0 is no limit.
func (b *budget) restrict(rate int) {
	if rate <= 0 || len(b.sent) > 0 && len(b.sent) <= rate {
		return
	}
	last := append(append([]time.Time(nil), b.sent[b.next:]...), b.sent[:b.next]...)
	b.sent, b.next = make([]time.Time, rate), 0
	if len(last) > 0 {
		copy(b.sent, last[len(last)-rate:])
	}
}

// free is when the next request may go; the zero time for at once.
func (b *budget) free() time.Time {
	if len(b.sent) == 0 || b.sent[b.next].IsZero() {
		return time.Time{}
	}
	return b.sent[b.next].Add(time.Minute)
}

func (b *budget) spend(now time.Time) {
	if len(b.sent) > 0 {
		b.sent[b.next] = now
		b.next = (b.next + 1) % len(b.sent)
	}
}
