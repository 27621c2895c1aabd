package scan

import (
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/internal/fields"
	"github.com/teamupsql/teamupsql/requests"
)

// estimate says how many requests a scan takes that begins with those of e. whole
// says that it will read every row.
func (s *Env) estimate(client *httpsource.Client, e requests.ScanExplanation, m strategy, whole bool) requests.Estimate {
	known := requests.Estimate{PerMinute: client.RatePerMinute()}
	request := httpsource.Request{Query: e.Query, ProviderID: e.ProviderID, Rows: m.rows}
	customers, told := s.Totals.Found(client, e.Query.Report, e.ProviderID)
	// Deleted customers are in no total that we know.
	told = told && !e.Query.Has(e.Query.Report.Roles.Deleted)
	all := client.Pages(request, customers)
	known.Requests, known.Bound = int64(len(e.Requests)), requests.Exactly
	switch {
	case e.Query.Has(e.Query.Report.Roles.Keys) || m.top != nil:
	case m.count:
		known.Requests, known.Bound = 2, requests.AtMost
	case m.rows > 0:
		known.Requests, known.Bound = client.Pages(request, m.rows), requests.AtMost
		if told {
			known.Requests = min(known.Requests, all)
		}
	case !told:
		known.Requests, known.Bound = 0, requests.Unknown
	case whole && fields.Unfiltered(e.Query):
		known.Requests, known.Bound = all, requests.About
	default:
		known.Requests, known.Bound = all, requests.AtMost
	}
	return known
}
