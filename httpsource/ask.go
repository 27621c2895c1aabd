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
	// Query is of the report to read and holds columns and filters. Paging, sort and
	// format are the scan's own business and must be unset. The key is added to the
	// columns where it is missing. A list of keys may be of any length.
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
	Observer func(context.Context, RequestEvent)
}

// prepare checks a request and makes of its query what all its pages have in common.
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

// keysOf are the keys that a query asks for, nil for all.
func keysOf(q report.Query) []int64 {
	if q.Report == nil {
		return nil
	}
	return report.Value[[]int64](q, q.Report.Roles.Keys)
}

// floorOf is the query's own lower bound of the key, 0 for none.
func floorOf(q report.Query) int64 { return report.Value[int64](q, q.Report.Roles.KeyAbove) }

// mayHave reports whether the ids of an answer can be those of the request: each once,
// none below 1, and only those that the request's keys and lower bound let through.
func (r Request) mayHave(ids []int64) bool {
	seen, floor, keys := idSet{}, floorOf(r.Query), keysOf(r.Query)
	for _, id := range ids {
		if id < 1 || !seen.add(id) || id <= floor || keys != nil && !slices.Contains(keys, id) {
			return false
		}
	}
	return true
}

// pageSize is how many rows a page of the request asks for. Two are the least that
// can overlap by one.
func (c *Client) pageSize(r Request) int {
	if keysOf(r.Query) == nil && r.Rows > 0 && r.Rows < int64(c.cfg.PageSize) {
		return max(2, int(r.Rows))
	}
	return c.cfg.PageSize
}

// courses splits a query into reads that are complete each for itself: one of the
// whole, or one for every batch of ids.
func courses(q report.Query, pageSize int) []*course {
	floor, keys := floorOf(q), keysOf(q)
	if keys == nil {
		return []*course{newCourse(q.Report, nil, floor, pageSize)}
	}
	ids := slices.Compact(slices.Sorted(slices.Values(keys)))
	first, _ := slices.BinarySearch(ids, floor+1)
	var all []*course
	for batch := range slices.Chunk(ids[first:], min(report.MaxIDs, pageSize)) {
		all = append(all, newCourse(q.Report, batch, floor, pageSize))
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
	roles := common.Report.Roles
	q := common.With(roles.Limit, c.limit).With(roles.Keys, c.ids)
	if c.ids == nil || a.offset > 0 {
		q = q.With(roles.Offset, a.offset)
	}
	if a.after > c.floor {
		q = q.With(roles.KeyAbove, a.after)
	}
	if a.about == aboutLast {
		q = q.With(roles.Sort, []string{"-" + common.Report.Key})
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
