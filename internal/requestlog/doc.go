// Package requestlog keeps the latest requests of a connector and sums up what a
// statement's requests cost.
package requestlog
