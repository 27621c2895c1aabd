package scan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/internal/fields"
	"github.com/teamupsql/teamupsql/internal/guard"
)

// sequence returns the pages of several businesses, one business after the other. While it
// returns pages of the first, the following ones are fetched too, each as far as a scan
// reads ahead. Like a scan's window, it starts with one business and doubles their number,
// or starts with the maximum if all rows are needed.
//
// If a request for one business fails, the sequence and all its scans end.
type sequence struct {
	parent  context.Context
	ctx     context.Context // ends with the parent, with a failure and with Close
	end     context.CancelFunc
	open    func(context.Context, *providerScan) (source, error)
	waiting []*providerScan // not begun
	begun   []*reading      // the first is the one that is delivered
	atOnce  int
	part    *providerScan // of the page that Next returned last

	// failure is the first error. It is not the cause of the context, because the other
	// scans would return it as their own error.
	mu      sync.Mutex
	failure error
}

// reading is the running scan of one business.
type reading struct {
	part *providerScan
	source
}

func newSequence(ctx context.Context, parts []*providerScan, whole bool, open func(context.Context, *providerScan) (source, error)) *sequence {
	q := &sequence{parent: ctx, open: open, waiting: parts, atOnce: 1}
	q.ctx, q.end = context.WithCancel(ctx)
	if whole {
		q.atOnce = fields.MaxConcurrent
	}
	return q
}

// Next is for one goroutine at a time; after an error it must not be called again.
func (q *sequence) Next(ctx context.Context) (*arrowconv.Page, error) {
	for {
		if err := q.fill(); err != nil {
			return nil, err
		}
		if len(q.begun) == 0 {
			return nil, io.EOF
		}
		head := q.begun[0]
		page, err := head.Next(ctx)
		switch {
		case err == nil:
			q.part = head.part
			return page, nil
		case errors.Is(err, io.EOF):
			q.begun = q.begun[1:]
			if err := head.Close(); err != nil {
				return nil, q.failed(head.part, err)
			}
			q.atOnce = min(2*q.atOnce, fields.MaxConcurrent)
		default:
			return nil, q.failed(head.part, err)
		}
	}
}

// fill starts as many scans as may run in parallel.
func (q *sequence) fill() error {
	// A single business needs no goroutine and no read-ahead.
	alone := q.atOnce == 1 || len(q.begun)+len(q.waiting) == 1
	for len(q.waiting) > 0 && len(q.begun) < q.atOnce {
		r := &reading{part: q.waiting[0]}
		q.waiting = q.waiting[1:]
		if alone {
			var err error
			if r.source, err = q.open(q.ctx, r.part); err != nil {
				return q.failed(r.part, err)
			}
		} else {
			r.source = q.readAhead(r.part)
		}
		q.begun = append(q.begun, r)
	}
	return nil
}

// failed ends the sequence with the error of one business, unless it has failed already. It
// returns the first error.
func (q *sequence) failed(p *providerScan, err error) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.failure != nil:
	case q.parent.Err() != nil:
		q.failure = err // not the business's
	default:
		q.failure = fields.InBusiness(p.request.ProviderID, err)
	}
	q.end()
	return q.failure
}

// Close ends the scans and waits for them.
func (q *sequence) Close() error {
	q.end()
	var errs []error
	for _, r := range q.begun {
		errs = append(errs, r.Close())
	}
	q.begun = nil
	return errors.Join(errs...)
}

// ahead is a source that a goroutine reads one page ahead.
type ahead struct {
	pages chan *arrowconv.Page // closed after the last
	ended context.Context      // ends with the sequence
	done  chan struct{}        // closed when the goroutine ends
}

// readAhead starts the scan of one business.
func (q *sequence) readAhead(p *providerScan) *ahead {
	a := &ahead{pages: make(chan *arrowconv.Page), ended: q.ctx, done: make(chan struct{})}
	go func() {
		defer close(a.done)
		err := guard.Run("", func() (err error) {
			pages, err := q.open(q.ctx, p)
			if err != nil {
				return err
			}
			defer func() {
				if closed := pages.Close(); closed != nil && errors.Is(err, io.EOF) {
					err = closed
				}
			}()
			return a.read(pages)
		})
		if errors.Is(err, io.EOF) {
			close(a.pages)
			return
		}
		_ = q.failed(p, err)
	}()
	return a
}

func (a *ahead) read(from source) error {
	for {
		page, err := from.Next(a.ended)
		if err != nil {
			return err
		}
		select {
		case a.pages <- page:
		case <-a.ended.Done():
			page.Release()
			return stopped(a.ended)
		}
	}
}

// Next waits for the next page.
func (a *ahead) Next(ctx context.Context) (*arrowconv.Page, error) {
	select {
	case page, ok := <-a.pages:
		if !ok {
			return nil, io.EOF
		}
		return page, nil
	case <-a.ended.Done():
		return nil, stopped(a.ended)
	case <-ctx.Done():
		return nil, stopped(ctx)
	}
}

// stopped returns the error of a scan whose context has ended.
func stopped(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return fmt.Errorf("scan stopped: %w", cause)
	}
	return fmt.Errorf("scan stopped: %w: %w", err, cause)
}

// Close waits for the goroutine, which ends when the sequence does or has nothing
// more to read.
func (a *ahead) Close() error {
	<-a.done
	return nil
}
