package tablefunc

import (
	"fmt"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/report"
)

// Bound says how an estimate is meant.
type Bound string

// The bounds.
const (
	Exactly Bound = ""
	About   Bound = "about"   // by the number of customers that the last scan found
	AtMost  Bound = "at most" // fewer, where predicates or a LIMIT spare some
	Unknown Bound = "unknown" // no scan has told yet how many customers there are
)

// Estimate is how many requests a scan will take while the report stays as it is
// and nothing fails.
type Estimate struct {
	Requests  int64 // 0 where Bound is Unknown
	Bound     Bound
	PerMinute int // how many the client allows itself, 0: no limit
}

// String is the estimate in words, with the time that its requests take at least
// by the client's limit.
func (e Estimate) String() string {
	if e.Bound == Unknown {
		return "requests: known when a scan without filters has told the number of customers"
	}
	text := plural(e.Requests, "request")
	if e.Bound != Exactly {
		text = string(e.Bound) + " " + text
	}
	if e.PerMinute > 0 && e.Requests > int64(e.PerMinute) {
		minutes := (e.Requests + int64(e.PerMinute) - 1) / int64(e.PerMinute)
		text += fmt.Sprintf(", %s at %d a minute", plural(minutes, "minute"), e.PerMinute)
	}
	return text
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// estimate says how many requests a scan takes that begins with those of e. whole
// says that it will read every row.
func (s *settings) estimate(e ScanExplanation, m method, whole bool) Estimate {
	client := s.client()
	known := Estimate{PerMinute: client.RatePerMinute()}
	request := httpsource.Request{Query: e.Query, ProviderID: e.ProviderID, Rows: m.rows}
	customers, told := s.customers(client, e.ProviderID)
	// Deleted customers are in no total that we know.
	told = told && e.Query.IncludeDeleted == nil
	all := client.Pages(request, customers)
	known.Requests, known.Bound = int64(len(e.Requests)), Exactly
	switch {
	case e.Query.IDs != nil || m.top != nil:
	case m.count:
		known.Requests, known.Bound = 2, AtMost
	case m.rows > 0:
		known.Requests, known.Bound = client.Pages(request, m.rows), AtMost
		if told {
			known.Requests = min(known.Requests, all)
		}
	case !told:
		known.Requests, known.Bound = 0, Unknown
	case whole && unfiltered(e.Query):
		known.Requests, known.Bound = all, About
	default:
		known.Requests, known.Bound = all, AtMost
	}
	return known
}

// unfiltered says whether a query asks for all customers.
func unfiltered(q report.Query) bool {
	q.Columns = nil
	return len(q.Values()) == 0
}

// population is what is known of the number of customers.
type population struct {
	customers int64
	of        *httpsource.Client // which found them
	provider  int64              // of the request
}

// usualCustomers is how many customers DuckDB is told to expect before any scan.
const usualCustomers = 5000

// expected is how many customers there are as far as the last scan without filters
// told, or else a guess.
func (s *settings) expected() int64 {
	if p := s.population.Load(); p != nil {
		return p.customers
	}
	return usualCustomers
}

// customers is how many customers the last scan without filters found, if it asked
// the same client for the same business.
func (s *settings) customers(c *httpsource.Client, provider int64) (n int64, told bool) {
	p := s.population.Load()
	if p == nil || p.of != c || p.provider != provider {
		return 0, false
	}
	return p.customers, true
}

// learn remembers how many customers there are from a scan without filters.
func (s *settings) learn(c *httpsource.Client, r httpsource.Request, total int64) {
	if total > 0 && unfiltered(r.Query) {
		s.population.Store(&population{customers: total, of: c, provider: r.ProviderID})
	}
}
