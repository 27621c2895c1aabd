package httpsource

import "github.com/teamupsql/teamupsql/report"

// Preview returns the first requests of a scan, as path and query, without sending them:
// the first page of the report, or one request for each batch of ids. The list is empty if
// no row can match. If req is invalid, it returns the same error as Scanner.Next.
func (c *Client) Preview(req Request) ([]string, error) {
	common, err := req.prepare()
	if err != nil || req.Query.Nothing() {
		return nil, err
	}
	var list []string
	for _, p := range pagers(common, c.pageSize(req)) {
		list = append(list, c.preview(p.nextPage().query(common, p)))
	}
	return list, nil
}

// Pages returns the number of requests that a scan of this many rows takes if the report
// does not change. It is not for a request with ids.
func (c *Client) Pages(req Request, rows int64) int64 {
	stride := int64(c.pageSize(req) - 1) // pages overlap by one row
	return max(1, (rows+stride-1)/stride)
}

// RatePerMinute returns how many requests may be sent in any minute: the lowest rate among
// the open clients that share the limit, see Config.RateLimitKey. 0 means no limit.
func (c *Client) RatePerMinute() int { return c.gate.ratePerMinute() }

func (c *Client) preview(q report.Query) string {
	u := c.address(q)
	return u.EscapedPath() + "?" + u.RawQuery
}
