package httpsource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// slot is a page in the window: asked for, on its way, or waiting to be used.
type slot[P Page[P]] struct {
	course *course
	ask    ask
	turn   uint64
	cancel context.CancelFunc
	reads  int // answers decoded

	done  chan struct{} // closed when the page or its error is there
	shape page
	rows  P
	err   error

	came, dropped bool // guarded by the scanner's mu
}

// fill asks for pages until the window is full or nothing more is known to follow.
func (s *Scanner[P]) fill() {
	s.mu.Lock()
	stuck, under := s.stuck, len(s.queue)
	lost := under == 0 || s.queue[0].course != s.courses[0]
	s.mu.Unlock()
	if lost {
		// Nothing of the first course is under way, and it is not at its end.
		s.launch(s.courses[0], s.courses[0].nextPage(), 0)
		s.planned = max(1, s.planned)
		under++
	}
	for window := s.useful(); !stuck && under < window; under++ {
		for s.planned == 0 || !s.courses[s.planned-1].wants() {
			if s.planned == len(s.courses) {
				return
			}
			s.planned++
		}
		c := s.courses[s.planned-1]
		s.launch(c, c.nextPage(), -1)
	}
}

// useful is the window, as far as its pages may still be needed.
func (s *Scanner[P]) useful() int {
	if s.req.Rows == 0 || len(s.courses) == 0 {
		return s.window
	}
	left, stride := s.req.Rows-s.n.rows.Load(), int64(s.courses[0].size-1)
	return min(s.window, int(max(1, (left+stride-1)/stride)))
}

// launch asks for a page and puts it into the queue, at its front (0) or end (-1).
func (s *Scanner[P]) launch(c *course, a ask, at int) {
	ctx, cancel := context.WithCancel(s.ctx)
	sl := &slot[P]{course: c, ask: a, cancel: cancel, done: make(chan struct{})}
	s.mu.Lock()
	if at < 0 {
		at = len(s.queue)
	} else if len(s.queue) > 0 {
		sl.turn = s.queue[0].turn // ahead of what waits behind it
	}
	w := s.client.gate.join(ctx, sl.turn)
	sl.turn = w.turn
	s.queue = slices.Insert(s.queue, at, sl)
	s.mu.Unlock()
	s.wg.Go(func() {
		defer cancel()
		defer s.arrive(sl)
		sl.err = errGoexit // which runs deferred functions only
		sl.err = s.client.tokens.guard("", func() error {
			return s.client.fetch(ctx, &call{
				query: a.query(s.common, c), provider: s.req.ProviderID, reason: a.reason, observer: s.req.Observer,
				counters: &s.n, waiter: w, use: func(body []byte) (int, error) { return s.read(sl, body) },
				discard: func() { sl.rows.Release() },
			})
		})
	})
}

// errGoexit is the error of a page whose goroutine a callback has ended, as t.FailNow of
// package testing does.
var errGoexit = errors.New("a function of the program has called runtime.Goexit")

// arrive hands a slot over to Next, or away if nobody wants it any more.
func (s *Scanner[P]) arrive(sl *slot[P]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sl.came = true
	close(sl.done)
	if sl.dropped {
		if sl.err == nil {
			sl.rows.Release()
		}
		return
	}
	if sl.err != nil {
		// The scan will fail here. The pages before it may still come; those behind it
		// are of no use.
		s.stuck = true
		for _, later := range s.queue[slices.Index(s.queue, sl)+1:] {
			later.cancel()
		}
	}
}

// pop takes the first slot out of the queue.
func (s *Scanner[P]) pop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = s.queue[1:]
}

// drop takes all slots of a course out of the queue, or all there are.
func (s *Scanner[P]) drop(c *course) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = slices.DeleteFunc(s.queue, func(sl *slot[P]) bool {
		if c != nil && sl.course != c {
			return false
		}
		sl.dropped = true
		sl.cancel()
		if sl.came && sl.err == nil {
			sl.rows.Release()
		}
		return true
	})
}

// maxReads is how often a page is read that decodes well but cannot be right.
const maxReads = 3

const decodeName = "the decode function or a method of its page"

// decoded decodes a body. An error is an answerError.
func decoded[P Page[P]](c *Client, decode func([]byte) (P, error), body []byte) (rows P, err error) {
	err = c.tokens.guard(decodeName, func() error {
		if rows, err = decode(body); err != nil {
			return &answerError{c.tokens.discreet(err)}
		}
		return nil
	})
	return rows, err
}

// read decodes a body in the goroutine that fetched it.
func (s *Scanner[P]) read(sl *slot[P], body []byte) (n int, err error) {
	err = s.client.tokens.guard(decodeName, func() error {
		n, err = s.take(sl, body)
		return err
	})
	return n, err
}

func (s *Scanner[P]) take(sl *slot[P], body []byte) (int, error) {
	rows, err := decoded(s.client, s.decode, body)
	if err != nil {
		return 0, err
	}
	sl.reads++
	sl.shape = page{ask: sl.ask, ids: rows.IDs(), total: -1}
	if total, known := rows.Total(); known {
		sl.shape.total = total
	}
	last := sl.reads >= min(maxReads, s.client.cfg.Retry.Tries)
	if err := sl.shape.check(sl.course, last); err != nil {
		rows.Release()
		return 0, &answerError{err}
	}
	sl.rows = rows
	return len(sl.shape.ids), nil
}

// check notices rows that a report in order cannot give. Where a further read
// may show that it was a slip, it asks for one.
func (p *page) check(c *course, last bool) error {
	if p.about != aboutLast { // whose rows are judged by what they show
		p.order = orderOf(p.ids)
	}
	strange := func(id int64) bool {
		if c.ids == nil {
			return id < 1
		}
		_, asked := slices.BinarySearch(c.ids, id)
		return !asked
	}
	if i := slices.IndexFunc(p.ids, strange); i >= 0 {
		if last {
			err := inconsistent("it answers with %s %d, which was not asked for", c.of.Row, p.ids[i])
			if c.ids != nil {
				return &ignoresIDs{err}
			}
			return err
		}
		return &badShape{fmt.Sprintf("%s %d was not asked for", c.of.Row, p.ids[i])}
	}
	if p.order != ascending && !last {
		return &badShape{"the rows are not in the order of ids, or repeat"}
	}
	return nil
}

// where is the error of a slot, with its place.
func (s *Scanner[P]) where(sl *slot[P]) error {
	if s.ctx.Err() != nil {
		return stopped(s.ctx)
	}
	return s.wrap(sl.ask, sl.err)
}

func (s *Scanner[P]) wrap(a ask, err error) error {
	return s.client.wrap(s.common.Report, s.req.ProviderID, a, err)
}

// wrap names the report, the business and the page in an error.
func (c *Client) wrap(of *report.Report, business int64, a ask, err error) error {
	orElse(&business, c.cfg.ProviderID)
	who := ""
	if business != 0 {
		who = fmt.Sprintf(" of business %d", business)
	}
	err = fmt.Errorf("%s report%s, %s: %w", of.Name, who, a.of(of), err)
	if errors.Is(err, io.EOF) {
		return &broken{err}
	}
	return err
}

// of is the page's place in a report, for errors and logs.
func (a ask) of(r *report.Report) string {
	switch {
	case a.reason == ReasonKeys:
		return r.Name + " by id"
	case a.after > 0:
		return fmt.Sprintf("page at offset %d after %s %d", a.offset, r.Row, a.after)
	}
	return fmt.Sprintf("page at offset %d", a.offset)
}

// within is a context that a scan can cancel and that its time limit ends; 0 or
// less is no limit.
func within(ctx context.Context, limit time.Duration) (context.Context, context.CancelCauseFunc) {
	if limit <= 0 {
		return context.WithCancelCause(ctx)
	}
	slow := fmt.Errorf("it took longer than its limit of %v: %w", limit, context.DeadlineExceeded)
	timed, stop := context.WithTimeoutCause(ctx, limit, slow)
	inner, cancel := context.WithCancelCause(timed)
	return inner, func(cause error) { cancel(cause); stop() }
}
