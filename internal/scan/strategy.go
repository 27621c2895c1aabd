package scan

import (
	"slices"

	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// strategy is how a scan gets its rows.
type strategy struct {
	count bool     // by asking for their number
	top   *topRows // by asking for the first rows of an order
	rows  int64    // no more than this will be read; 0: not known
}

// minTopRows is the least number of rows from which their order shows that the report
// has sorted them: by chance, so many are in order once in 20! times.
const minTopRows = 20

// topRows are the first rows of an order.
type topRows struct {
	of         *report.Report
	column     string
	descending bool
	rows       int // to ask for
}

// maxReadForCount is how many rows are read rather than counted: reading them takes no
// more requests than the two that a count takes.
const maxReadForCount = 2 * (report.MaxLimit - 1)

// chooseStrategy finds the cheapest method that the rules allow.
func chooseStrategy(scan pushdown.Scan, t pushdown.Translation, off []Rule) strategy {
	on := func(r Rule) bool { return !slices.Contains(off, r) }
	use, of := scan.Use, t.Query.Report
	byKeys := t.Query.Has(of.Roles.Keys)
	if !t.Exact || t.Nothing {
		return strategy{}
	}
	wanted, ok := wantedRows(use)
	if use.CountOnly {
		// Which rows a LIMIT lets through makes no difference to their number.
		switch {
		case ok && wanted <= maxReadForCount && on(RuleLimit):
			return strategy{rows: wanted}
		case !byKeys && on(RuleCount):
			return strategy{count: true}
		}
		return strategy{}
	}
	if !ok {
		return strategy{}
	}
	if len(use.OrderBy) == 0 && on(RuleLimit) {
		return strategy{rows: wanted}
	}
	if top, ok := topOrder(of, use, wanted); ok && !byKeys && on(RuleTop) {
		return strategy{top: top}
	}
	return strategy{}
}

// wantedRows is how many rows a LIMIT lets through, its OFFSET included.
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

// rule is the rule that the method comes from, "" for a plain scan.
func (m strategy) rule() Rule {
	switch {
	case m.count:
		return RuleCount
	case m.top != nil:
		return RuleTop
	case m.rows > 0:
		return RuleLimit
	}
	return ""
}
