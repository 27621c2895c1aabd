package fields

import (
	"sync"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/report"
)

// usualCustomers is the number of customers that DuckDB expects before the first scan.
const usualCustomers = 5000

// Totals are the numbers of customers that scans without filters have found. They are used
// for DuckDB's join order, for estimates, and to decide whether a list of ids saves
// requests. The zero value is ready for use.
type Totals struct {
	mu    sync.Mutex
	by    map[total]int64
	last  int64
	known bool // of any business
}

// total is the rows of a report that a client found for a business, 0 for its own; without
// a client, those that any client found last.
type total struct {
	client   *httpsource.Client
	of       *report.Report
	provider int64
}

// Learn remembers how many customers there are from a scan without filters.
func (p *Totals) Learn(c *httpsource.Client, r httpsource.Request, rows int64) {
	if rows <= 0 || !Unfiltered(r.Query) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.by == nil || len(p.by) >= maxEntries {
		p.by = map[total]int64{}
	}
	p.by[total{c, r.Query.Report, r.ProviderID}] = rows
	p.by[total{nil, r.Query.Report, r.ProviderID}], p.last, p.known = rows, rows, true
}

// Expected returns the number of customers of a business from the last scan without
// filters, of this business or else of another, or a default. known reports whether it is
// not the default.
func (p *Totals) Expected(of *report.Report, provider int64) (n int64, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n, ok := p.by[total{nil, of, provider}]; ok {
		return n, true
	}
	if p.known {
		return p.last, true
	}
	return usualCustomers, false
}

// Found returns the number of rows that the last scan without filters by this client found
// for the business.
func (p *Totals) Found(c *httpsource.Client, of *report.Report, provider int64) (n int64, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n, known = p.by[total{c, of, provider}]
	return n, known
}

// Unfiltered reports whether a query selects all customers.
func Unfiltered(q report.Query) bool {
	return len(q.Filters().Values()) == 0
}
