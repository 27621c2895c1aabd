package scan

import (
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/internal/fields"
	"github.com/teamupsql/teamupsql/requests"
)

// estimate returns the number of requests of a scan that begins with those of e. whole
// reports whether it reads every row.
func (s *Env) estimate(client *httpsource.Client, e requests.ScanExplanation, m strategy, whole bool) requests.Estimate {
	known := requests.Estimate{PerMinute: client.RatePerMinute()}
	request := httpsource.Request{Query: e.Query, ProviderID: e.ProviderID, Rows: m.rows}
	customers, found := s.Totals.Found(client, e.Query.Report, e.ProviderID)
	// The total does not include deleted customers.
	found = found && !e.Query.Has(e.Query.Report.Roles.Deleted)
	all := client.Pages(request, customers)
	known.Requests, known.Bound = int64(len(e.Requests)), requests.Exactly
	switch {
	case e.Query.Has(e.Query.Report.Roles.Keys) || m.top != nil:
	case m.count:
		known.Requests, known.Bound = 2, requests.AtMost
	case m.rows > 0:
		known.Requests, known.Bound = client.Pages(request, m.rows), requests.AtMost
		if found {
			known.Requests = min(known.Requests, all)
		}
	case !found:
		known.Requests, known.Bound = 0, requests.Unknown
	case whole && fields.Unfiltered(e.Query):
		known.Requests, known.Bound = all, requests.About
	default:
		known.Requests, known.Bound = all, requests.AtMost
	}
	return known
}
