package httpsource

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/teamupsql/teamupsql/report"
)

// Request is the query of a scan, with options.
type Request struct {
	// Query contains the report to read, its columns and filters. It must not set paging,
	// sort or format: the scan sets them. The scan adds the key to the columns if it is
	// missing. A list of keys may be of any length.
	Query      report.Query
	ProviderID int64 // the business; 0 for that of the client
	// WholeScan declares that the caller will read every row, so that the scan immediately
	// sends as many requests in parallel as the limits allow. Otherwise it sends 1, 2, 4, …
	// in parallel as Next is called, so that a caller who stops early causes few requests.
	WholeScan bool
	// Rows is how many rows the caller needs, any of them; 0 for all. The pages are then no
	// larger than necessary, and the scan may end after so many rows.
	Rows int64
	// Observer is called for each request of this scan, in addition to Config.Observer. It
	// may be nil.
	Observer func(context.Context, RequestEvent)
}

// prepare checks a request and returns the query that its pages have in common.
func (r Request) prepare() (report.Query, error) {
	q := r.Query
	if q.Report == nil {
		return q, q.Validate()
	}
	roles, key := q.Report.Roles, q.Report.Key
	own := slices.DeleteFunc([]string{roles.Limit, roles.Offset, roles.Page, roles.PageSize, roles.Sort, roles.Format}, func(name string) bool { return name == "" })
	if slices.ContainsFunc(own, q.Has) {
		return q, fmt.Errorf("httpsource: %s belong to the scan; leave them unset", strings.Join(own, ", "))
	}
	if r.ProviderID < 0 {
		return q, fmt.Errorf("httpsource: provider id %d; give the number of the business", r.ProviderID)
	}
	if err := q.Validate(); err != nil {
		return q, err
	}
	if columns := report.Value[[]string](q, roles.Columns); !slices.Contains(columns, key) {
		q = q.With(roles.Columns, append([]string{key}, columns...))
	}
	return q.With(roles.Format, report.FormatJSON).With(roles.Sort, []string{key}), nil
}

// keysOf returns the keys in a query, nil for all.
func keysOf(q report.Query) []int64 {
	if q.Report == nil {
		return nil
	}
	return report.Value[[]int64](q, q.Report.Roles.Keys)
}

// floorOf returns the lower bound of the key in a query, 0 for none.
func floorOf(q report.Query) int64 { return report.Value[int64](q, q.Report.Roles.KeyAbove) }

// mayHave reports whether a response to the request can have these ids: each once, none
// below 1, and all within the keys and the lower bound of the request.
func (r Request) mayHave(ids []int64) bool {
	seen, floor, keys := idSet{}, floorOf(r.Query), keysOf(r.Query)
	for _, id := range ids {
		if id < 1 || !seen.add(id) || id <= floor || keys != nil && !slices.Contains(keys, id) {
			return false
		}
	}
	return true
}

// pageSize returns how many rows to request per page. An overlap of one row needs pages of
// at least two.
func (c *Client) pageSize(r Request) int {
	if keysOf(r.Query) == nil && r.Rows > 0 && r.Rows < int64(c.cfg.PageSize) {
		return max(2, int(r.Rows))
	}
	return c.cfg.PageSize
}

// pagers returns the pagers that together read a query: one, or one for each batch of ids.
func pagers(q report.Query, pageSize int) []*pager {
	floor, keys := floorOf(q), keysOf(q)
	if keys == nil {
		return []*pager{newPager(q.Report, nil, floor, pageSize)}
	}
	ids := slices.Compact(slices.Sorted(slices.Values(keys)))
	first, _ := slices.BinarySearch(ids, floor+1)
	var all []*pager
	for batch := range slices.Chunk(ids[first:], min(report.MaxIDs, pageSize)) {
		all = append(all, newPager(q.Report, batch, floor, pageSize))
	}
	return all
}

// pageRequest is a request for one page.
type pageRequest struct {
	after   int64 // only larger ids; 0 for all
	offset  int64 // rows to skip
	reason  Reason
	purpose purpose
}

// purpose is what a page is requested for.
type purpose uint8

const (
	forRows  purpose = iota // its rows
	forTotal                // to test whether totals count the rows of a request
	forLast                 // the customers with the largest ids, in descending order
)

// query returns the query to send.
func (a pageRequest) query(common report.Query, c *pager) report.Query {
	roles := common.Report.Roles
	q := common.With(roles.Limit, c.limit).With(roles.Keys, c.ids)
	if c.ids == nil || a.offset > 0 {
		q = q.With(roles.Offset, a.offset)
	}
	if a.after > c.floor {
		q = q.With(roles.KeyAbove, a.after)
	}
	if a.purpose == forLast {
		q = q.With(roles.Sort, []string{"-" + common.Report.Key})
	}
	return q
}

// page is the part of a response that paging needs.
type page struct {
	pageRequest
	ids     []int64
	total   int64 // -1: unknown
	order   order
	repeats bool // the page has been kept once while a gap before it was repaired
}
