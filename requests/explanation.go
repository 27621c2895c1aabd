package requests

import (
	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// Explanation is what a statement would request of TeamUp.
type Explanation struct {
	// Scans are the statement's references to reports, in the order in which DuckDB binds
	// them. A reference to several businesses has an entry for each.
	Scans []ScanExplanation
	// Unplanned is the reason why nothing of the WHERE is pushed down in this statement,
	// nil if its plan was understood. The scans then read what their named parameters
	// allow.
	Unplanned error
}

// ScanExplanation is what the scan of one reference to a report would request of one
// business.
type ScanExplanation struct {
	Reference int // which one of the statement, from 1
	// Requests are the first requests of the scan, as path and query: the first page, or
	// one request for each batch of ids. Empty if none is needed.
	Requests []string
	// Query contains the named parameters, the pushed predicates and the columns.
	Query        report.Query
	ProviderID   int64                      // the business, 0 if the call names none
	CustomFields []CustomField              // that are requested
	Predicates   []pushdown.PredicateResult // of the WHERE, with what becomes of each
	Nothing      bool                       // no row can match, so that nothing is requested
	Dropped      bool                       // the statement does not need the rows, so that nothing is requested
	Exact        bool                       // the report leaves out every row that DuckDB would leave out
	// Rule is RuleCount, RuleTop, RuleLimit, RuleKeys or RuleShare if that spares the scan
	// reading all rows, and "" otherwise.
	Rule     Rule
	Keys     int // with RuleKeys, the number of ids on the other side of the join
	With     int // with RuleShare, the Reference whose requests bring the rows of this one too
	Estimate Estimate
}

// CustomField is a custom field of a business as a column.
type CustomField struct {
	Column string // its name in SQL
	Type   string // its type in SQL
	ID     int64
	Label  string // as TeamUp shows it
	Key    string // its name in the report's rows
}
