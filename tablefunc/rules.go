package tablefunc

import (
	"slices"

	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// Rule is a way in which a plan saves requests. None changes an answer; each can
// be switched off, see [WithoutPushdown].
type Rule string

// The rules.
const (
	RuleWhere Rule = "where" // predicates become parameters of the report; the others build on it
	RuleParts Rule = "parts" // of a struct, only the parts that are read are asked for
	RuleCount Rule = "count" // rows that are only counted are not read: the report tells their number
	RuleLimit Rule = "limit" // a LIMIT asks for no larger page than it needs
	RuleKeys  Rule = "keys"  // a join on id asks for the ids on its other side, where that takes fewer requests
	RuleShare Rule = "share" // scans of one statement that ask for the same customers read them once
	RuleTop   Rule = "top"   // ORDER BY id or created_at with a LIMIT reads just these rows
)

// Rules lists all rules.
func Rules() []Rule {
	return []Rule{RuleWhere, RuleParts, RuleCount, RuleLimit, RuleKeys, RuleShare, RuleTop}
}

// method is how a scan gets its rows.
type method struct {
	count bool     // by asking for their number
	top   *topRows // by asking for the first rows of an order
	rows  int64    // no more than this will be read; 0: not known
}

// leastTop is the least number of rows from which their order shows that the report
// has sorted them: by chance, so many are in order once in 20! times.
const leastTop = 20

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

// chooseMethod finds the cheapest method that the rules allow.
func chooseMethod(scan pushdown.Scan, t pushdown.Translation, off []Rule) method {
	on := func(r Rule) bool { return !slices.Contains(off, r) }
	use, of := scan.Use, t.Query.Report
	byKeys := t.Query.Has(of.Roles.Keys)
	if !t.Exact || t.Nothing {
		return method{}
	}
	wanted, ok := wantedRows(use)
	if use.CountOnly {
		// Which rows a LIMIT lets through makes no difference to their number.
		switch {
		case ok && wanted <= maxReadForCount && on(RuleLimit):
			return method{rows: wanted}
		case !byKeys && on(RuleCount):
			return method{count: true}
		}
		return method{}
	}
	if !ok {
		return method{}
	}
	if len(use.OrderBy) == 0 && on(RuleLimit) {
		return method{rows: wanted}
	}
	if top, ok := topOrder(of, use, wanted); ok && !byKeys && on(RuleTop) {
		return method{top: top}
	}
	return method{}
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
	column, ok := by.By.(pushdown.Column)
	if !ok || !slices.Contains(of.Filled, column.Path) || by.NullsFirst && column.Path != of.Key {
		return nil, false
	}
	return &topRows{of: of, column: column.Path, descending: by.Descending, rows: max(int(wanted), leastTop)}, true
}

// rule is the rule that spares a scan reading the whole, "" for none.
func (n narrowed) rule() Rule {
	if n.keys != nil {
		return RuleKeys
	}
	return n.method.rule()
}

// rule is the rule that the method comes from, "" for a plain scan.
func (m method) rule() Rule {
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
