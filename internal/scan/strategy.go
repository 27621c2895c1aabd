package scan

import (
	"slices"

	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/requests"
)

// strategy is how a scan gets its rows.
type strategy struct {
	count bool     // request the number of rows
	top   *topRows // request the first rows in an order
	rows  int64    // no more than this will be read; 0: not known
}

// minTopRows is the least number of rows whose order proves that the report sorted them:
// the chance that 20 unsorted rows are in order is 1 in 20!.
const minTopRows = 20

// topRows are the first rows of an order.
type topRows struct {
	of         *report.Report
	column     string
	descending bool
	rows       int // to request
}

// maxReadForCount is how many rows are read rather than counted: reading them takes no
// more requests than the two that a count takes.
const maxReadForCount = 2 * (report.MaxLimit - 1)

// chooseStrategy finds the cheapest method that the rules allow.
func chooseStrategy(scan pushdown.Scan, t pushdown.Translation, off []requests.Rule) strategy {
	on := func(r requests.Rule) bool { return !slices.Contains(off, r) }
	use, of := scan.Use, t.Query.Report
	byKeys := t.Query.Has(of.Roles.Keys)
	if !t.Exact || t.Nothing {
		return strategy{}
	}
	wanted, ok := wantedRows(use)
	if use.CountOnly {
		// The count depends on how many rows a LIMIT returns, not on which.
		switch {
		case ok && wanted <= maxReadForCount && on(requests.RuleLimit):
			return strategy{rows: wanted}
		case !byKeys && on(requests.RuleCount):
			return strategy{count: true}
		}
		return strategy{}
	}
	if !ok {
		return strategy{}
	}
	if len(use.OrderBy) == 0 && on(requests.RuleLimit) {
		return strategy{rows: wanted}
	}
	if top, ok := topOrder(of, use, wanted); ok && !byKeys && on(requests.RuleTop) {
		return strategy{top: top}
	}
	return strategy{}
}

// wantedRows returns the number of rows that a LIMIT needs, including its OFFSET.
func wantedRows(use pushdown.Use) (int64, bool) {
	const most = 1 << 40
	if use.Limit == nil || *use.Limit > most {
		return 0, false
	}
	n := *use.Limit
	if use.Offset != nil {
		if *use.Offset > most {
			return 0, false
		}
		n += *use.Offset
	}
	return int64(n), n > 0
}

func topOrder(of *report.Report, use pushdown.Use, wanted int64) (*topRows, bool) {
	if len(use.OrderBy) != 1 || wanted > report.MaxLimit {
		return nil, false
	}
	by := use.OrderBy[0]
	if !slices.Contains(of.Filled, by.Column) || by.NullsFirst && by.Column != of.Key {
		return nil, false
	}
	return &topRows{of: of, column: by.Column, descending: by.Descending, rows: max(int(wanted), minTopRows)}, true
}

// rule returns the rule of the strategy, "" for a plain scan.
func (m strategy) rule() requests.Rule {
	switch {
	case m.count:
		return requests.RuleCount
	case m.top != nil:
		return requests.RuleTop
	case m.rows > 0:
		return requests.RuleLimit
	}
	return ""
}
