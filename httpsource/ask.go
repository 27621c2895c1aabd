package httpsource

import (
	"fmt"
	"slices"

	"github.com/teamupsql/teamupsql/report"
)

// Request is the query of a scan, with options.
type Request struct {
	// Query contains columns and filters. Its fields for paging, sort and format must be
	// unset, because the scan sets them. The scan adds the id column if it is missing. IDs
	// may have any length.
	Query      report.Query
	ProviderID int64 // the business; 0 for the client's
	// WholeScan declares that the caller will read every row, so that the scan immediately
	// sends as many requests in parallel as the limits allow. Otherwise it sends 1, 2, 4, …
	// in parallel as Next is called, so that a caller who stops early causes few requests.
	WholeScan bool
	// Rows is how many rows the caller needs, any of them; 0 for all. The pages are then no
	// larger than necessary, and the scan may end after so many rows.
	Rows int64
	// Observer is called for the requests of this scan as Config.Observer is for all; nil
	// for none.
	Observer func(RequestEvent)
}

// prepare checks a request and makes of its query what all its pages have in common.
func (r Request) prepare() (report.Query, error) {
	q := r.Query
	if q.Limit != nil || q.Offset != nil || q.Page != nil || q.PageSize != nil || q.Sort != nil || q.Format != "" {
		return q, fmt.Errorf("httpsource: limit, offset, page, page_size, sort and format belong to the scan; leave them unset")
	}
	if r.ProviderID < 0 {
		return q, fmt.Errorf("httpsource: provider id %d; give the number of the business", r.ProviderID)
	}
	if err := q.Validate(); err != nil {
		return q, err
	}
	if !slices.Contains(q.Columns, report.ColumnID) {
		q.Columns = append([]string{report.ColumnID}, q.Columns...)
	}
	q.Format = report.FormatJSON
	q.Sort = []string{report.ColumnID}
	return q, nil
}

// mayHave reports whether the ids of an answer can be those of the request: each once,
// none below 1, and only those that the request's ids and id_gt let through.
func (r Request) mayHave(ids []int64) bool {
	seen := idSet{}
	for _, id := range ids {
		if id < 1 || !seen.add(id) || r.Query.IDGT != nil && id <= *r.Query.IDGT || r.Query.IDs != nil && !slices.Contains(r.Query.IDs, id) {
			return false
		}
	}
	return true
}

// pageSize is how many rows a page of the request asks for. Two are the least that
// can overlap by one.
func (c *Client) pageSize(r Request) int {
	if r.Query.IDs == nil && r.Rows > 0 && r.Rows < int64(c.cfg.PageSize) {
		return max(2, int(r.Rows))
	}
	return c.cfg.PageSize
}

// courses splits a query into reads that are complete each for itself: one of the
// whole, or one for every batch of ids.
func courses(q report.Query, pageSize int) []*course {
	floor := int64(0)
	if q.IDGT != nil {
		floor = *q.IDGT
	}
	if q.IDs == nil {
		return []*course{newCourse(nil, floor, pageSize)}
	}
	ids := slices.Clone(q.IDs)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	first, _ := slices.BinarySearch(ids, floor+1)
	var all []*course
	for batch := range slices.Chunk(ids[first:], min(report.MaxIDs, pageSize)) {
		all = append(all, newCourse(batch, floor, pageSize))
	}
	return all
}

// ask is one page to be asked for.
type ask struct {
	after  int64 // only larger ids; 0 for all
	offset int64 // rows to leave out
	reason Reason
	about  question
}

// question is what an ask wants to know.
type question uint8

const (
	aboutRows  question = iota // the rows of the page
	aboutTotal                 // whether totals count what was asked for
	aboutLast                  // which customers have the largest ids, the largest first
)

// query is the ask in the report's terms.
func (a ask) query(common report.Query, c *course) report.Query {
	q := common
	limit := c.limit
	q.Limit = &limit
	q.IDs = c.ids
	if c.ids == nil || a.offset > 0 {
		offset := int(a.offset)
		q.Offset = &offset
	}
	if a.after > c.floor {
		q.IDGT = &a.after
	}
	if a.about == aboutLast {
		q.Sort = []string{"-" + report.ColumnID}
	}
	return q
}

// page is the shape of an answer: all that paging has to know of it.
type page struct {
	ask
	ids     []int64
	total   int64 // as the answer says; -1: it does not
	order   order
	repeats bool // the page has been passed over once, until a repair joins it on
}
