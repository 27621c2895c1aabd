package requests

import (
	"time"

	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// Summary is what one run of a statement cost: the sum of its rows in teamup_requests().
type Summary struct {
	Statement int64 // its number in teamup_requests() and in logs, from 1
	Requests  int   // that were sent
	Retries   int   // requests that repeated another one
	Rows      int64 // in the responses, including those by which pages overlap
	Bytes     int64 // of the responses' bodies, as sent
	// Waited is how long requests were delayed by the rate limit. A time at which several
	// were delayed counts once.
	Waited time.Duration
	// Scans are the references that were read, in the order in which DuckDB began them. A
	// reference to several businesses has an entry for each.
	Scans []ScanSummary
}

// ScanSummary is what the scan of one reference to a report requested of one business.
type ScanSummary struct {
	Reference  int                        // which one of the statement, from 1
	Query      report.Query               // its columns and filters
	ProviderID int64                      // the business; 0 for the client's own
	Predicates []pushdown.PredicateResult // of the WHERE, with what became of each
	Nothing    bool                       // no row could match
	Rule       Rule                       // the rule that spared reading all rows, "" for none
	// Requests and Rows are its part of the sum. If several scans read the same pages, by
	// RuleShare, the first one has them.
	Requests int
	Rows     int64
}
