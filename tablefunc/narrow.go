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

// narrowed finds what the plan says of a binding, business by business; nil without
// a plan. DuckDB may bind a statement more than once; of all bindings the last ones
// are those that run, in the order of the plan's scans.
func (st *statement) narrowed(b *binding) []narrowed {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.narrow(b)
}

// narrow is narrowed while the statement is locked.
func (st *statement) narrow(b *binding) []narrowed {
	if st.plan == nil {
		return nil
	}
	at := b.order - (st.first + len(st.bound) - len(st.plan.scans))
	if at < 0 || at >= len(st.plan.scans) {
		return nil
	}
	list, known := st.narrowings[b]
	if known {
		return list
	}
	list = make([]narrowed, len(b.arguments.providers))
	for i, provider := range b.arguments.providers {
		list[i] = st.plan.narrow(b, at, provider)
	}
	if st.narrowings == nil {
		st.narrowings = map[*binding][]narrowed{}
	}
	st.narrowings[b] = list
	return list
}

// narrow is what the plan's scan at a place lets a binding ask a business.
func (p *statementPlan) narrow(b *binding, at int, provider int64) narrowed {
	settings := b.session.settings
	session := p.session
	session.MostIDs = settings.mostIDs(provider)
	if b.arguments.several {
		session.Provider, session.ProviderAt = provider, uint64(b.providerAt())
	}
	n := narrowed{provider: provider, scan: p.scans[at]}
	n.Translation = n.scan.Translate(p.arguments, b.arguments.query, session)
	if slices.Contains(settings.off, RuleParts) {
		n.scan.Columns = withoutParts(n.scan.Columns)
	}
	if keys := p.keys[at].ids; keys != nil && settings.worthwhile(len(keys), provider) {
		n.keys, n.Query = keys, withKeys(n.Query, keys)
	} else {
		n.method = chooseMethod(n.scan, n.Translation, settings.off)
	}
	n.Nothing = n.Nothing || n.Query.Nothing() || session.Provider > 0 && p.keys[at].excludes(session.ProviderAt, provider)
	n.shareKey = n.findShareKey(settings.off)
	return n
}
