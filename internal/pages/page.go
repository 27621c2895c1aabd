package pages

import (
	"slices"
	"sync"

	"github.com/teamupsql/teamupsql/arrowconv"
)

// Page is a page of the report as it came, of which the rows in a range count.
type Page struct {
	bytes []byte // nil when it is in the file
	at    int64  // where in the file
	size  int
	ids   []int64
	total int64 // -1: not known
	rows  Span
}

// Span is a range of rows, To excluded.
type Span struct{ From, To int }

// Bytes returns the body, nil once a Store has put it into its file.
func (p *Page) Bytes() []byte { return p.bytes }

// Rows returns the rows of the body that count.
func (p *Page) Rows() Span { return p.rows }

// idsOnly reads of a page what paging needs, and checks the rest.
var idsOnly = sync.OnceValues(func() (*arrowconv.Decoder, error) { return arrowconv.NewDecoder(nil, arrowconv.Options{}) })

// New reads a page. It copies body.
func New(body []byte) (*Page, error) {
	decoder, err := idsOnly()
	if err != nil {
		return nil, err
	}
	page, err := decoder.Decode(body)
	if err != nil {
		return nil, err
	}
	defer page.Release()
	p := &Page{bytes: slices.Clone(body), size: len(body), ids: page.IDs(), total: -1, rows: Span{0, len(page.IDs())}}
	if total, known := page.Total(); known {
		p.total = total
	}
	return p, nil
}

// Total returns the total that the response tells, if it does, see httpsource.Page.
func (p *Page) Total() (int64, bool) { return p.total, p.total >= 0 }

// IDs returns the customers' ids.
func (p *Page) IDs() []int64 { return p.ids[p.rows.From:p.rows.To] }

// Slice returns a part of the page.
func (p *Page) Slice(from, to int) *Page {
	part := *p
	part.rows = Span{p.rows.From + from, p.rows.From + to}
	return &part
}

// Release has nothing to do: the memory is Go's.
func (*Page) Release() {}
