package scan

import (
	"cmp"
	"context"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/report"
)

// count requests the number of rows. It returns nil if the responses do not prove it.
func (o *openScan) count() (source, error) {
	var sample *arrowconv.Page
	passes := func(rows *arrowconv.Page) bool {
		if sample == nil {
			sample = rows.Slice(0, len(rows.IDs()))
		}
		return o.passes(rows)
	}
	n, proven, err := httpsource.Count(o.ctx, o.client, o.request, o.decode, passes)
	if err != nil || !proven {
		if sample != nil {
			sample.Release()
		}
		return nil, err
	}
	o.settings.Totals.Learn(o.client, o.request, n)
	return &countedRows{page: sample, left: n}, nil
}

// countedRows is a source of rows of which only the number matters: it repeats the rows of
// one page. All of them satisfy the predicates of the scan.
type countedRows struct {
	page *arrowconv.Page // nil for no rows
	left int64
}

func (c *countedRows) Next(context.Context) (*arrowconv.Page, error) {
	if c.left == 0 {
		return nil, io.EOF
	}
	n := min(c.left, int64(len(c.page.IDs())))
	c.left -= n
	return c.page.Slice(0, int(n)), nil
}

func (c *countedRows) Close() error {
	if c.page != nil {
		c.page.Release()
	}
	return nil
}

// top requests the first rows. It returns nil if the response does not prove that it has
// them.
func (o *openScan) top() (source, error) {
	t := o.strategy.top
	page, ok, err := httpsource.Top(o.ctx, o.client, o.request, t.column, t.descending, t.rows, o.decode)
	if err != nil || !ok {
		return nil, err
	}
	if !o.passes(page) || !t.shows(page, o.fields) {
		page.Release()
		return nil, nil
	}
	return &onePage{page}, nil
}

// shows reports whether p contains the first t.rows rows in the requested order. A shorter
// page does if it contains every matching row. A full page does if its headers declare the
// sort and its values are in that order, without NULLs.
func (t *topRows) shows(p *arrowconv.Page, projection []report.Field) bool {
	total, known := p.Total()
	rows := len(p.IDs())
	if rows < t.rows {
		return known && total == int64(rows)
	}
	return t.sortedBy(p) && t.inOrder(p, projection)
}

func (t *topRows) sortedBy(p *arrowconv.Page) bool {
	headers, err := p.Headers()
	want := "asc"
	if t.descending {
		want = "desc"
	}
	return err == nil && slices.ContainsFunc(headers, func(h arrowconv.Header) bool {
		key := h.Key == t.column || h.HoldsCustomerID && t.of.CustomerKey && t.column == t.of.Key
		return key && h.Sortable && h.Sorted != nil && h.Sorted.Order == want
	})
}

func (t *topRows) inOrder(p *arrowconv.Page, projection []report.Field) bool {
	values := p.IDs()
	if t.column != t.of.Key {
		i := slices.IndexFunc(projection, func(f report.Field) bool { return f.Name == t.column })
		if i < 0 {
			return false
		}
		times, ok := p.Record().Column(i).(*array.Timestamp)
		if !ok || times.NullN() > 0 {
			return false
		}
		values = asInts(times.TimestampValues())
	}
	compare := cmp.Compare[int64]
	if t.descending {
		return slices.IsSortedFunc(values, func(a, b int64) int { return compare(b, a) })
	}
	return slices.IsSortedFunc(values, compare)
}

func asInts(times []arrow.Timestamp) []int64 {
	list := make([]int64, len(times))
	for i, v := range times {
		list[i] = int64(v)
	}
	return list
}

// onePage is a source of a single page.
type onePage struct{ page *arrowconv.Page }

func (o *onePage) Next(context.Context) (*arrowconv.Page, error) {
	if o.page == nil {
		return nil, io.EOF
	}
	p := o.page
	o.page = nil
	return p, nil
}

func (o *onePage) Close() error {
	if o.page != nil {
		o.page.Release()
	}
	return nil
}
