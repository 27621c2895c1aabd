package tablefunc

import (
	"slices"

	"github.com/teamupsql/teamupsql/pushdown"
)

// narrowed is what the plan lets a scan ask one business.
type narrowed struct {
	pushdown.Translation
	provider int64
	scan     pushdown.Scan
	keys     []int64 // the ids that a join lets through, nil for all
	method   method
	shareKey string // the same for scans that ask for the same customers, "" for one that shares with none
}

// narrowed returns what the plan lets a binding ask, business by business; nil without
// a plan.
func (p *pass) narrowed(b *binding) []narrowed {
	p.statement.mu.Lock()
	defer p.statement.mu.Unlock()
	return p.narrow(b)
}

// narrow is narrowed while the statement is locked.
func (p *pass) narrow(b *binding) []narrowed {
	first, err := p.first()
	if p.plan == nil || err != nil || b.order < first {
		return nil
	}
	list, known := p.narrows[b]
	if known {
		return list
	}
	list = make([]narrowed, len(b.arguments.providers))
	for i, provider := range b.arguments.providers {
		list[i] = p.plan.narrow(b, b.order-first, provider)
	}
	if p.narrows == nil {
		p.narrows = map[*binding][]narrowed{}
	}
	p.narrows[b] = list
	return list
}

// narrow returns what the plan's scan at a place lets a binding ask a business.
func (p *statementPlan) narrow(b *binding, at int, provider int64) narrowed {
	settings, st := b.session.settings, b.pass.statement
	session := p.session
	session.MostIDs = settings.mostIDs(b.of, provider)
	if b.arguments.several {
		session.Provider, session.ProviderAt = provider, uint64(b.providerAt())
	}
	n := narrowed{provider: provider, scan: p.scans[at]}
	n.Translation = n.scan.Translate(b.arguments.query, session)
	if slices.Contains(settings.off, RuleParts) {
		n.scan.Columns = withoutParts(n.scan.Columns)
	}
	keys := p.keys[at]
	if ids := st.keyIDs(keys); ids != nil && b.of.Roles.Keys != "" && settings.worthwhile(b.of, len(ids), provider) {
		n.keys, n.Query = ids, withKeys(n.Query, ids)
	} else {
		n.method = chooseMethod(n.scan, n.Translation, settings.off)
	}
	n.Nothing = n.Nothing || n.Query.Nothing() || session.Provider > 0 && st.excludes(keys, session.ProviderAt, provider)
	n.shareKey = n.findShareKey(settings.off)
	return n
}
