package httpsource

import (
	"cmp"
	"context"
	"slices"

	"github.com/teamupsql/teamupsql/report"
)

// A response shows the report at one moment. Top, Sample and Count need only one or two
// responses and no scan.

// Top reads the first n rows in the order of one column: at most a page, in one request.
// ok is false, and there is no page, if a row occurs twice or was not requested; then only
// a scan can find the rows. The caller must release the page.
//
// TeamUp does not document how the report orders NULLs, and the report may ignore the
// order. So the caller must check the order of the rows.
func Top[P Page[P]](ctx context.Context, c *Client, req Request, column string, descending bool, n int, decode func(body []byte) (P, error)) (page P, ok bool, err error) {
	page, err = fetchOne(ctx, c, req, topRequest(column, descending, n), decode)
	if err != nil {
		return page, false, err
	}
	if !req.mayHave(page.IDs()) {
		page.Release()
		var none P
		return none, false, nil
	}
	return page, true, nil
}

// Sample reads the first rows by id, at most a page, in one request. Use it for the column
// headers of the response. The caller must release the page.
func Sample[P Page[P]](ctx context.Context, c *Client, req Request, decode func(body []byte) (P, error)) (P, error) {
	return fetchOne(ctx, c, req, singleRequest{limit: c.cfg.PageSize, reason: ReasonFields}, decode)
}

// PreviewTop returns the request of [Top], as path and query, without sending it.
func (c *Client) PreviewTop(req Request, column string, descending bool, n int) (string, error) {
	q, err := topRequest(column, descending, n).query(req)
	if err != nil {
		return "", err
	}
	return c.preview(q), nil
}

func topRequest(column string, descending bool, n int) singleRequest {
	if descending {
		column = "-" + column
	}
	return singleRequest{sort: column, limit: n, reason: ReasonTop}
}

// Count returns the number of customers that match, without reading all of them. It
// requests the total and then the last row by its offset, to check that this row exists
// and that none follows.
//
// proven is false if the two responses contradict each other, for example because the
// report has changed, or if passes returns false for the rows of one of them. Then only a
// scan can count. Count does not see the rows between: it trusts the total beyond these
// checks.
func Count[P Page[P]](ctx context.Context, c *Client, req Request, decode func(body []byte) (P, error), passes func(rows P) bool) (n int64, proven bool, err error) {
	if req.Query.Nothing() {
		return 0, true, nil
	}
	if keysOf(req.Query) != nil {
		return 0, false, nil // reading a list of ids takes no more requests
	}
	limit := c.cfg.PageSize
	first, ok, err := fetchShape(ctx, c, req, singleRequest{limit: limit, reason: ReasonCount}, decode, passes)
	if err != nil || !ok {
		return 0, false, err
	}
	seen := int64(len(first.ids))
	switch {
	case orderOf(first.ids) != ascending || first.total < seen || seen == 0 && first.total > 0:
		return 0, false, nil
	case first.total == seen && len(first.ids) < limit:
		return seen, true, nil
	case seen == 1:
		return 0, false, nil // a second page of one row would not show that no row follows
	}
	last, ok, err := fetchShape(ctx, c, req, singleRequest{limit: limit, offset: int(first.total - 1), reason: ReasonCount}, decode, passes)
	if err != nil || !ok {
		return 0, false, err
	}
	if len(last.ids) != 1 || last.total != first.total {
		return 0, false, nil
	}
	// If the first response has all rows, the second must have its last row.
	at := cmp.Compare(last.ids[0], first.ids[seen-1])
	return first.total, at == cmp.Compare(first.total, seen), nil
}

// singleRequest is a request that is not part of a scan.
type singleRequest struct {
	sort          string // "" for the order of ids
	limit, offset int
	reason        Reason
}

// query returns the query to send.
func (m singleRequest) query(req Request) (report.Query, error) {
	q, err := req.prepare()
	if err != nil {
		return q, err
	}
	roles := q.Report.Roles
	q = q.With(roles.Limit, m.limit).With(roles.Offset, m.offset)
	if m.sort != "" {
		q = q.With(roles.Sort, []string{m.sort})
	}
	return q, q.Validate()
}

// fetchShape returns the ids and the total of a response. ok is false if a row was not
// requested or passes returns false.
func fetchShape[P Page[P]](ctx context.Context, c *Client, req Request, m singleRequest, decode func(body []byte) (P, error), passes func(P) bool) (shape page, ok bool, err error) {
	rows, err := fetchOne(ctx, c, req, m, decode)
	if err != nil {
		return page{}, false, err
	}
	defer rows.Release()
	shape = page{ids: slices.Clone(rows.IDs()), total: -1}
	if total, known := rows.Total(); known {
		shape.total = total
	}
	return shape, req.mayHave(shape.ids) && passes(rows), nil
}

// fetchOne sends one request, with retries, and decodes its response.
func fetchOne[P Page[P]](ctx context.Context, c *Client, req Request, m singleRequest, decode func(body []byte) (P, error)) (rows P, err error) {
	q, err := m.query(req)
	if err != nil {
		return rows, err
	}
	if c.tokens.missing() {
		return rows, &noTokenError{c.cfg.Words}
	}
	var n counters
	err = c.fetch(ctx, &call{
		query: q, provider: req.ProviderID, reason: m.reason, observer: req.Observer, counters: &n, waiter: c.gate.join(ctx, 0),
		use: func(body []byte) (n int, err error) {
			if rows, err = decoded(c, decode, body); err != nil {
				return 0, err
			}
			err = c.tokens.guard(decodeName, func() error { n = len(rows.IDs()); return nil })
			return n, err
		},
		discard: func() { rows.Release() },
	})
	if err == nil {
		return rows, nil
	}
	if ctx.Err() == nil {
		err = c.wrap(q.Report, req.ProviderID, pageRequest{offset: int64(m.offset), reason: m.reason}, err)
	}
	var none P
	return none, err
}
