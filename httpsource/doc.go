// Package httpsource fetches the pages of TeamUp's customers report: in the order of the
// customers' ids, each customer exactly once.
//
// A [Client] contains what all scans share: the address, the token and the limits. A
// [Scanner], created by [Scan], is one pass over one query. It requests several pages in
// parallel, decodes each page in the goroutine that fetched it, and returns the pages in
// order. A scan returns all customers or an error.
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
package httpsource
