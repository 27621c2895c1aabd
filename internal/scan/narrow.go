package scan

import (
	"fmt"
	"slices"

	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/requests"
)

// scanPlan is the part of the plan for one scan and one business.
type scanPlan struct {
	pushdown.Translation
	provider int64
	scan     pushdown.Scan
	keys     []int64 // the ids that a join can match, nil for all
	strategy strategy
	shareKey string // equal for scans of the same customers; "" for a scan that cannot share
}

// scans returns the plan of a call for each business, nil without a plan.
func (p *Pass) scans(b *Call) []scanPlan {
	p.run.mu.Lock()
	defer p.run.mu.Unlock()
	return p.scansLocked(b)
}

// scansLocked is scanPlan while the statement is locked.
func (p *Pass) scansLocked(b *Call) []scanPlan {
	first, err := p.first()
	if p.plan == nil || err != nil || b.order < first {
		return nil
	}
	list, known := p.scanPlans[b]
	if known {
		return list
	}
	list = make([]scanPlan, len(b.Arguments.Providers))
	for i, provider := range b.Arguments.Providers {
		list[i] = p.plan.scanPlan(b, b.order-first, provider)
	}
	if p.scanPlans == nil {
		p.scanPlans = map[*Call][]scanPlan{}
	}
	p.scanPlans[b] = list
	return list
}

// scanPlan returns the plan of a call for one business. at is the position of its scan in the
// plan.
func (p *Plan) scanPlan(b *Call, at int, provider int64) scanPlan {
	settings, st := b.Env, b.pass.run
	session := p.Session
	session.MaxIDs = settings.maxIDs(b.Report, provider)
	if b.Arguments.Several {
		session.Provider, session.ProviderAt = provider, uint64(b.providerAt())
	}
	n := scanPlan{provider: provider, scan: p.Scans[at]}
	n.Translation = n.scan.Translate(b.Arguments.Query, session)
	if slices.Contains(settings.Off, requests.RuleParts) {
		n.scan.Columns = withoutParts(n.scan.Columns)
	}
	keys := p.Keys[at]
	if ids := st.Facts.keyIDs(keys); ids != nil && b.Report.Roles.Keys != "" && settings.worthwhile(b.Report, len(ids), provider) {
		n.keys, n.Query = ids, withKeys(n.Query, ids)
	} else {
		n.strategy = chooseStrategy(n.scan, n.Translation, settings.Off)
	}
	n.Nothing = n.Nothing || n.Query.Nothing() || session.Provider > 0 && st.Facts.excludes(keys, session.ProviderAt, provider)
	n.shareKey = n.findShareKey(settings.Off)
	return n
}

// rule returns the rule that saves the scan reading all pages, "" for none.
func (n scanPlan) rule() requests.Rule {
	if n.keys != nil {
		return requests.RuleKeys
	}
	return n.strategy.rule()
}

// findShareKey is the scan's shareKey.
func (n scanPlan) findShareKey(off []requests.Rule) string {
	if n.strategy.rule() != "" || n.Nothing || n.scan.Dropped || slices.Contains(off, requests.RuleShare) {
		return ""
	}
	return fmt.Sprint(n.Query.Report.Name, " ", n.provider, " ", n.Query.Filters().Encode())
}
