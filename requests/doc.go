// Package requests describes what a statement requests of TeamUp: an [Explanation] before
// it runs, a [Summary] after, and the errors of its scans that concern a business or a
// custom field. Package tablefunc makes these values; programs read them.
//
// The names of this package are stable as described in
// https://github.com/teamupsql/teamupsql/blob/main/docs/stability.md.
package requests
