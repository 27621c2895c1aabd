package tablefunc

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/report"
)

// binding is one reference to the function in a statement, as DuckDB bound it.
type binding struct {
	of        *report.Report
	session   *session
	connID    uint64
	pass      *pass // in which it was bound, nil for a connection that is not ours
	order     int   // its place among the bindings of the pass
	arguments callArguments
	fields    *fieldSet // its custom fields, nil for none
	dropped   atomic.Bool
}

// deleted is called when DuckDB has no more use for the binding.
func (b *binding) deleted() { b.dropped.Store(true) }

// reportTable is the table function of a report.
type reportTable struct {
	*instance
	of *report.Report
}

// deleted does nothing: the instance ends with the table of requests.
func (reportTable) deleted() {}

// bind answers DuckDB's question for the columns of a call, and reads its named
// parameters.
func (in reportTable) bind(info mapping.BindInfo) (tableBinding, error) {
	connID := connectionID(info)
	s, err := in.session(connID)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.of.Function, err)
	}
	b := &binding{of: in.of, session: s, connID: connID}
	ctx, st := s.running(connID)
	b.pass = st.binding()
	if err := guard("", func() error { return in.declare(ctx, st, b, info) }); err != nil {
		return nil, st.failing(in.of, err)
	}
	return b, nil
}

// declare reads the named parameters and declares the columns. It plans the statement if
// this is its first scan.
func (in *instance) declare(ctx context.Context, st *statement, b *binding, info mapping.BindInfo) (err error) {
	if b.arguments, err = readArguments(b.of, info); err != nil {
		return err
	}
	if err := b.findFields(ctx, st); err != nil {
		return err
	}
	for _, c := range b.columns() {
		t := logicalType(c.Type)
		mapping.BindAddResultColumn(info, c.Name, t)
		mapping.DestroyLogicalType(&t)
	}
	mapping.BindSetCardinality(info, mapping.IdxT(b.expected()), false)
	if f := currentFolding(); f != nil {
		f.bound++ // for a plan, which nobody runs
	} else if b.order = b.pass.add(b); b.order == 0 {
		return in.plan(ctx, b, info)
	}
	return nil
}

// plan plans the statement whose first scan DuckDB is binding. The error is a panic of a
// function of the program; whatever else goes wrong leaves the statement without a plan.
func (in *instance) plan(ctx context.Context, b *binding, info mapping.BindInfo) error {
	if b.pass == nil || in.folder == nil {
		return nil
	}
	binder := binder{folder: in.folder}
	mapping.TableFunctionGetClientContext(info, &binder.session)
	defer mapping.DestroyClientContext(&binder.session)
	return b.pass.planWith(ctx, in, binder, b.session.settings)
}

// findFields finds the custom fields that the call names: those that an earlier
// binding of the pass found, or else by asking.
func (b *binding) findFields(ctx context.Context, st *statement) (err error) {
	if len(b.arguments.fields) == 0 {
		return nil
	}
	if b.fields = b.pass.fieldsOf(b.arguments); b.fields != nil {
		return nil
	}
	settings := b.session.settings
	x := &execution{history: &settings.history}
	if st != nil {
		x = st.executing(settings)
	}
	b.fields, err = settings.customFields(ctx, b.arguments, x.bound())
	return err
}

// expected is how many customers DuckDB is told to expect.
func (b *binding) expected() (sum int64) {
	for _, provider := range b.arguments.providers {
		n, _ := b.session.settings.expected(b.of, provider)
		sum += n
	}
	return sum
}

func connectionID(info mapping.BindInfo) uint64 {
	var ctx mapping.ClientContext
	mapping.TableFunctionGetClientContext(info, &ctx)
	defer mapping.DestroyClientContext(&ctx)
	return uint64(mapping.ClientContextGetConnectionId(ctx))
}

// begin is called once for each execution of a binding, with the columns that the
// plan reads.
func (b *binding) begin(info mapping.InitInfo) (tableScan, error) {
	s := &scan{binding: b}
	s.ctx, s.statement = b.session.running(b.connID)
	if err := guard("", func() error { s.prepare(info); return nil }); err != nil {
		return nil, s.fail(err)
	}
	return s, nil
}

// prepare decides what the scan requests from each business.
func (s *scan) prepare(info mapping.InitInfo) {
	b := s.binding
	all := mapping.IdxT(len(b.columns()))
	for i := range mapping.InitGetColumnCount(info) {
		// DuckDB asks for a virtual column where only the number of rows matters.
		if at := mapping.InitGetColumnIndex(info, i); at < all {
			s.projection = append(s.projection, int(at))
		}
	}
	if b.pass != nil && b.pass.statement == s.statement { // not for EXECUTE, which runs what PREPARE bound
		s.parts, s.whole = s.planned()
	}
	if s.parts == nil {
		s.parts = s.unplanned()
	}
	s.tell()
}

// planned are the parts of the scan as far as the statement's plan narrows them,
// nil without a plan. whole says that it reads all rows.
//
// A scan that reads other columns than the plan says is one of another plan: DuckDB
// shows the optimized plan also while its optimizer is switched off.
func (s *scan) planned() (parts []*part, whole bool) {
	pass := s.binding.pass
	for _, n := range pass.narrowed(s.binding) {
		if !n.scan.Duplicate && !slices.Equal(s.binding.projected(n.scan.Columns), s.projection) {
			return nil, false
		}
		p := &part{nothing: n.Nothing, method: n.method, check: n.Check, rule: n.rule(), fates: n.Fates, share: pass.sharing(n)}
		p.request = httpsource.Request{Query: s.binding.ask(n.Query, s.projection, n.scan.Columns, n.provider),
			ProviderID: n.provider, WholeScan: n.scan.Use.Whole && n.method.rows == 0, Rows: n.method.rows}
		if p.share != nil {
			p.rule = RuleShare
		}
		parts, whole = append(parts, p), n.scan.Use.Whole
	}
	return parts, whole
}

// unplanned are the parts as the named parameters alone have them.
func (s *scan) unplanned() (parts []*part) {
	for _, provider := range s.binding.arguments.providers {
		parts = append(parts, &part{request: httpsource.Request{ProviderID: provider,
			Query: s.binding.ask(s.binding.arguments.query, s.projection, nil, provider)}})
	}
	return parts
}

// tell has the scan's requests counted for the statement that runs. On a connection
// that is not ours each scan counts as a statement.
func (s *scan) tell() {
	settings := s.binding.session.settings
	x, reference := &execution{history: &settings.history}, s.binding.pass.reference(s.binding)
	if s.statement != nil {
		x = s.statement.executing(settings)
	}
	for _, p := range s.parts {
		p.request.Observer = x.scanned(s.binding, ScanSummary{Reference: reference, Query: p.request.Query,
			ProviderID: p.request.ProviderID, Predicates: p.fates, Nothing: p.nothing, Rule: p.rule})
	}
}
