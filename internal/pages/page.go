package pages

import (
	"slices"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/report"
)

// Page is a page of the report as it came, of which the rows in a range count.
type Page struct {
	bytes []byte // nil when it is in the file
	at    int64  // position in the file
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

// Of returns a function that reads only the parts of a page that paging needs. It checks
// the rest, and copies body.
func Of(r *report.Report) func(body []byte) (*Page, error) {
	decoder, err := arrowconv.NewDecoder(r, nil, arrowconv.Options{})
	return func(body []byte) (*Page, error) {
		if err != nil {
			return nil, err
		}
		return read(decoder, body)
	}
}

func read(decoder *arrowconv.Decoder, body []byte) (*Page, error) {
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

// Total returns the total of the response, see httpsource.Page.
func (p *Page) Total() (int64, bool) { return p.total, p.total >= 0 }

// IDs returns the customers' ids.
func (p *Page) IDs() []int64 { return p.ids[p.rows.From:p.rows.To] }

// Slice returns the rows [from, to) of the page.
func (p *Page) Slice(from, to int) *Page {
	part := *p
	part.rows = Span{p.rows.From + from, p.rows.From + to}
	return &part
}

// Release has nothing to do: the memory is Go's.
func (*Page) Release() {}
