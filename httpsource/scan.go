package httpsource

import (
	"cmp"
	"context"
	"errors"
	"io"
	"iter"
	"sync"

	"github.com/teamupsql/teamupsql/report"
)

// Page is a decoded page of the report. A scan calls its methods from one goroutine at a
// time.
type Page[P any] interface {
	// Total returns the total of the response; known is false if it is null or absent.
	Total() (total int64, known bool)
	// IDs returns the keys of the rows in their order.
	IDs() []int64
	// Slice returns the rows [from, to) as a page that must be released separately. The
	// receiver stays valid.
	Slice(from, to int) P
	// Release releases the memory of the page. It is called once.
	Release()
}

// Scanner reads the pages of one request. Next must be called by one goroutine at a time;
// Stats and Close may be called by others at the same time.
type Scanner[P Page[P]] struct {
	client *Client
	req    Request
	common report.Query
	decode func(body []byte) (P, error)
	ctx    context.Context
	cancel context.CancelCauseFunc
	n      counters
	wg     sync.WaitGroup
	// unwatch calls the function that Config.Watch returned, once. It returns the same error
	// each time.
	unwatch func() error

	next    sync.Mutex // locked by Next and Close
	pagers  []*pager   // not finished yet; the first is being delivered
	planned int        // how many of these have requested pages
	window  int        // the most pages in flight or waiting for delivery
	careful bool       // the window grows slowly, because the report has changed during the scan
	ready   []P        // to be delivered
	err     error      // io.EOF, or why the scan failed; nil while it runs

	mu    sync.Mutex // guards queue, stuck, and arrived and dropped of the slots
	queue []*slot[P] // pages requested and not used, in the order of rows
	stuck bool       // a page has failed: no more requests
}

var errClosed = errors.New("the scanner has been closed")

// Scan starts a scan. It sends no request before the first Next. If req is invalid, Next
// returns the error. The scan ends when ctx does. The caller must close it.
//
// decode decodes a body into a page. It is called by several goroutines and must not keep
// the body. If decode returns an error whose Malformed() bool method returns true, the scan
// treats the body as damaged in transit and requests the page again. Any other error ends
// the scan. A panic ends it with a [*PanicError].
func Scan[P Page[P]](ctx context.Context, c *Client, req Request, decode func(body []byte) (P, error)) *Scanner[P] {
	s := &Scanner[P]{client: c, req: req, decode: decode, window: 1, unwatch: func() error { return nil }}
	s.n.rowsTotal.Store(-1)
	s.n.pagesTotal.Store(-1)
	s.ctx, s.cancel = within(ctx, c.cfg.ScanTimeout)
	s.common, s.err = req.prepare()
	switch {
	case s.err != nil:
	case decode == nil:
		s.err = errors.New("httpsource: Scan needs a decode function")
	case req.Query.Nothing():
		s.err = io.EOF
	case c.tokens.missing():
		s.err = &noTokenError{c.cfg.Words}
	default:
		s.pagers = pagers(s.common, c.pageSize(req))
		if keysOf(req.Query) == nil {
			s.pagers[0].keyset = req.Rows > int64(c.cfg.PageSize)
		} else {
			s.n.pagesTotal.Store(int64(len(s.pagers)))
			if req.WholeScan {
				s.window = s.maxWindow()
			}
		}
	}
	if c.cfg.Watch != nil {
		s.watch(ctx, c.cfg.Watch)
	}
	return s
}

// watch calls Config.Watch. A panic ends the scan.
func (s *Scanner[P]) watch(ctx context.Context, begin func(ctx context.Context, stats func() Stats) (done func())) {
	const name = "Config.Watch"
	tokens := s.client.tokens
	var done func()
	if err := apart(func() error {
		return tokens.guard(name, func() error { done = begin(ctx, s.Stats); return nil })
	}); err != nil {
		s.err = err
	}
	if done != nil {
		s.unwatch = sync.OnceValue(func() error {
			return apart(func() error {
				return tokens.guard("the function that "+name+" returned", func() error { done(); return nil })
			})
		})
	}
}

// maxWindow returns twice the number of requests that may be in flight. The other pages can
// wait for the page before them, so that a slow response does not delay more requests.
func (s *Scanner[P]) maxWindow() int { return 2 * s.client.cfg.Concurrency }

// Next returns the next rows, which the caller must release, and io.EOF after the last
// rows. No other error is or wraps io.EOF. Each row is returned once, in the order of
// ids. If the report does not sort, the order is undefined and the log has a warning. If
// ctx ends, Next returns and the scan can continue. Any other error ends the scan.
func (s *Scanner[P]) Next(ctx context.Context) (page P, err error) {
	s.next.Lock()
	defer s.next.Unlock()
	err = s.client.tokens.guard(decodeName, func() error {
		page, err = s.deliver(ctx)
		return err
	})
	if p, ok := err.(*PanicError); ok && s.err == nil {
		s.err = p
		s.cancel(errClosed)
	}
	return page, err
}

// deliver is Next. s.next must be locked.
func (s *Scanner[P]) deliver(ctx context.Context) (P, error) {
	var none P
	for {
		if len(s.ready) > 0 {
			p := s.ready[0]
			s.ready = s.ready[1:]
			s.n.rows.Add(int64(len(p.IDs())))
			return p, nil
		}
		if s.err == nil && s.req.Rows > 0 && s.n.rows.Load() >= s.req.Rows {
			s.end(io.EOF)
		}
		if s.err != nil {
			return none, s.err
		}
		s.fill()
		head := s.queue[0]
		select {
		case <-head.done:
			s.use(head)
			if err := s.client.logFailure(); err != nil {
				s.end(err)
			}
		case <-s.ctx.Done():
			s.end(stopped(s.ctx))
		case <-ctx.Done():
			return none, stopped(ctx)
		}
		if s.err == nil && s.req.WholeScan {
			s.fill()
		}
	}
}

// All iterates over the pages that Next returns, until the end, an error, which it yields
// last, or a break. Then it closes the scan. The caller must release the pages.
func (s *Scanner[P]) All(ctx context.Context) iter.Seq2[P, error] {
	return func(yield func(P, error) bool) {
		defer s.Close()
		for {
			p, err := s.Next(ctx)
			if err == io.EOF || !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// ReadOn removes the limit Request.Rows, so that the scan continues to the end of the
// report, with full pages. Use it if the report did not apply a filter, so that some of
// the rows that Next returned do not count.
func (s *Scanner[P]) ReadOn() {
	s.next.Lock()
	defer s.next.Unlock()
	s.readOn()
}

// readOn is ReadOn. s.next must be locked.
func (s *Scanner[P]) readOn() {
	if s.req.Rows == 0 || s.err != nil {
		return
	}
	s.req.Rows = 0
	s.drop(nil)
	s.planned = 0
	for _, c := range s.pagers {
		c.limit, c.size, c.short, c.offsetsUnsure = s.client.cfg.PageSize, s.client.cfg.PageSize, 0, c.begun
	}
}

// Stats returns the current state of the scan.
func (s *Scanner[P]) Stats() Stats {
	stats := s.n.snapshot()
	stats.Waiting, _ = s.client.gate.holding()
	return stats
}

// Close ends the scan, waits for its goroutines and releases the pages that were not
// delivered. It may be called again. Its error is a [*PanicError].
func (s *Scanner[P]) Close() error {
	s.cancel(errClosed)
	s.next.Lock()
	defer s.next.Unlock()
	if s.err == nil {
		s.err = stopped(s.ctx)
	}
	err := s.client.tokens.guard(decodeName, func() error {
		s.drop(nil)
		for _, p := range s.ready {
			p.Release()
		}
		return nil
	})
	s.ready = nil
	s.wg.Wait()
	return cmp.Or(err, s.unwatch())
}

// use passes the first page of the queue to its pager and acts on the verdict.
func (s *Scanner[P]) use(head *slot[P]) {
	c := s.pagers[0]
	var ignored *ignoresIDs
	switch {
	case errors.As(head.err, &ignored) && s.ctx.Err() == nil:
		s.readWithoutIDs(ignored)
		return
	case head.err != nil:
		s.end(s.slotError(head))
		return
	}
	if head.shape.order != ascending {
		s.client.log.WarnContext(s.ctx, "the rows of the report are not in the order of ids as requested, or occur twice", "page", head.shape.pageRequest.of(s.common.Report))
	}
	v, err := c.judge(&head.shape)
	if v.step != repair {
		s.pop()
		s.keep(head, v.rows)
		s.n.pages.Add(1)
		if head.shape.purpose == forRows {
			s.estimate(c, &head.shape)
		}
	}
	switch {
	case err != nil:
		s.end(s.wrap(head.shape.pageRequest, err))
	case v.step == finish:
		s.drop(c)
		s.pagers = s.pagers[1:]
		s.planned = max(0, s.planned-1)
		if len(s.pagers) == 0 {
			s.end(io.EOF)
		}
		s.grow(c)
	case v.step == restart:
		s.drop(c)
		c.offsetsUnsure = true
		s.window, s.careful = 1, true
	case v.step == repair:
		s.client.log.InfoContext(s.ctx, "rows changed between two pages, reading again from the last row", "after", c.last)
		s.launch(c, c.gapRequest(), 0)
	case c.offsetsUnsure:
		s.window, s.careful = 1, true
	default:
		s.grow(c)
	}
	if c.unbounded {
		s.readOn() // rows up to id_gt were returned instead of the requested rows
	}
}

// readWithoutIDs continues with a pager over the complete report that delivers only the
// requested customers, because the report ignores ids.
func (s *Scanner[P]) readWithoutIDs(why error) {
	s.client.log.WarnContext(s.ctx, "the report ignores the list of ids, reading all rows", "error", why)
	s.drop(nil)
	first := s.pagers[0]
	c := newPager(first.of, nil, first.floor, s.client.cfg.PageSize)
	c.last, c.base = first.last, first.last
	for _, rest := range s.pagers {
		c.only = append(c.only, rest.ids...)
	}
	c.ceiling = c.only[len(c.only)-1]
	s.pagers, s.planned, s.window, s.stuck = []*pager{c}, 0, 1, false
}

// keep adds the rows of a used page to those that Next returns.
func (s *Scanner[P]) keep(head *slot[P], rows []span) {
	if len(rows) == 1 && rows[0] == (span{0, len(head.shape.ids)}) {
		s.ready = append(s.ready, head.rows)
		return
	}
	for _, r := range rows {
		s.ready = append(s.ready, head.rows.Slice(r.from, r.to))
	}
	head.rows.Release()
}

// grow enlarges the window after a page: to its maximum if all rows are needed and their
// number is known, otherwise to twice its size.
func (s *Scanner[P]) grow(c *pager) {
	if s.req.WholeScan && !s.careful && (c.total >= 0 || c.ids != nil) {
		s.window = s.maxWindow()
		return
	}
	s.window = min(2*s.window, s.maxWindow())
}

// estimate updates the totals of Stats.
func (s *Scanner[P]) estimate(c *pager, p *page) {
	if c.ids != nil || c.total < 0 || p.after != c.base {
		return
	}
	waiting := int64(0)
	for _, rows := range s.ready {
		waiting += int64(len(rows.IDs()))
	}
	left := max(0, c.total-p.offset-int64(len(p.ids)))
	stride := int64(c.size - 1)
	s.n.rowsTotal.Store(s.n.rows.Load() + waiting + left)
	s.n.pagesTotal.Store(s.n.pages.Load() + (left+stride-1)/stride)
}

// end ends the scan and cancels the requests in flight.
func (s *Scanner[P]) end(err error) {
	s.err = err
	s.drop(nil)
	s.cancel(errClosed)
}
