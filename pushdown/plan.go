package pushdown

import (
	"fmt"
	"slices"

	"github.com/teamupsql/teamupsql/report"
)

// Plan contains the scans of reports in a serialized plan.
type Plan struct {
	// Scans are ordered by TableIndex, which is the order in which DuckDB binds them.
	Scans []Scan
}

// Scan is one reference to the table function of a report in a plan.
type Scan struct {
	Report     *report.Report
	TableIndex uint64
	// Columns are the columns that the scan reads, in the order of its result.
	Columns []ColumnRef
	// predicates are the terms of the FILTER directly above the scan. The statement uses
	// only rows for which all of them are TRUE.
	predicates []expr
	// Duplicate reports whether the plan contains the TableIndex more than once, because
	// DuckDB copied a subplan. Such a scan has no predicates.
	Duplicate bool
	// Dropped reports whether the optimized plan lacks the scan, see [InBindOrder].
	Dropped bool
	Use     Use
	// Keys contains the ids that a join can match, nil if there is no such join.
	Keys *Keys
	// ExtraKeys are the same for columns after the report's columns, one for each join.
	ExtraKeys []ExtraKeys
}

// ExtraKeys are the Keys for a column of the call that is not a column of the report.
type ExtraKeys struct {
	Index uint64 // of the column, among all columns of the call
	*Keys
}

// ColumnRef is a column of the report that a scan reads.
type ColumnRef struct {
	Index uint64 // the position among the report's columns, or of a field in its struct
	Parts []ColumnRef
}

// PlanError indicates that DuckDB could not serialize the plan of a statement. Its texts
// are DuckDB's.
type PlanError struct {
	Type    string // DuckDB's kind of error, such as "not implemented"
	Message string
}

func (e *PlanError) Error() string {
	return fmt.Sprintf("DuckDB cannot show the plan: %s: %s", e.Type, e.Message)
}

// ReadPlan reads the result of json_serialize_plan and finds the scans of the reports'
// table functions. If DuckDB could not serialize the plan, the error is a [*PlanError]. A
// plan of an unknown shape is not an error: the scans in it have no predicates.
func ReadPlan(serialized []byte, reports ...*report.Report) (*Plan, error) {
	tree, err := parseTree(serialized)
	if err != nil {
		return nil, fmt.Errorf("the plan is not JSON: %w", err)
	}
	if tree.flag("error") {
		return nil, &PlanError{tree.text("error_type"), tree.text("error_message")}
	}
	if _, ok := tree["plans"].([]any); !ok {
		return nil, fmt.Errorf("DuckDB's result contains no plans")
	}
	r := reader{reports: reports, seen: map[uint64]int{}, of: map[uint64]*report.Report{}, keys: map[uint64]joined{}}
	r.count(tree)
	for _, root := range tree.objects("plans") {
		r.operator(root, false)
	}
	return &Plan{r.finish()}, nil
}

// reader collects the scans of a plan.
type reader struct {
	reports []*report.Report
	seen    map[uint64]int            // how many times the plan contains a table_index
	of      map[uint64]*report.Report // by the scan's index
	scans   []Scan
	keys    map[uint64]joined // by the scan's index
}

// isScan also returns the scan's report and index.
func (r *reader) isScan(o object) (of *report.Report, index uint64, ok bool) {
	if o.text("type") != "LOGICAL_GET" {
		return nil, 0, false
	}
	at := slices.IndexFunc(r.reports, func(of *report.Report) bool { return of.Function == o.text("name") })
	if at < 0 {
		return nil, 0, false
	}
	index, ok = o.uint("table_index")
	return r.reports[at], index, ok
}

// count counts every scan, wherever it is in the plan.
func (r *reader) count(v any) {
	switch v := v.(type) {
	case object:
		if of, index, ok := r.isScan(v); ok {
			r.of[index] = of
			r.seen[index]++
		}
		for _, member := range v {
			r.count(member)
		}
	case []any:
		for _, member := range v {
			r.count(member)
		}
	}
}

// operator reads an operator and its children. limited reports whether a LIMIT above may
// end the scan early.
func (r *reader) operator(o object, limited bool) {
	if c, ok := r.rowPath(o); ok {
		use := &c.scan.Use
		use.Whole = !limited && (use.Limit == nil || len(use.OrderBy) > 0)
		r.scans = append(r.scans, c.scan)
		for _, other := range c.others {
			r.operator(other, limited)
		}
		return
	}
	if index, keys, ok := r.joinKeys(o); ok {
		r.keys[index] = keys
	}
	limited = limited || o.text("type") == "LOGICAL_LIMIT"
	for _, child := range o.objects("children") {
		r.operator(child, limited)
	}
}

// finish returns the scans in order. A scan that was not reached through known operators,
// or that the plan contains more than once, has no predicates.
func (r *reader) finish() []Scan {
	var out []Scan
	for index, times := range r.seen {
		scan := Scan{Report: r.of[index], TableIndex: index, Duplicate: times > 1}
		for _, s := range r.scans {
			if s.TableIndex == index && times == 1 {
				scan = s
				scan.Keys, scan.ExtraKeys = r.keys[index].id, r.keys[index].extra
			}
		}
		out = append(out, scan)
	}
	slices.SortFunc(out, func(a, b Scan) int {
		if a.TableIndex < b.TableIndex {
			return -1
		}
		return 1
	})
	return out
}
