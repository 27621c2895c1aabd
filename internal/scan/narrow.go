package scan

import (
	"fmt"
	"slices"

	"github.com/teamupsql/teamupsql/pushdown"
)

// scanPlan is what the plan lets a scan ask one business.
type scanPlan struct {
	pushdown.Translation
	provider int64
	scan     pushdown.Scan
	keys     []int64 // the ids that a join lets through, nil for all
	strategy strategy
	shareKey string // the same for scans that ask for the same customers, "" for one that shares with none
}

// scanPlan returns what the plan lets a binding ask, business by business; nil without
// a plan.
func (p *Pass) scans(b *Call) []scanPlan {
	p.run.mu.Lock()
	defer p.run.mu.Unlock()
	return p.narrow(b)
}

// narrow is scanPlan while the statement is locked.
func (p *Pass) narrow(b *Call) []scanPlan {
	first, err := p.first()
	if p.plan == nil || err != nil || b.order < first {
		return nil
	}
	list, known := p.narrows[b]
	if known {
		return list
	}
	list = make([]scanPlan, len(b.Arguments.Providers))
	for i, provider := range b.Arguments.Providers {
		list[i] = p.plan.narrow(b, b.order-first, provider)
	}
	if p.narrows == nil {
		p.narrows = map[*Call][]scanPlan{}
	}
	p.narrows[b] = list
	return list
}

// narrow returns what the plan's scan at a place lets a binding ask a business.
func (p *Plan) narrow(b *Call, at int, provider int64) scanPlan {
	settings, st := b.Env, b.pass.run
	session := p.Session
	session.MaxIDs = settings.maxIDs(b.Report, provider)
	if b.Arguments.Several {
		session.Provider, session.ProviderAt = provider, uint64(b.providerAt())
	}
	n := scanPlan{provider: provider, scan: p.Scans[at]}
	n.Translation = n.scan.Translate(b.Arguments.Query, session)
	if slices.Contains(settings.Off, RuleParts) {
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

// rule is the rule that spares a scan reading the whole, "" for none.
func (n scanPlan) rule() Rule {
	if n.keys != nil {
		return RuleKeys
	}
	return n.strategy.rule()
}

// findShareKey is the scan's shareKey.
func (n scanPlan) findShareKey(off []Rule) string {
	if n.strategy.rule() != "" || n.Nothing || n.scan.Dropped || slices.Contains(off, RuleShare) {
		return ""
	}
	return fmt.Sprint(n.Query.Report.Name, " ", n.provider, " ", n.Query.Filters().Encode())
}
