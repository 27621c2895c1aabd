package tablefunc

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/report"
)

// count asks for the number of rows; nil where the report's answers don't prove it.
func (o *opened) count() (source, error) {
	ids, err := arrowconv.NewDecoder(nil, arrowconv.Options{})
	if err != nil {
		return nil, err
	}
	request := o.request
	request.Query.Columns, request.Query.ExtraCustomerFields = []string{report.ColumnID}, nil
	n, proven, err := httpsource.Count(o.ctx, o.client, request, ids.Decode)
	if err != nil || !proven {
		return nil, err
	}
	o.settings.learn(o.client, request, n)
	// These rows are made up, and lack what no predicate reads.
	rows, err := arrowconv.NewDecoder(o.fields, arrowconv.Options{Requested: []string{}})
	if err != nil {
		return nil, err
	}
	page, err := rows.Decode(witnesses(o.method.witness, min(n, int64(vectorSize))))
	if err != nil {
		return nil, fmt.Errorf("rows to count: %w", err)
	}
	return &countedRows{page: page, left: n}, nil
}

// witnesses is an answer of the report with n rows of the same values, which
// satisfy all predicates of the scan as each of the counted rows does.
func witnesses(row map[string]any, n int64) []byte {
	values := map[string]string{report.ColumnID: "1"}
	for path, v := range row {
		switch v := v.(type) {
		case report.Date:
			values[path] = `"` + v.String() + `"`
		default:
			values[path] = fmt.Sprint(v)
		}
	}
	members := make([]string, 0, len(values))
	for path, v := range values {
		members = append(members, `"`+path+`":`+v)
	}
	one := "{" + strings.Join(members, ",") + "}"
	return []byte(`{"rows":[` + strings.TrimSuffix(strings.Repeat(one+",", int(n)), ",") + `]}`)
}

// countedRows stand for rows of which only the number matters.
type countedRows struct {
	page *arrowconv.Page
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
	c.page.Release()
	return nil
}

// top asks for the first rows; nil where the answer does not show that it is them.
func (o *opened) top() (source, error) {
	t := o.method.top
	page, err := httpsource.Top(o.ctx, o.client, o.request, t.column, t.descending, t.rows, o.decode)
	if err != nil {
		return nil, err
	}
	if !t.shows(page, o.fields) {
		page.Release()
		return nil, nil
	}
	return &onePage{page}, nil
}

// shows says whether a page holds the first rows: all there are, or so many that
// the report says it sorted and that are in that order, none of them NULL.
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
		key := h.Key == t.column || h.HoldsCustomerID && t.column == report.ColumnID
		return key && h.Sortable && h.Sorted != nil && h.Sorted.Order == want
	})
}

func (t *topRows) inOrder(p *arrowconv.Page, projection []report.Field) bool {
	values := p.IDs()
	if t.column != report.ColumnID {
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
