package tablefunc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
)

// share is one read of the report for several scans of a statement that ask for the
// same customers: it costs one scan, and all of them see the same data. Pages are
// kept as they came until the statement ends, since the recursive part of a CTE
// reads them again in each of its rounds; beyond shareMemory in a file.
type share struct {
	columns []string // of all members together
	members int
	whole   bool // every member reads every row

	mu      sync.Mutex
	scanner *httpsource.Scanner[*rawPage] // nil before the first page is wanted
	pages   []*rawPage
	err     error // the end: io.EOF or what went wrong
	spill   spill
	closed  bool
}

// sharing finds, for a scan that is about to run, the share that it belongs to; nil
// for none. All scans of the execution are bound by then.
func (st *statement) sharing(b *binding) *share {
	own, ok := st.narrowed(b)
	if !ok || !own.shareable(b) {
		return nil
	}
	key := own.shareKey(b)
	st.mu.Lock()
	shared, known := st.shares[key]
	running := slices.Clone(st.bound[max(0, len(st.bound)-len(st.plan.scans)):])
	st.mu.Unlock()
	if known {
		return shared
	}
	shared = &share{whole: true}
	for _, other := range running {
		n, ok := st.narrowed(other)
		if !ok || !n.shareable(other) || n.shareKey(other) != key {
			continue
		}
		shared.members++
		shared.whole = shared.whole && n.scan.Use.Whole
		shared.columns = append(shared.columns, columnKeys(fields(n.scan.Columns), n.scan.Columns)...)
	}
	if shared.members < 2 {
		shared = nil
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.shares == nil {
		st.shares = map[string]*share{}
	}
	if _, known := st.shares[key]; !known { // DuckDB may begin the others meanwhile
		st.shares[key] = shared
	}
	return st.shares[key]
}

// shareable says whether the scan reads pages that others may want too.
func (n narrowed) shareable(b *binding) bool {
	return n.method.rule() == "" && !n.Nothing && !n.scan.Dropped && !slices.Contains(b.session.settings.off, RuleShare)
}

// shareKey is the same for scans that ask for the same customers.
func (n narrowed) shareKey(b *binding) string {
	q := n.Query
	q.Columns = nil
	return fmt.Sprint(b.arguments.providerID, " ", q.Encode())
}

// reader is a member's way through the pages. It is nil where the share lacks a
// column that the member reads.
func (s *share) reader(decoder *arrowconv.Decoder, columns []string, open func(columns []string, whole bool) *httpsource.Scanner[*rawPage]) source {
	for _, c := range columns {
		if !slices.Contains(s.columns, c) {
			return nil
		}
	}
	return &sharedPages{share: s, decoder: decoder, open: open}
}

// sharedPages is a source over a share.
type sharedPages struct {
	share   *share
	decoder *arrowconv.Decoder
	open    func(columns []string, whole bool) *httpsource.Scanner[*rawPage]
	at      int
}

func (r *sharedPages) Next(ctx context.Context) (*arrowconv.Page, error) {
	body, rows, err := r.share.page(ctx, r.at, r.open)
	if err != nil {
		return nil, err
	}
	r.at++
	page, err := r.decoder.Decode(body)
	if err != nil || rows == (span{0, len(page.IDs())}) {
		return page, err
	}
	defer page.Release()
	return page.Slice(rows.from, rows.to), nil
}

// Close has nothing to do: the statement closes its shares.
func (*sharedPages) Close() error { return nil }

var errShareClosed = errors.New("tablefunc: the statement has ended")

// page returns the i-th page, which it reads if nobody has wanted it before.
func (s *share) page(ctx context.Context, i int, open func([]string, bool) *httpsource.Scanner[*rawPage]) ([]byte, span, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, span{}, errShareClosed
	}
	if s.scanner == nil {
		s.scanner = open(s.columns, s.whole)
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
		if s != nil {
			s.close()
		}
	}
}

func (s *share) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.pages = true, nil
	if s.scanner != nil {
		_ = s.scanner.Close()
	}
	s.spill.close()
}

// openShared starts the one scan of a share.
func (s *scan) openShared(columns []string, whole bool) *httpsource.Scanner[*rawPage] {
	request := s.request
	request.Query.Columns, request.WholeScan = columns, whole
	return httpsource.Scan(s.ctx, s.binding.session.settings.client(), request, newRawPage)
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

// idsOnly reads of a page what paging needs, and checks the rest.
var idsOnly = sync.OnceValues(func() (*arrowconv.Decoder, error) { return arrowconv.NewDecoder(nil, arrowconv.Options{}) })

func newRawPage(body []byte) (*rawPage, error) {
	decoder, err := idsOnly()
	if err != nil {
		return nil, err
	}
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
