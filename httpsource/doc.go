// Package httpsource turns a typed query of TeamUp's customers report into its
// pages, in the order of the customers' ids, each customer exactly once.
//
// A [Client] holds what is the same for every scan: address, token, limits. A
// [Scanner], made by [Scan], is one pass over one query. It asks for several
// pages side by side, decodes each in the goroutine that fetched it, and hands
// them on in order. It ends with every customer or with an error; there are no
// partial answers.
//
// The parts, from the wire up:
//
//	exchange.go   one request, one answer
//	retry.go      an answer in the end, over as many requests as that takes
//	governor.go   when a request may go out: rate, pauses, requests in flight
//	course.go     which pages to ask for, and the proof that none is missing
//	sweep.go      the same for a server that does not sort
//	scan.go       the window of pages between the requests and the caller
//
// The facts about the API come from the vendor's reference of
// GET /reports/customers/data and from its pages on authentication, errors,
// pagination and rate limits.
package httpsource
