package tablefunc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/report"
)

// share is one read of the report for several scans of a statement that ask for the
// same customers: it costs one scan, and all of them see the same data. Pages are
// kept as they came until the statement ends, since the recursive part of a CTE
// reads them again in each of its rounds; beyond shareMemory in a file.
type share struct {
	columns []string // of all members together
	fields  []int64  // custom fields, likewise
	members int
	whole   bool // every member reads every row
	ended   context.Context
	end     context.CancelFunc

	mu      sync.Mutex
	scanner *httpsource.Scanner[*rawPage] // nil before the first page is wanted
	pages   []*rawPage
	err     error // the end: io.EOF or what went wrong
	spill   spill
	closed  bool
}

// sharing finds, for a scan that is about to run, the share that it belongs to; nil
// for none. All scans of the execution are bound by then.
func (p *pass) sharing(n narrowed) *share {
	st := p.statement
	st.mu.Lock()
	defer st.mu.Unlock()
	if n.shareKey == "" {
		return nil
	}
	if st.shares == nil { // DuckDB may begin several scans at once
		st.shares = p.findShares()
	}
	if s := st.shares[n.shareKey]; s != nil && s.members > 1 {
		return s
	}
	return nil
}

// findShares groups the scans that run by what they ask for. The statement is locked.
func (p *pass) findShares() map[string]*share {
	shares := map[string]*share{}
	for _, b := range p.bound {
		for _, n := range p.narrow(b) {
			if n.shareKey == "" {
				continue
			}
			s := shares[n.shareKey]
			if s == nil {
				s = &share{whole: true}
				s.ended, s.end = context.WithCancel(context.Background())
				shares[n.shareKey] = s
			}
			q := b.ask(n.Query, b.projected(n.scan.Columns), n.scan.Columns, n.provider)
			s.members++
			s.whole = s.whole && n.scan.Use.Whole
			s.columns = append(s.columns, report.Value[[]string](q, b.of.Roles.Columns)...)
			s.fields = append(s.fields, report.Value[[]int64](q, b.of.Roles.Fields)...)
		}
	}
	read := 0
	for _, s := range shares {
		if s.members > 1 {
			read++
		}
	}
	for _, s := range shares { // they divide the memory
		s.spill.limit = shareMemory / int64(max(1, read))
	}
	return shares
}

// findShareKey is the scan's shareKey.
func (n narrowed) findShareKey(off []Rule) string {
	if n.method.rule() != "" || n.Nothing || n.scan.Dropped || slices.Contains(off, RuleShare) {
		return ""
	}
	return fmt.Sprint(n.Query.Report.Name, " ", n.provider, " ", filters(n.Query).Encode())
}

// filters is a query without the columns.
func filters(q report.Query) report.Query {
	return q.Without(q.Report.Roles.Columns, q.Report.Roles.Fields)
}

// query is a member's query with the columns of all members.
func (s *share) query(member report.Query) report.Query {
	roles := member.Report.Roles
	return member.With(roles.Columns, s.columns).With(roles.Fields, s.fields)
}

// reader is a member's way through the pages. It is nil where the share lacks a
// column that the member reads.
func (s *share) reader(o *opened) source {
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
	of    *opened
	at    int
}

func (r *sharedPages) Next(ctx context.Context) (*arrowconv.Page, error) {
	body, rows, err := r.share.page(ctx, r.at, r.of)
	if err != nil {
		return nil, err
	}
	r.at++
	page, err := r.of.decode(body)
	if err != nil || rows == (span{0, len(page.IDs())}) {
		return page, err
	}
	defer page.Release()
	return page.Slice(rows.from, rows.to), nil
}

// Close has nothing to do: the statement closes its shares.
func (*sharedPages) Close() error { return nil }

var errShareClosed = errors.New("the statement has ended")

// page returns the i-th page, which it reads if nobody has wanted it before.
func (s *share) page(ctx context.Context, i int, member *opened) ([]byte, span, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, span{}, errShareClosed
	}
	if s.scanner == nil {
		s.scanner = s.scan(member)
	}
	for i >= len(s.pages) {
		if s.err != nil {
			return nil, span{}, s.err
		}
		p, err := s.scanner.Next(ctx)
		if err == nil {
			err = s.spill.keep(p)
		}
		if err != nil && ctx.Err() == nil {
			s.err = err
		}
		if err != nil {
			return nil, span{}, err
		}
		s.pages = append(s.pages, p)
	}
	p := s.pages[i]
	body, err := s.spill.body(p)
	return body, p.rows, err
}

// closeShares ends what the statement's scans read together.
func (st *statement) closeShares() {
	st.mu.Lock()
	shares := st.shares
	st.shares = nil
	st.mu.Unlock()
	for _, s := range shares {
		st.endsWith(s.close())
	}
}

func (s *share) close() (err error) {
	s.end() // whoever waits for a page holds the lock
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.pages = true, nil
	if s.scanner != nil {
		err = s.scanner.Close()
	}
	s.spill.close()
	return err
}

// scan starts the one scan of the share, as one member would, for all.
func (s *share) scan(member *opened) *httpsource.Scanner[*rawPage] {
	request := member.request
	request.Query, request.WholeScan = s.query(request.Query), s.whole
	// The share goes on where the member ends, up to the end of the statement.
	ctx, cancel := context.WithCancel(member.statement)
	context.AfterFunc(s.ended, cancel)
	return httpsource.Scan(ctx, member.client, request, rawPages(request.Query.Report))
}

// rawPage is a page as it came, of which the rows in a range count.
type rawPage struct {
	bytes []byte // nil when it is in the file
	at    int64  // where in the file
	size  int
	ids   []int64
	total int64 // -1: not known
	rows  span
}

type span struct{ from, to int }

// rawPages reads of a report's pages what paging needs, and checks the rest.
func rawPages(of *report.Report) func(body []byte) (*rawPage, error) {
	decoder, err := arrowconv.NewDecoder(of, nil, arrowconv.Options{})
	return func(body []byte) (*rawPage, error) {
		if err != nil {
			return nil, err
		}
		return newRawPage(decoder, body)
	}
}

func newRawPage(decoder *arrowconv.Decoder, body []byte) (*rawPage, error) {
	page, err := decoder.Decode(body)
	if err != nil {
		return nil, err
	}
	defer page.Release()
	p := &rawPage{bytes: slices.Clone(body), size: len(body), ids: page.IDs(), total: -1, rows: span{0, len(page.IDs())}}
	if total, known := page.Total(); known {
		p.total = total
	}
	return p, nil
}

// Total is the answer's total, see httpsource.Page.
func (p *rawPage) Total() (int64, bool) { return p.total, p.total >= 0 }

// IDs are the customers' ids.
func (p *rawPage) IDs() []int64 { return p.ids[p.rows.from:p.rows.to] }

// Slice is a part of the page.
func (p *rawPage) Slice(from, to int) *rawPage {
	part := *p
	part.rows = span{p.rows.from + from, p.rows.from + to}
	return &part
}

// Release has nothing to do: the memory is Go's.
func (*rawPage) Release() {}
