package scan

import (
	"slices"

	"github.com/teamupsql/teamupsql/httpsource"
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
	Predicates []pushdown.PredicateResult
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

// Explain returns what the scans of the run would request.
func (r *Run) Explain() (*Explanation, error) {
	explanation := &Explanation{}
	bound := r.Calls()
	if len(bound) == 0 {
		return explanation, nil
	}
	pass := bound[0].pass
	explanation.Unplanned = pass.Unplanned()
	first := map[string]int{}
	for _, b := range bound {
		if pass.Reference(b) < 1 { // was bound for its columns alone
			continue
		}
		parts := pass.scans(b)
		planned := parts != nil
		if !planned {
			for _, provider := range b.Arguments.Providers {
				parts = append(parts, scanPlan{provider: provider})
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

// explain explains what a binding asks of one business; planned says that n is what
// the plan lets it ask. first are the references of those before it whose rows others
// can share.
func (c *Call) explain(n scanPlan, planned bool, first map[string]int) (ScanExplanation, error) {
	e := ScanExplanation{Reference: c.pass.Reference(c), ProviderID: n.provider}
	settings := c.Env
	if planned {
		e.Predicates, e.Nothing, e.Exact, e.Dropped = n.Results, n.Nothing, n.Exact, n.scan.Dropped
		e.Query = c.ask(n.Query, c.projected(n.scan.Columns), n.scan.Columns, n.provider)
		e.Rule, e.Keys = n.rule(), len(n.keys)
	} else {
		// Without a plan the projection is not known before the statement runs.
		e.Query = c.ask(c.Arguments.Query, c.everything(), nil, n.provider)
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
		if shared := c.pass.sharing(n); shared != nil {
			e.Query = shared.query(e.Query)
		}
	}
	e.CustomFields = c.customFields(report.Value[[]int64](e.Query, c.Report.Roles.Fields), n.provider)
	client, err := settings.Client()
	if err != nil {
		return e, err
	}
	e.Requests, err = n.strategy.preview(client, httpsource.Request{Query: e.Query, ProviderID: e.ProviderID, Rows: n.strategy.rows})
	e.Estimate = settings.estimate(client, e, n.strategy, planned && n.scan.Use.Whole)
	return e, err
}

// customFields are those of a call that a business is asked for.
func (c *Call) customFields(ids []int64, provider int64) (list []CustomField) {
	if c.Fields == nil {
		return nil
	}
	for _, f := range c.Fields.Columns {
		if own, ok := f.By[provider]; ok && slices.Contains(ids, f.ID) {
			list = append(list, CustomField{Column: f.Name, Type: f.Field().Type.SQL(), ID: f.ID, Label: own.Label, Key: own.Key})
		}
	}
	return list
}

// preview lists the requests that the method begins with.
func (m strategy) preview(client *httpsource.Client, r httpsource.Request) ([]string, error) {
	if m.top != nil {
		request, err := client.PreviewTop(r, m.top.column, m.top.descending, m.top.rows)
		return []string{request}, err
	}
	return client.Preview(r)
}
