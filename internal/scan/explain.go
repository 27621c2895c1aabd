package scan

import (
	"context"
	"slices"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/requests"
)

// Explanation describes the requests of a statement.
func (r *Run) Explain(ctx context.Context) (*requests.Explanation, error) {
	explanation := &requests.Explanation{}
	bound := r.Calls()
	if len(bound) == 0 {
		return explanation, nil
	}
	pass := bound[0].pass
	explanation.Unplanned = pass.Unplanned()
	first := map[string]int{}
	for _, b := range bound {
		if pass.Reference(b) < 1 { // bound only for its columns
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
			e, err := b.explain(ctx, n, planned, first)
			if err != nil {
				return nil, err
			}
			explanation.Scans = append(explanation.Scans, e)
		}
	}
	return explanation, nil
}

// explain describes the requests of a call to one business. planned reports whether n is
// from the plan. first maps a share key to the first reference that has it.
func (c *Call) explain(ctx context.Context, n scanPlan, planned bool, first map[string]int) (requests.ScanExplanation, error) {
	e := requests.ScanExplanation{Reference: c.pass.Reference(c), ProviderID: n.provider}
	settings := c.Env
	if planned {
		e.Predicates, e.Nothing, e.Exact, e.Dropped = n.Results, n.Nothing, n.Exact, n.scan.Dropped
		e.Query = c.withColumns(n.Query, c.projected(n.scan.Columns), n.scan.Columns, n.provider)
		e.Rule, e.Keys = n.rule(), len(n.keys)
	} else {
		// Without a plan the projection is not known before the statement runs.
		e.Query = c.withColumns(c.Arguments.Query, c.everything(), nil, n.provider)
		e.Nothing = e.Query.Nothing()
	}
	if e.Nothing || e.Dropped {
		return e, nil
	}
	if n.shareKey != "" {
		if e.With = first[n.shareKey]; e.With > 0 {
			e.Rule = requests.RuleShare
			return e, nil
		}
		first[n.shareKey] = e.Reference
		if shared := c.pass.sharing(n); shared != nil {
			e.Query = shared.query(e.Query)
		}
	}
	e.CustomFields = c.customFields(report.Value[[]int64](e.Query, c.Report.Roles.Fields), n.provider)
	client, err := settings.Client(ctx, n.provider)
	if err != nil {
		return e, err
	}
	e.Requests, err = n.strategy.preview(client, httpsource.Request{Query: e.Query, ProviderID: e.ProviderID, Rows: n.strategy.rows})
	e.Estimate = settings.estimate(client, e, n.strategy, planned && n.scan.Use.Whole)
	return e, err
}

// customFields returns the custom fields that are requested from a business.
func (c *Call) customFields(ids []int64, provider int64) (list []requests.CustomField) {
	if c.Fields == nil {
		return nil
	}
	for _, f := range c.Fields.Columns {
		if own, ok := f.By[provider]; ok && slices.Contains(ids, f.ID) {
			list = append(list, requests.CustomField{Column: f.Name, Type: f.Field().Type.SQL(), ID: f.ID, Label: own.Label, Key: own.Key})
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
