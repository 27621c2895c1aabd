package tablefunc

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// Explanation says what a statement would ask of TeamUp.
type Explanation struct {
	// Scans are the statement's references to the function, in the order of its text
	// as DuckDB binds it.
	Scans []ScanExplanation
	// Unplanned says why nothing of the WHERE is pushed down in this statement, nil
	// where the plan was understood. The scans then read what their named parameters
	// allow.
	Unplanned error
}

// ScanExplanation says what one scan would ask.
type ScanExplanation struct {
	// Requests are what the scan begins with, as path and query: the first page, or
	// one request for every batch of ids. Empty where none is needed.
	Requests []string
	// Query holds the named parameters, the pushed predicates and the columns.
	Query      report.Query
	ProviderID int64 // the named parameter provider_id, 0 where it is not given
	// Predicates are the terms of the WHERE that reach this scan, and what becomes of
	// each.
	Predicates []pushdown.Fate
	// Nothing says that no customer can match, Dropped that the statement does not
	// need the scan's rows: either way nothing is asked.
	Nothing, Dropped bool
	// Exact says that the report leaves out every row that DuckDB would.
	Exact bool
	// Rule is RuleCount, RuleTop, RuleLimit, RuleKeys or RuleShare where that spares
	// the scan reading the whole, and "" otherwise.
	Rule     Rule
	Keys     int // with RuleKeys, how many ids the other side of the join has
	With     int // with RuleShare, the scan, from 1, whose requests bring the rows of this one too
	Estimate Estimate
}

// Explain says what a statement would ask of TeamUp, without asking. The database
// must be one of [Open]; the text must be one statement. Arguments are those that
// the statement would be run with.
func Explain(ctx context.Context, db *sql.DB, query string, args ...any) (*Explanation, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	var explanation *Explanation
	err = conn.Raw(func(driverConn any) error {
		c, ok := driverConn.(*Conn)
		if !ok {
			return errors.New("tablefunc: Explain needs a database that Open or a Connector of this package opened")
		}
		explanation, err = c.Explain(ctx, query, args...)
		return err
	})
	return explanation, errors.Join(err, conn.Close())
}

// Explain is the function [Explain] on one connection, with its temporary tables
// and settings.
func (c *Conn) Explain(ctx context.Context, query string, args ...any) (*Explanation, error) {
	named, err := c.namedValues(args)
	if err != nil {
		return nil, err
	}
	if len(c.split(query)) > 1 {
		return nil, errors.New("tablefunc: give one statement to explain")
	}
	stmt, err := c.prepareOne(ctx, query)
	if err != nil {
		return nil, err
	}
	defer stmt.Close()
	explanation := &Explanation{}
	if !stmt.scansReport() || definesOnly(query) {
		return explanation, nil
	}
	explanation.Unplanned = stmt.plan(ctx, named)
	first := map[string]int{}
	for i, b := range stmt.statement.allBound() {
		e, err := stmt.explainScan(b, i+1, first)
		if err != nil {
			return nil, err
		}
		explanation.Scans = append(explanation.Scans, e)
	}
	return explanation, nil
}

// definesOnly says whether a statement binds its scans without running them: a
// definition of a view, a macro or an SQL prepared statement.
func definesOnly(query string) bool {
	words := firstWords(query, 6)
	if len(words) == 0 || words[0] != "CREATE" {
		return len(words) > 0 && words[0] == "PREPARE"
	}
	for _, w := range words[1:] {
		switch w {
		case "VIEW", "MACRO", "FUNCTION":
			return true
		case "TABLE":
			return false
		}
	}
	return false
}

func (c *Conn) namedValues(args []any) ([]driver.NamedValue, error) {
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		nv := driver.NamedValue{Ordinal: i + 1, Value: a}
		if n, ok := a.(sql.NamedArg); ok {
			nv.Name, nv.Value = n.Name, n.Value
		}
		err := c.CheckNamedValue(&nv)
		if errors.Is(err, driver.ErrSkip) {
			nv.Value, err = driver.DefaultParameterConverter.ConvertValue(nv.Value)
		}
		if err != nil {
			return nil, fmt.Errorf("tablefunc: argument %d: %w", i+1, err)
		}
		named[i] = nv
	}
	return named, nil
}

// explainScan explains the scan of one binding, the number-th. first are the numbers
// of those before it whose rows others can share.
func (s *Stmt) explainScan(b *binding, number int, first map[string]int) (ScanExplanation, error) {
	e := ScanExplanation{Query: b.arguments.query, ProviderID: b.arguments.providerID}
	n, ok := s.statement.narrowed(b)
	if ok {
		e.Query, e.Predicates, e.Nothing, e.Exact, e.Dropped = n.Query, n.Fates, n.Nothing, n.Exact, n.scan.Dropped
		e.Query.Columns = columnKeys(fields(n.scan.Columns), n.scan.Columns)
		e.Rule, e.Keys = n.rule(), len(n.keys)
	} else {
		// Without a plan the projection is not known before the statement runs.
		e.Query.Columns = columnKeys(report.Columns(), nil)
		e.Nothing = e.Query.Nothing()
	}
	if e.Nothing || e.Dropped {
		return e, nil
	}
	if ok && n.shareable(b) {
		key := n.shareKey(b)
		if e.With = first[key]; e.With > 0 {
			e.Rule = RuleShare
			return e, nil
		}
		first[key] = number
		if shared := s.statement.sharing(b); shared != nil {
			e.Query.Columns = shared.columns
		}
	}
	var err error
	e.Requests, err = n.method.preview(s.conn.session.settings.client(),
		httpsource.Request{Query: e.Query, ProviderID: e.ProviderID, Rows: n.method.rows})
	e.Estimate = s.conn.session.settings.estimate(e, n.method, ok && n.scan.Use.Whole)
	return e, err
}

// preview lists the requests that the method begins with.
func (m method) preview(client *httpsource.Client, r httpsource.Request) ([]string, error) {
	switch {
	case m.count:
		r.Query.Columns = []string{report.ColumnID}
	case m.top != nil:
		request, err := client.PreviewTop(r, m.top.column, m.top.descending, m.top.rows)
		return []string{request}, err
	}
	return client.Preview(r)
}

// fields are the columns that a planned scan reads.
func fields(refs []pushdown.ColumnRef) []report.Field {
	var list []report.Field
	columns := report.Columns()
	for _, r := range refs {
		if r.Index < uint64(len(columns)) {
			list = append(list, columns[r.Index])
		}
	}
	return list
}

// allBound is what DuckDB bound when the statement was prepared.
func (st *statement) allBound() []*binding {
	st.mu.Lock()
	defer st.mu.Unlock()
	return append([]*binding(nil), st.bound...)
}

// String is the explanation as a person reads it: for each scan its requests and,
// below, a line for each predicate.
func (e *Explanation) String() string {
	var b strings.Builder
	if len(e.Scans) == 0 {
		b.WriteString("The statement asks nothing of TeamUp.\n")
	}
	for i, s := range e.Scans {
		fmt.Fprintf(&b, "scan %d: ", i+1)
		s.write(&b)
	}
	if e.Unplanned != nil {
		fmt.Fprintf(&b, "WHERE is left to DuckDB as a whole: %v\n", e.Unplanned)
	}
	return b.String()
}

const shownRequests = 3

// ruleNotes say what a rule spares, as far as the report's answers bear it out.
var ruleNotes = map[Rule]string{
	RuleCount: "the report tells the number of rows",
	RuleTop:   "the report sorts",
	RuleLimit: "reading ends with the LIMIT",
}

func (s ScanExplanation) write(b *strings.Builder) {
	switch {
	case s.Dropped:
		b.WriteString("no request, the statement does not need it\n")
	case s.Nothing:
		b.WriteString("no request, no customer can match\n")
	case s.With > 0:
		fmt.Fprintf(b, "no request, its rows are those of scan %d\n", s.With)
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
		b.WriteString("  " + s.Estimate.String() + "\n")
	}
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
