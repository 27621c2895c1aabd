package httpsource

// Preview lists the requests that a scan begins with, as path and query, without
// sending any: the first page of the report, or one request for every batch of ids.
// It is empty where no customer can match. The error says what is wrong with the
// request, as the first Next of a scan would.
func (c *Client) Preview(req Request) ([]string, error) {
	common, err := req.prepare()
	if err != nil || req.Query.Nothing() {
		return nil, err
	}
	var list []string
	for _, course := range courses(common, c.pageSize(req)) {
		u := c.address(course.nextPage().query(common, course))
		list = append(list, u.EscapedPath()+"?"+u.RawQuery)
	}
	return list, nil
}
