package tablefunc

import (
	"context"
	"fmt"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/httpsource"
)

// binding is one reference to the function in a statement, as DuckDB bound it.
type binding struct {
	session   *session
	connID    uint64
	statement *statement // in which it was bound, nil for a connection that is not ours
	order     int        // its place among the bindings of the statement
	arguments callArguments
	fields    *fieldSet // its custom fields, nil for none
}

func (*binding) deleted() {}

// bind answers DuckDB's question for the columns of a call, and reads its named
// parameters.
func (in *instance) bind(info mapping.BindInfo) (tableBinding, error) {
	connID := connectionID(info)
	s, err := in.session(connID)
	if err != nil {
		return nil, err
	}
	b := &binding{session: s, connID: connID}
	var ctx context.Context
	if ctx, b.statement = s.running(connID); b.statement.refuse() {
		return nil, errNotDirect
	}
	if b.arguments, err = readArguments(info); err != nil {
		return nil, fmt.Errorf("%s: %w", FunctionName, err)
	}
	if err := b.findFields(ctx); err != nil {
		return nil, b.statement.failing(fmt.Errorf("%s: %w", FunctionName, err))
	}
	for _, c := range b.columns() {
		t := logicalType(c.Type)
		mapping.BindAddResultColumn(info, c.Name, t)
		mapping.DestroyLogicalType(&t)
	}
	mapping.BindSetCardinality(info, mapping.IdxT(b.expected()), false)
	if b.statement != nil {
		b.statement.add(b)
	}
	return b, nil
}

// findFields finds the custom fields that the call names: those that an earlier
// binding of the statement found, or else by asking.
func (b *binding) findFields(ctx context.Context) (err error) {
	if len(b.arguments.fields) == 0 {
		return nil
	}
	if b.fields = b.statement.fieldsOf(b.arguments); b.fields != nil {
		return nil
	}
	x := &execution{}
	if b.statement != nil {
		x = b.statement.executing()
	}
	b.fields, err = b.session.settings.customFields(ctx, b.arguments, x.bound())
	return err
}

// expected is how many customers DuckDB is told to expect.
func (b *binding) expected() (sum int64) {
	for _, provider := range b.arguments.providers {
		n, _ := b.session.settings.expected(provider)
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
	all := mapping.IdxT(len(b.columns()))
	for i := range mapping.InitGetColumnCount(info) {
		// DuckDB asks for a virtual column where only the number of rows matters.
		if at := mapping.InitGetColumnIndex(info, i); at < all {
			s.projection = append(s.projection, int(at))
		}
	}
	if s.statement != nil && s.statement == b.statement { // not for EXECUTE, which runs what PREPARE bound
		s.parts, s.whole = s.planned()
	}
	if s.parts == nil {
		s.parts = s.unplanned()
	}
	s.tell()
	return s, nil
}

// planned are the parts of the scan as far as the statement's plan narrows them,
// nil without a plan. whole says that it reads all rows.
func (s *scan) planned() (parts []*part, whole bool) {
	for _, n := range s.statement.narrowed(s.binding) {
		p := &part{nothing: n.Nothing, method: n.method, check: n.Check, rule: n.rule(), fates: n.Fates, share: s.statement.sharing(n)}
		p.request = httpsource.Request{Query: s.binding.ask(n.Query, s.projection, n.scan.Columns, n.provider),
			ProviderID: n.provider, WholeScan: n.scan.Use.Whole, Rows: n.method.rows}
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
	x, reference := &execution{}, 1
	if s.statement != nil {
		x = s.statement.executing()
	}
	if s.binding.statement != nil {
		reference = s.binding.statement.reference(s.binding)
	}
	for _, p := range s.parts {
		p.request.Observer = x.scanned(s.binding, ScanSummary{Reference: reference, Query: p.request.Query,
			ProviderID: p.request.ProviderID, Predicates: p.fates, Nothing: p.nothing, Rule: p.rule})
	}
}
