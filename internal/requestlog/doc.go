// Package requestlog keeps the latest requests of a connector and sums up the requests of
// each statement.
package requestlog
