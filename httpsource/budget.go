package httpsource

import "time"

// budget is a number of requests for any minute. A token bucket would not do: to
// let a burst use up the whole minute it must hold as much, and then a minute can
// see twice of it. So the times of the last requests are kept, and the next may go
// a minute after the last but so many of them. The zero value allows everything.
type budget struct {
	rate int         // 0: no limit
	sent []time.Time // a ring of at least rate; zero times are free
	next int         // the oldest
}

// remembered is how many requests a budget remembers at least, so that those sent
// before a limit came count in it: as many as TeamUp allows in a minute.
const remembered = 250

// limit sets the rate; 0 is no limit.
func (b *budget) limit(rate int) {
	b.rate = rate
	if size := max(rate, remembered); size > len(b.sent) {
		last := append(append([]time.Time(nil), b.sent[b.next:]...), b.sent[:b.next]...)
		b.sent, b.next = append(make([]time.Time, size-len(last)), last...), 0
	}
}

// free is when the next request may go; the zero time for at once.
func (b *budget) free() time.Time {
	if b.rate == 0 {
		return time.Time{}
	}
	size := len(b.sent)
	last := b.sent[(b.next+size-b.rate)%size]
	if last.IsZero() {
		return last
	}
	return last.Add(time.Minute)
}

func (b *budget) spend(now time.Time) {
	if len(b.sent) > 0 {
		b.sent[b.next] = now
		b.next = (b.next + 1) % len(b.sent)
	}
}
