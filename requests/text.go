package requests

import (
	"fmt"
	"slices"
	"strings"

	"github.com/teamupsql/teamupsql/pushdown"
)

// String is the explanation as a person reads it: for each scan its requests and,
// below, a line for each predicate.
func (e *Explanation) String() string {
	var b strings.Builder
	if len(e.Scans) == 0 {
		b.WriteString("The statement sends no requests to TeamUp.\n")
	}
	for from := 0; from < len(e.Scans); {
		to := from + 1
		for to < len(e.Scans) && e.Scans[to].Reference == e.Scans[from].Reference {
			to++
		}
		writeReference(&b, e.Scans[from:to])
		from = to
	}
	if e.Unplanned != nil {
		fmt.Fprintf(&b, "nothing of the WHERE is pushed down: %v\n", e.Unplanned)
	}
	return b.String()
}

const shownRequests = 3

// ruleNotes describe what a rule saves if the responses allow it.
var ruleNotes = map[Rule]string{
	RuleCount: "reads the total instead of the rows",
	RuleTop:   "reads only the first rows, sorted by the report",
	RuleLimit: "reading ends with the LIMIT",
}

// writeReference writes the scan of a reference, business by business if it names
// several.
func writeReference(b *strings.Builder, parts []ScanExplanation) {
	var sum Estimate
	shown := showPredicates(parts)
	for i, s := range parts {
		fmt.Fprintf(b, "scan %d", s.Reference)
		if s.ProviderID != 0 {
			fmt.Fprintf(b, ", business %d", s.ProviderID)
		}
		b.WriteString(": ")
		s.writeRequests(b)
		if shown[i] {
			s.writePredicates(b)
		}
		sum = sum.add(s.Estimate)
	}
	if len(parts) > 1 && sum.Bound != Unknown {
		fmt.Fprintf(b, "scan %d, all businesses: %s\n", parts[0].Reference, sum)
	}
}

// showPredicates returns the businesses for which predicates are printed: those that get
// requests. Of several in a row with equal predicates, only the last is printed.
func showPredicates(parts []ScanExplanation) map[int]bool {
	shown := map[int]bool{}
	var after []pushdown.PredicateResult
	for i, s := range slices.Backward(parts) {
		if s.Nothing {
			continue
		}
		if len(shown) == 0 || !slices.EqualFunc(s.Predicates, after, sameResult) {
			shown[i] = true
		}
		after = s.Predicates
	}
	if len(shown) == 0 {
		shown[len(parts)-1] = true
	}
	return shown
}

func sameResult(a, b pushdown.PredicateResult) bool {
	return a.Predicate == b.Predicate && a.Outcome == b.Outcome && a.Why == b.Why && slices.Equal(a.Parameters, b.Parameters)
}

func (s ScanExplanation) writeRequests(b *strings.Builder) {
	switch {
	case s.Dropped:
		b.WriteString("no request, the statement does not need it\n")
	case s.Nothing:
		fmt.Fprintf(b, "no request, no %s can match\n", s.Query.Report.Row)
	case s.With > 0:
		fmt.Fprintf(b, "no request, it shares the rows of scan %d\n", s.With)
	}
	for i, r := range s.Requests {
		if i == shownRequests {
			fmt.Fprintf(b, "  … and %d more for other ids\n", len(s.Requests)-i)
			break
		}
		if i > 0 {
			b.WriteString("  ")
		}
		b.WriteString("GET " + r + "\n")
	}
	switch note := ruleNotes[s.Rule]; {
	case s.Rule == RuleKeys:
		fmt.Fprintf(b, "  only the %d ids on the other side of the join\n", s.Keys)
	case note != "":
		b.WriteString("  " + note + "\n")
	}
	if len(s.Requests) > 0 {
		b.WriteString("  " + s.Estimate.String() + s.advice() + "\n")
	}
	for _, f := range s.CustomFields {
		b.WriteString("  " + f.String() + "\n")
	}
}

// advice is how to get an estimate, if there is none.
func (s ScanExplanation) advice() string {
	if s.Estimate.Bound != Unknown {
		return ""
	}
	return fmt.Sprintf("; run SELECT count(*) FROM %s() first", s.Query.Report.Function)
}

func (s ScanExplanation) writePredicates(b *strings.Builder) {
	for _, p := range s.Predicates {
		fmt.Fprintf(b, "  %-7s %s", p.Outcome, p.Predicate)
		if len(p.Parameters) > 0 {
			b.WriteString("  ->  " + strings.Join(p.Parameters, ", "))
		}
		if p.Why != "" {
			b.WriteString("  (" + p.Why + ")")
		}
		b.WriteByte('\n')
	}
}

// String is the field in one line.
func (f CustomField) String() string {
	return fmt.Sprintf("column %q %s: custom field %d, label %q, key %s", f.Column, f.Type, f.ID, f.Label, f.Key)
}
