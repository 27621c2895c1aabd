package scan

import (
	"fmt"
	"slices"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/internal/fields"
)

// Bound is the precision of an estimate.
type Bound string

// The bounds.
const (
	Exactly Bound = ""
	About   Bound = "about"   // by the number of customers that the last scan found
	AtMost  Bound = "at most" // predicates or a LIMIT may save some
	Unknown Bound = "unknown" // no scan has found the number of customers yet
)

// Estimate is how many requests a scan will take while the report stays as it is
// and nothing fails.
type Estimate struct {
	Requests  int64 // 0 if Bound is Unknown
	Bound     Bound
	PerMinute int // how many may be sent, see httpsource.Client.RatePerMinute; 0: no limit
}

// String is the estimate in words, with the time that its requests take at least
// by the client's limit.
func (e Estimate) String() string {
	if e.Bound == Unknown {
		return "requests: unknown; run SELECT count(*) FROM teamup_customers() first"
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

// add is how many requests both take.
func (e Estimate) add(o Estimate) Estimate {
	weaker := []Bound{Exactly, About, AtMost, Unknown}
	e.Bound = weaker[max(slices.Index(weaker, e.Bound), slices.Index(weaker, o.Bound))]
	e.PerMinute = max(e.PerMinute, o.PerMinute)
	if e.Requests += o.Requests; e.Bound == Unknown {
		e.Requests = 0
	}
	return e
}

// estimate returns the number of requests of a scan that begins with those of e. whole
// reports whether it reads every row.
func (s *Env) estimate(client *httpsource.Client, e ScanExplanation, m strategy, whole bool) Estimate {
	known := Estimate{PerMinute: client.RatePerMinute()}
	request := httpsource.Request{Query: e.Query, ProviderID: e.ProviderID, Rows: m.rows}
	customers, found := s.Totals.Found(client, e.Query.Report, e.ProviderID)
	// The total does not include deleted customers.
	found = found && !e.Query.Has(e.Query.Report.Roles.Deleted)
	all := client.Pages(request, customers)
	known.Requests, known.Bound = int64(len(e.Requests)), Exactly
	switch {
	case e.Query.Has(e.Query.Report.Roles.Keys) || m.top != nil:
	case m.count:
		known.Requests, known.Bound = 2, AtMost
	case m.rows > 0:
		known.Requests, known.Bound = client.Pages(request, m.rows), AtMost
		if found {
			known.Requests = min(known.Requests, all)
		}
	case !found:
		known.Requests, known.Bound = 0, Unknown
	case whole && fields.Unfiltered(e.Query):
		known.Requests, known.Bound = all, About
	default:
		known.Requests, known.Bound = all, AtMost
	}
	return known
}
