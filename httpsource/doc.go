// Package httpsource fetches the pages of a report of TeamUp: in the order of the rows' ids,
// each row exactly once.
//
// A [Client] contains what all scans share: the address, the token and the limits. A
// [Scanner], created by [Scan], is one pass over one query. It requests several pages in
// parallel, decodes each page in the goroutine that fetched it, and returns the pages in
// order. A scan returns all rows or an error.
//
// The files, from the wire up:
//
//	exchange.go   one request and its response
//	retry.go      one page, over as many tries as it takes
//	governor.go   when a request may start: rate, pauses, requests in flight
//	pager.go      which pages to request, and the proof that none is missing
//	unsorted.go   the same for a server that does not sort
//	scan.go       the window of pages between the requests and the caller
//
// The facts about the API come from the vendor's reference of GET /reports/customers/data
// and from its pages on authentication, errors, pagination and rate limits.
//
// The names of this package are stable as described in
// https://github.com/teamupsql/teamupsql/blob/main/docs/stability.md.
package httpsource
