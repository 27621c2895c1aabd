package scan

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/internal/pages"
	"github.com/teamupsql/teamupsql/report"
)

// share is one read of the report for several scans of a statement with the same customers.
// It takes the requests of one scan, and all scans see the same data. Pages are kept until
// the statement ends, because the recursive part of a CTE reads them in each round. Beyond
// pages.DefaultLimit bytes they are kept in a file.
type share struct {
	columns []string // of all members together
	fields  []int64  // custom fields, likewise
	members int
	whole   bool // every member reads every row
	ended   context.Context
	end     context.CancelFunc

	mu      sync.Mutex
	scanner *httpsource.Scanner[*pages.Page] // nil before the first page is requested
	kept    []*pages.Page
	err     error // io.EOF or why the read failed, nil while it runs
	store   pages.Store
	closed  bool
}

// query is a member's query with the columns of all members.
func (s *share) query(member report.Query) report.Query {
	roles := member.Report.Roles
	return member.With(roles.Columns, s.columns).With(roles.Fields, s.fields)
}

// reader returns a source of the pages for one scan, nil if the share lacks a column of the
// scan.
func (s *share) reader(o *openScan) source {
	query, roles := o.request.Query, o.request.Query.Report.Roles
	for _, c := range report.Value[[]string](query, roles.Columns) {
		if !slices.Contains(s.columns, c) {
			return nil
		}
	}
	for _, id := range report.Value[[]int64](query, roles.Fields) {
		if !slices.Contains(s.fields, id) {
			return nil
		}
	}
	return &sharedPages{share: s, of: o}
}

// sharedPages is a source over a share.
type sharedPages struct {
	share *share
	of    *openScan
	at    int
}

func (r *sharedPages) Next(ctx context.Context) (*arrowconv.Page, error) {
	body, rows, err := r.share.page(ctx, r.at, r.of)
	if err != nil {
		return nil, err
	}
	r.at++
	page, err := r.of.decode(body)
	if err != nil || rows == (pages.Span{From: 0, To: len(page.IDs())}) {
		return page, err
	}
	defer page.Release()
	return page.Slice(rows.From, rows.To), nil
}

// Close has nothing to do: the statement closes its shares.
func (*sharedPages) Close() error { return nil }

var errShareClosed = errors.New("the statement has ended")

// page returns the i-th page. It is fetched the first time.
func (s *share) page(ctx context.Context, i int, member *openScan) ([]byte, pages.Span, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, pages.Span{}, errShareClosed
	}
	if s.scanner == nil {
		s.scanner = s.scan(member)
	}
	for i >= len(s.kept) {
		if s.err != nil {
			return nil, pages.Span{}, s.err
		}
		p, err := s.scanner.Next(ctx)
		if err == nil {
			err = s.store.Keep(p)
		}
		if err != nil && ctx.Err() == nil {
			s.err = err
		}
		if err != nil {
			return nil, pages.Span{}, err
		}
		s.kept = append(s.kept, p)
	}
	p := s.kept[i]
	body, err := s.store.Body(p)
	return body, p.Rows(), err
}

func (s *share) close() (err error) {
	s.end() // ends a call of page, which holds the lock
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.kept = true, nil
	if s.scanner != nil {
		err = s.scanner.Close()
	}
	s.store.Close()
	return err
}

// scan starts the one scan of the share, as one member would, for all.
func (s *share) scan(member *openScan) *httpsource.Scanner[*pages.Page] {
	request := member.request
	request.Query, request.WholeScan = s.query(request.Query), s.whole
	// The read continues after the scan ends, until the end of the statement.
	ctx, cancel := context.WithCancel(member.statement)
	context.AfterFunc(s.ended, cancel)
	return httpsource.Scan(ctx, member.client, request, pages.Of(request.Query.Report))
}
