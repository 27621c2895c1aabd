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

// slot is a page in the window: in flight, or received and not used yet.
type slot[P Page[P]] struct {
	pager   *pager
	request pageRequest
	turn    uint64
	cancel  context.CancelFunc
	reads   int // responses decoded

	done  chan struct{} // closed when the page or its error is available
	shape page
	rows  P
	err   error

	arrived, dropped bool // guarded by the scanner's mu
}

// fill requests pages until the window is full or no more pages are expected.
func (s *Scanner[P]) fill() {
	s.mu.Lock()
	stuck, under := s.stuck, len(s.queue)
	lost := under == 0 || s.queue[0].pager != s.pagers[0]
	s.mu.Unlock()
	if lost {
		// The first pager has no page in flight and is not finished.
		s.launch(s.pagers[0], s.pagers[0].nextPage(), 0)
		s.planned = max(1, s.planned)
		under++
	}
	for window := s.useful(); !stuck && under < window; under++ {
		for s.planned == 0 || !s.pagers[s.planned-1].wants() {
			if s.planned == len(s.pagers) {
				return
			}
			s.planned++
		}
		c := s.pagers[s.planned-1]
		s.launch(c, c.nextPage(), -1)
	}
}

// useful returns the size of the window, but no more pages than Request.Rows needs.
func (s *Scanner[P]) useful() int {
	if s.req.Rows == 0 || len(s.pagers) == 0 {
		return s.window
	}
	left, stride := s.req.Rows-s.n.rows.Load(), int64(s.pagers[0].size-1)
	return min(s.window, int(max(1, (left+stride-1)/stride)))
}

// launch requests a page and puts it at the front (0) or the end (-1) of the queue.
func (s *Scanner[P]) launch(c *pager, a pageRequest, at int) {
	ctx, cancel := context.WithCancel(s.ctx)
	sl := &slot[P]{pager: c, request: a, cancel: cancel, done: make(chan struct{})}
	s.mu.Lock()
	if at < 0 {
		at = len(s.queue)
	} else if len(s.queue) > 0 {
		sl.turn = s.queue[0].turn // before the pages that follow it
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

// errGoexit is the error of a page if a callback has ended its goroutine, as t.FailNow of
// package testing does.
var errGoexit = errors.New("a function of the program has called runtime.Goexit")

// apart runs f, a function of the program, on a goroutine of its own. The caller may be on a
// thread of DuckDB, where runtime.Goexit would end the process.
func apart(f func() error) error {
	done := make(chan error, 1)
	go func() {
		err := errGoexit
		defer func() { done <- err }()
		err = f()
	}()
	return <-done
}

// arrive makes a slot available to Next, or releases its page if the slot was dropped.
func (s *Scanner[P]) arrive(sl *slot[P]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sl.arrived = true
	close(sl.done)
	if sl.dropped {
		if sl.err == nil {
			sl.rows.Release()
		}
		return
	}
	if sl.err != nil {
		// The scan will fail at this page. The pages before it are still delivered, the
		// pages after it are not.
		s.stuck = true
		for _, later := range s.queue[slices.Index(s.queue, sl)+1:] {
			later.cancel()
		}
	}
}

// pop removes the first slot from the queue.
func (s *Scanner[P]) pop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = s.queue[1:]
}

// drop removes the slots of a pager from the queue, or all slots if c is nil.
func (s *Scanner[P]) drop(c *pager) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = slices.DeleteFunc(s.queue, func(sl *slot[P]) bool {
		if c != nil && sl.pager != c {
			return false
		}
		sl.dropped = true
		sl.cancel()
		if sl.arrived && sl.err == nil {
			sl.rows.Release()
		}
		return true
	})
}

// maxReads is how many times a page is requested if it decodes but has wrong rows.
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
	sl.shape = page{pageRequest: sl.request, ids: rows.IDs(), total: -1}
	if total, known := rows.Total(); known {
		sl.shape.total = total
	}
	last := sl.reads >= min(maxReads, s.client.cfg.Retry.Tries)
	if err := sl.shape.check(sl.pager, last); err != nil {
		rows.Release()
		return 0, &answerError{err}
	}
	sl.rows = rows
	return len(sl.shape.ids), nil
}

// check returns an error if the page has rows that were not requested or are not in order.
// Unless it is the last try, the error is one that causes another.
func (p *page) check(c *pager, last bool) error {
	if p.purpose != forLast { // see learnLast
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
			err := inconsistent("a response contains %s %d, which was not requested", c.of.Row, p.ids[i])
			if c.ids != nil {
				return &ignoresIDs{err}
			}
			return err
		}
		return &badShape{fmt.Sprintf("%s %d was not requested", c.of.Row, p.ids[i])}
	}
	if p.order != ascending && !last {
		return &badShape{"the rows are not in the order of ids, or occur twice"}
	}
	return nil
}

// slotError returns the error of a slot, with the name of its page.
func (s *Scanner[P]) slotError(sl *slot[P]) error {
	if s.ctx.Err() != nil {
		return stopped(s.ctx)
	}
	return s.wrap(sl.request, sl.err)
}

func (s *Scanner[P]) wrap(a pageRequest, err error) error {
	return s.client.wrap(s.common.Report, s.req.ProviderID, a, err)
}

// wrap adds the report, the business and the page to an error.
func (c *Client) wrap(of *report.Report, business int64, a pageRequest, err error) error {
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

// of names the page in errors and logs.
func (a pageRequest) of(r *report.Report) string {
	switch {
	case a.reason == ReasonKeys:
		return r.Name + " by id"
	case a.after > 0:
		return fmt.Sprintf("page at offset %d after %s %d", a.offset, r.Row, a.after)
	}
	return fmt.Sprintf("page at offset %d", a.offset)
}

// within returns a context that ends after the time limit of a scan or by the function that
// it returns. A limit of 0 or less is none.
func within(ctx context.Context, limit time.Duration) (context.Context, context.CancelCauseFunc) {
	if limit <= 0 {
		return context.WithCancelCause(ctx)
	}
	slow := fmt.Errorf("it took longer than its limit of %v: %w", limit, context.DeadlineExceeded)
	timed, stop := context.WithTimeoutCause(ctx, limit, slow)
	inner, cancel := context.WithCancelCause(timed)
	return inner, func(cause error) { cancel(cause); stop() }
}
