package scan

import (
	"context"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/requests"
)

// Rows are the rows of one execution of a call. They are for one goroutine at a time.
type Rows struct {
	ctx        context.Context
	call       *Call
	run        *Run // nil if the scan belongs to no run
	projection []int
	parts      []*providerScan // one for each business
	whole      bool            // it is known that every row will be read
	maxRows    int             // of a page

	pages    *sequence       // nil before Start
	rest     *arrowconv.Page // rows of a page that did not fit into the last one
	business *businessColumn // nil if the rows do not show it
}

// Open decides what a scan of the call requests from each business. projection lists the
// indexes of the columns that the rows have. A page of the rows has at most maxRows rows.
// run is the run of the scan, nil for none. Open sends no request; Next does, after Start.
func (c *Call) Open(ctx context.Context, run *Run, projection []int, maxRows int) *Rows {
	s := &Rows{ctx: ctx, call: c, run: run, projection: projection, maxRows: maxRows}
	if c.pass != nil && c.pass.run == run { // false for EXECUTE, which runs what PREPARE bound
		s.parts, s.whole = s.planned()
	}
	if s.parts == nil {
		s.parts = s.unplanned()
	}
	s.observe()
	return s
}

// planned returns the scan of each business according to the plan, nil without a plan.
// whole reports whether the scan reads all rows.
//
// If the scan reads other columns than the plan, the plan is not used: DuckDB's plan is
// optimized even if its optimizer is off.
func (s *Rows) planned() (parts []*providerScan, whole bool) {
	pass := s.call.pass
	for _, n := range pass.scans(s.call) {
		if !n.scan.Duplicate && !slices.Equal(s.call.projected(n.scan.Columns), s.projection) {
			return nil, false
		}
		p := &providerScan{nothing: n.Nothing, strategy: n.strategy, check: n.Check, rule: n.rule(), predicates: n.Results, share: pass.sharing(n)}
		p.request = httpsource.Request{Query: s.call.withColumns(n.Query, s.projection, n.scan.Columns, n.provider),
			ProviderID: n.provider, WholeScan: n.scan.Use.Whole && n.strategy.rows == 0, Rows: n.strategy.rows}
		if p.share != nil {
			p.rule = requests.RuleShare
		}
		parts, whole = append(parts, p), n.scan.Use.Whole
	}
	return parts, whole
}

// unplanned returns the scan of each business according to the named parameters.
func (s *Rows) unplanned() (parts []*providerScan) {
	for _, provider := range s.call.Arguments.Providers {
		parts = append(parts, &providerScan{request: httpsource.Request{ProviderID: provider,
			Query: s.call.withColumns(s.call.Arguments.Query, s.projection, nil, provider)}})
	}
	return parts
}

// observe has the scan's requests counted for its run. Without a run each scan counts as
// a statement.
func (s *Rows) observe() {
	x, reference := s.run.Accounting(s.call.Env), s.call.pass.Reference(s.call)
	s.ctx = httpsource.WithStatement(s.ctx, x.Number())
	for _, p := range s.parts {
		p.request.Observer = x.BeginScan(s.call, requests.ScanSummary{Reference: reference, Query: p.request.Query,
			ProviderID: p.request.ProviderID, Predicates: p.predicates, Nothing: p.nothing, Rule: p.rule})
	}
}

// Start prepares the rows for Next. It returns the columns of the projection, nil if there
// can be no rows.
func (s *Rows) Start() (columns []report.Field) {
	parts := slices.DeleteFunc(slices.Clone(s.parts), func(p *providerScan) bool { return p.nothing })
	if len(parts) > 0 {
		all := s.call.Columns()
		columns = make([]report.Field, len(s.projection))
		for i, at := range s.projection {
			columns[i] = all[at]
		}
		if at := slices.Index(s.projection, s.call.providerAt()); at >= 0 {
			s.business = &businessColumn{rows: s.maxRows, at: at}
		}
	}
	s.pages = newSequence(s.ctx, parts, s.whole, s.open)
	return columns
}

// Next returns the next page that is not empty, and io.EOF after the last.
func (s *Rows) Next() (*arrowconv.Page, error) {
	page := s.rest
	s.rest = nil
	for page == nil {
		p, err := s.pages.Next(s.ctx)
		if err != nil {
			return nil, err
		}
		if len(p.IDs()) == 0 {
			p.Release()
			continue
		}
		page = p
	}
	if rows := len(page.IDs()); rows > s.maxRows {
		defer page.Release()
		s.rest = page.Slice(s.maxRows, rows)
		return page.Slice(0, s.maxRows), nil
	}
	return page, nil
}

// WithBusiness returns the page that Next returned last as a batch with the column of the
// business, which the caller releases; nil if the rows do not have that column.
func (s *Rows) WithBusiness(page *arrowconv.Page) arrow.RecordBatch {
	if s.business == nil {
		return nil
	}
	return s.business.put(page.Record(), s.pages.part.request.ProviderID)
}

// Close ends the scan.
func (s *Rows) Close() {
	if s.rest != nil {
		s.rest.Release()
	}
	if s.pages != nil {
		s.run.endsWith(s.pages.Close())
	}
	if s.business != nil {
		s.business.release()
	}
}

// open returns the source of the pages of one business: a shortcut if its responses allow
// it, otherwise all pages.
func (s *Rows) open(ctx context.Context, p *providerScan) (source, error) {
	provider := p.request.ProviderID
	client, err := s.call.Env.Client(ctx, provider)
	if err != nil {
		return nil, err
	}
	o := &openScan{providerScan: p, ctx: ctx, statement: s.ctx, client: client, settings: s.call.Env,
		fields: s.call.decoded(s.projection, provider), set: s.call.Fields}
	for _, at := range s.projection {
		if f := s.call.custom(at); f != nil && f.By[provider].Key != "" {
			o.custom = append(o.custom, f)
		}
	}
	if o.decoder, err = arrowconv.NewDecoder(s.call.Report, o.fields, arrowconv.Options{Requested: o.requested()}); err != nil {
		return nil, err
	}
	switch {
	case p.share != nil:
		if pages := p.share.reader(o); pages != nil {
			return pages, nil
		}
	case p.strategy.count:
		if counted, err := o.count(); counted != nil || err != nil {
			return counted, err
		}
	case p.strategy.top != nil:
		if top, err := o.top(); top != nil || err != nil {
			return top, err
		}
	}
	return o.pages(), nil
}
