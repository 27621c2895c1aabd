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
	column     string
	descending bool
	rows       int // to ask for
}

// orderColumns are the columns by which the first rows can be asked for: the
// report sorts by them, and it fills them in for every customer (which the scan
// checks all the same).
var orderColumns = []string{"id", "created_at"}

// maxReadForCount is how many rows are read rather than counted: reading them takes no
// more requests than the two that a count takes.
const maxReadForCount = 2 * (report.MaxLimit - 1)

// chooseStrategy finds the cheapest method that the rules allow.
func chooseStrategy(scan pushdown.Scan, t pushdown.Translation, off []Rule) strategy {
	on := func(r Rule) bool { return !slices.Contains(off, r) }
	use := scan.Use
	if !t.Exact || t.Nothing {
		return strategy{}
	}
	wanted, ok := wantedRows(use)
	if use.CountOnly {
		// Which rows a LIMIT lets through makes no difference to their number.
		switch {
		case ok && wanted <= maxReadForCount && on(RuleLimit):
			return strategy{rows: wanted}
		case t.Query.IDs == nil && on(RuleCount):
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
	if top, ok := topOrder(use, wanted); ok && t.Query.IDs == nil && on(RuleTop) {
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

func topOrder(use pushdown.Use, wanted int64) (*topRows, bool) {
	if len(use.OrderBy) != 1 || wanted > report.MaxLimit {
		return nil, false
	}
	by := use.OrderBy[0]
	column, ok := by.By.(pushdown.Column)
	if !ok || !slices.Contains(orderColumns, column.Path) || by.NullsFirst && column.Path != report.ColumnID {
		return nil, false
	}
	return &topRows{column: column.Path, descending: by.Descending, rows: max(int(wanted), minTopRows)}, true
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
