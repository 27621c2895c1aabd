package tablefunc

import (
	"sync"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/report"
)

// usualCustomers is how many customers DuckDB is told to expect before any scan.
const usualCustomers = 5000

// populations is what scans without filters have learned of the number of
// customers: for DuckDB's choice of join order, for estimates, and for whether a
// list of ids is worth its requests. The zero value knows nothing.
type populations struct {
	mu    sync.Mutex
	of    *httpsource.Client // which found them
	by    map[population]int64
	last  int64
	known bool // anything
}

// population is the rows of a report for a business, 0 for the client's own.
type population struct {
	of       *report.Report
	provider int64
}

// learn remembers how many customers there are from a scan without filters.
func (s *settings) learn(c *httpsource.Client, r httpsource.Request, total int64) {
	if total <= 0 || !unfiltered(r.Query) {
		return
	}
	p := &s.populations
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of != c || p.by == nil {
		p.of, p.by = c, map[population]int64{}
	}
	p.by[population{r.Query.Report, r.ProviderID}], p.last, p.known = total, total, true
}

// expected is how many customers a business has as far as scans without filters
// told, of this business or else of another, or else a guess. told says that it is
// not a guess.
func (s *settings) expected(of *report.Report, provider int64) (n int64, told bool) {
	p := &s.populations
	p.mu.Lock()
	defer p.mu.Unlock()
	if n, ok := p.by[population{of, provider}]; ok {
		return n, true
	}
	if p.known {
		return p.last, true
	}
	return usualCustomers, false
}

// customers is how many customers the last scan without filters found, if it asked
// the same client for the same business.
func (s *settings) customers(c *httpsource.Client, of *report.Report, provider int64) (n int64, told bool) {
	p := &s.populations
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of != c {
		return 0, false
	}
	n, told = p.by[population{of, provider}]
	return n, told
}

// unfiltered says whether a query asks for all customers.
func unfiltered(q report.Query) bool {
	return len(filters(q).Values()) == 0
}
