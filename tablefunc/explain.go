package tablefunc

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// Explanation says what a statement would ask of TeamUp.
type Explanation struct {
	// Scans are the statement's references to the function, in the order of its text
	// as DuckDB binds it. One that names several businesses has an entry for each.
	Scans []ScanExplanation
	// Unplanned says why nothing of the WHERE is pushed down in this statement, nil
	// where the plan was understood. The scans then read what their named parameters
	// allow.
	Unplanned error
}

// ScanExplanation says what one scan would ask.
type ScanExplanation struct {
	Reference int // which one of the statement, from 1
	// Requests are what the scan begins with, as path and query: the first page, or
	// one request for every batch of ids. Empty where none is needed.
	Requests []string
	// Query holds the named parameters, the pushed predicates and the columns.
	Query      report.Query
	ProviderID int64 // the business, 0 where the call names none
	// CustomFields are those that are asked for.
	CustomFields []CustomField
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

// Explain says what a statement would ask of TeamUp, without asking. The database
// must be one of [Open]; the text must be one statement. Custom fields are looked up,
// as whenever such a statement is prepared. Arguments are those that
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
	run, err := c.newRun(ctx, query, named)
	if err != nil {
		return nil, err
	}
	explanation, err := run.explain()
	return explanation, errors.Join(err, run.end(false))
}

// explain explains what the prepared statement of the run would ask.
func (r *run) explain() (*Explanation, error) {
	explanation := &Explanation{}
	bound := r.statement.bindings()
	if len(bound) == 0 || definesOnly(r.statement.text) {
		return explanation, nil
	}
	pass := bound[0].pass
	explanation.Unplanned = pass.unplanned()
	first := map[string]int{}
	for _, b := range bound {
		if pass.reference(b) < 1 { // was bound for its columns alone
			continue
		}
		parts := pass.narrowed(b)
		planned := parts != nil
		if !planned {
			for _, provider := range b.arguments.providers {
				parts = append(parts, narrowed{provider: provider})
			}
		}
		for _, n := range parts {
			e, err := b.explain(n, planned, first)
			if err != nil {
				return nil, err
			}
			explanation.Scans = append(explanation.Scans, e)
		}
	}
	return explanation, nil
}

// definesOnly says whether a statement binds its scans without running them: a
// definition of a view, a macro or an SQL prepared statement.
func definesOnly(query string) bool {
	words := sqltext.FirstWords(query, 6)
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

// explain explains what a binding asks of one business; planned says that n is what
// the plan lets it ask. first are the references of those before it whose rows others
// can share.
func (b *binding) explain(n narrowed, planned bool, first map[string]int) (ScanExplanation, error) {
	e := ScanExplanation{Reference: b.pass.reference(b), ProviderID: n.provider}
	settings := b.session.settings
	if planned {
		e.Predicates, e.Nothing, e.Exact, e.Dropped = n.Fates, n.Nothing, n.Exact, n.scan.Dropped
		e.Query = b.ask(n.Query, b.projected(n.scan.Columns), n.scan.Columns, n.provider)
		e.Rule, e.Keys = n.rule(), len(n.keys)
	} else {
		// Without a plan the projection is not known before the statement runs.
		e.Query = b.ask(b.arguments.query, b.everything(), nil, n.provider)
		e.Nothing = e.Query.Nothing()
	}
	if e.Nothing || e.Dropped {
		return e, nil
	}
	if n.shareKey != "" {
		if e.With = first[n.shareKey]; e.With > 0 {
			e.Rule = RuleShare
			return e, nil
		}
		first[n.shareKey] = e.Reference
		if shared := b.pass.sharing(n); shared != nil {
			e.Query = shared.query(e.Query)
		}
	}
	e.CustomFields = b.customFields(report.Value[[]int64](e.Query, b.of.Roles.Fields), n.provider)
	client, err := settings.client()
	if err != nil {
		return e, err
	}
	e.Requests, err = n.method.preview(client, httpsource.Request{Query: e.Query, ProviderID: e.ProviderID, Rows: n.method.rows})
	e.Estimate = settings.estimate(client, e, n.method, planned && n.scan.Use.Whole)
	return e, err
}

// customFields are those of a call that a business is asked for.
func (b *binding) customFields(ids []int64, provider int64) (list []CustomField) {
	if b.fields == nil {
		return nil
	}
	for _, f := range b.fields.list {
		if own, ok := f.by[provider]; ok && slices.Contains(ids, f.id) {
			list = append(list, CustomField{Column: f.name, Type: f.column().Type.SQL(), ID: f.id, Label: own.label, Key: own.key})
		}
	}
	return list
}

// preview lists the requests that the method begins with.
func (m method) preview(client *httpsource.Client, r httpsource.Request) ([]string, error) {
	if m.top != nil {
		request, err := client.PreviewTop(r, m.top.column, m.top.descending, m.top.rows)
		return []string{request}, err
	}
	return client.Preview(r)
}
