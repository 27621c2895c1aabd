package httpsource

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// A governor decides when a request may go out. One is shared by all clients of
// the same caller, because TeamUp counts requests by caller.
//
// Three things hold a request back: the budget of requests a minute, a pause
// after a 429, and the number of requests in flight. That number is halved by a
// 429 and then grows by one every growEvery: slowly, since each step too far costs
// a pause. A 429 that comes after such steps takes back the last one only.
type governor struct {
	mu       sync.Mutex
	gates    []*gate   // of the open clients
	waiters  []*waiter // by their turn
	turns    uint64
	inFlight int
	ceiling  int // the largest concurrency among the open clients
	limit    int // requests in flight allowed at the time of since
	since    time.Time
	epoch    int // counts the halvings

	budget      budget
	pausedUntil time.Time
	pauses      backoff     // lengths of the pauses after a 429 without Retry-After
	timer       *time.Timer // the end of what holds the first waiter back

	heldSince time.Time     // zero: nobody is held back by budget or pause
	heldTotal time.Duration // the clock of held time, which runs while somebody is
}

// growEvery is the time without a 429 after which one more request may be in flight.
const growEvery = 10 * time.Second

// gate is a client's own door to the governor it shares.
type gate struct {
	governor *governor
	limit    int // requests of this client in flight
	rate     int // requests in any minute; 0: no limit
	inFlight int // guarded by the governor's mu
	log      *slog.Logger
}

// waiter is a request that wants to go out.
type waiter struct {
	ctx      context.Context // of the request, for the log
	gate     *gate
	turn     uint64        // a retry keeps the turn of its first try
	ready    chan struct{} // closed when it may go
	granted  bool
	from, to time.Duration // on the clock of held time: when it came and when it went
	epoch    int
}

func newGovernor() *governor {
	// TeamUp counts requests per minute.
	return &governor{pauses: backoff{first: 500 * time.Millisecond, longest: time.Minute}}
}

// gate admits a client.
func (g *governor) gate(concurrency, rate int, log *slog.Logger) *gate {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := &gate{governor: g, limit: concurrency, rate: rate, log: log}
	g.gates = append(g.gates, t)
	g.agree()
	return t
}

// close ends the part of a client in the limits. It may be called again.
func (t *gate) close() {
	g := t.governor
	g.mu.Lock()
	defer g.mu.Unlock()
	if at := slices.Index(g.gates, t); at >= 0 {
		g.gates = slices.Delete(g.gates, at, at+1)
		g.agree()
		g.admit(time.Now())
	}
}

// agree sets the limits that hold for all open clients: the largest concurrency and
// the lowest rate among them. The last client's stay until another one comes.
func (g *governor) agree() {
	if len(g.gates) == 0 {
		return
	}
	ceiling, rate := 0, 0
	for _, t := range g.gates {
		ceiling = max(ceiling, t.limit)
		if t.rate > 0 && (rate == 0 || t.rate < rate) {
			rate = t.rate
		}
	}
	g.limit = min(ceiling, g.limit+max(0, ceiling-g.ceiling))
	g.ceiling = ceiling
	g.budget.limit(rate)
}

// ratePerMinute is the budget in force; 0 is no limit.
func (t *gate) ratePerMinute() int {
	t.governor.mu.Lock()
	defer t.governor.mu.Unlock()
	return t.governor.budget.rate
}

// join takes a turn, the next one where it is 0. It does not block; wait does.
// Turns are taken in the order of pages, so that requests go out in it.
func (t *gate) join(ctx context.Context, turn uint64) *waiter {
	g := t.governor
	g.mu.Lock()
	defer g.mu.Unlock()
	if turn == 0 {
		g.turns++
		turn = g.turns
	}
	w := &waiter{ctx: ctx, gate: t, turn: turn, ready: make(chan struct{}), from: g.heldClock(time.Now())}
	at, _ := slices.BinarySearchFunc(g.waiters, turn, func(w *waiter, turn uint64) int {
		if w.turn < turn {
			return -1
		}
		return 1
	})
	g.waiters = slices.Insert(g.waiters, at, w)
	g.admit(time.Now())
	return w
}

// wait blocks until the request may go out; leave must be called when it is done.
// On an error the turn is given up.
func (w *waiter) wait(ctx context.Context) error {
	select {
	case <-w.ready:
		if ctx.Err() == nil {
			return nil
		}
	case <-ctx.Done():
	}
	w.leave(leftUnused, 0)
	return stopped(ctx)
}

// outcome is what a request tells about the limits of the server.
type outcome int

const (
	leftUnused outcome = iota // nothing was sent, or nothing came back
	leftAnswered
	leftThrottled // 429
)

// leave gives the turn back. asked is the wait that a 429 asked for, 0 for none.
func (w *waiter) leave(how outcome, asked time.Duration) {
	g := w.gate.governor
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if w.granted {
		g.inFlight--
		w.gate.inFlight--
		w.granted = false
	} else if at := slices.Index(g.waiters, w); at >= 0 {
		g.waiters = slices.Delete(g.waiters, at, at+1)
	}
	switch how {
	case leftAnswered:
		if w.epoch == g.epoch {
			g.pauses.reset()
		}
	case leftThrottled:
		g.throttle(w, asked, now)
	}
	g.admit(now)
}

// throttle pauses everything and lowers what may be in flight, once for all the
// requests that were under way together.
func (g *governor) throttle(w *waiter, asked time.Duration, now time.Time) {
	if w.epoch == g.epoch {
		if allowed := g.allowed(now); allowed > g.limit {
			g.limit = allowed - 1
		} else {
			g.limit = max(1, allowed/2)
		}
		g.since = now
		g.epoch++
		if asked == 0 {
			asked = g.pauses.wait()
		}
	}
	if until := now.Add(asked); until.After(g.pausedUntil) {
		g.pausedUntil = until
		w.gate.log.WarnContext(w.ctx, "rate limit: pausing", "pause", asked, "in_flight_limit", g.limit)
	}
}

// allowed is how many requests may be in flight.
func (g *governor) allowed(now time.Time) int {
	if g.limit >= g.ceiling {
		return g.limit
	}
	return min(g.ceiling, g.limit+int(now.Sub(g.since)/growEvery))
}

// admit starts every waiting request that the limits allow. It must be called after each
// change to the governor's state.
func (g *governor) admit(now time.Time) {
	allowed := g.allowed(now)
	for i := 0; i < len(g.waiters) && g.inFlight < allowed; {
		w := g.waiters[i]
		if w.gate.inFlight >= w.gate.limit {
			i++
			continue
		}
		free := g.budget.free()
		if g.pausedUntil.After(free) {
			free = g.pausedUntil
		}
		if free.After(now) {
			g.hold(now, free)
			return
		}
		g.release(now)
		g.budget.spend(now)
		g.waiters = slices.Delete(g.waiters, i, i+1)
		g.inFlight++
		w.gate.inFlight++
		w.granted, w.epoch, w.to = true, g.epoch, g.heldClock(now)
		close(w.ready)
	}
	g.release(now)
}

// hold starts the clock of held time and sees to it that admit runs again.
func (g *governor) hold(now, until time.Time) {
	if g.heldSince.IsZero() {
		g.heldSince = now
		if wait := until.Sub(now); wait >= time.Second {
			g.waiters[0].gate.log.InfoContext(g.waiters[0].ctx, "rate limit: waiting", "wait", wait, "requests", len(g.waiters))
		}
	}
	if g.timer != nil {
		g.timer.Stop()
	}
	g.timer = time.AfterFunc(until.Sub(now), func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.admit(time.Now())
	})
}

// release stops the clock of held time.
func (g *governor) release(now time.Time) {
	if !g.heldSince.IsZero() {
		g.heldTotal += now.Sub(g.heldSince)
		g.heldSince = time.Time{}
	}
	if g.timer != nil {
		g.timer.Stop()
		g.timer = nil
	}
}

func (g *governor) heldClock(now time.Time) time.Duration {
	if g.heldSince.IsZero() {
		return g.heldTotal
	}
	return g.heldTotal + now.Sub(g.heldSince)
}

// holding says whether requests are being held back, and the clock of held time.
func (t *gate) holding() (bool, time.Duration) {
	g := t.governor
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.heldSince.IsZero(), g.heldClock(time.Now())
}
