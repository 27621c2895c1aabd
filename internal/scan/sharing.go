package scan

import (
	"context"

	"github.com/teamupsql/teamupsql/internal/pages"
	"github.com/teamupsql/teamupsql/report"
)

// sharing finds, for a scan that is about to run, the share that it belongs to; nil
// for none. All scans of the execution are bound by then.
func (p *Pass) sharing(n scanPlan) *share {
	st := p.run
	st.mu.Lock()
	defer st.mu.Unlock()
	if n.shareKey == "" {
		return nil
	}
	if st.shares == nil { // DuckDB may begin several scans at once
		st.shares = p.findShares()
	}
	if s := st.shares[n.shareKey]; s != nil && s.members > 1 {
		return s
	}
	return nil
}

// findShares groups the scans by share key. The run must be locked.
func (p *Pass) findShares() map[string]*share {
	shares := map[string]*share{}
	for _, b := range p.bound {
		for _, n := range p.scansLocked(b) {
			if n.shareKey == "" {
				continue
			}
			s := shares[n.shareKey]
			if s == nil {
				s = &share{whole: true}
				s.ended, s.end = context.WithCancel(context.Background())
				shares[n.shareKey] = s
			}
			q := b.withColumns(n.Query, b.projected(n.scan.Columns), n.scan.Columns, n.provider)
			s.members++
			s.whole = s.whole && n.scan.Use.Whole
			s.columns = append(s.columns, report.Value[[]string](q, b.Report.Roles.Columns)...)
			s.fields = append(s.fields, report.Value[[]int64](q, b.Report.Roles.Fields)...)
		}
	}
	read := 0
	for _, s := range shares {
		if s.members > 1 {
			read++
		}
	}
	for _, s := range shares { // they divide the memory
		s.store.Limit = pages.DefaultLimit / int64(max(1, read))
	}
	return shares
}
