package tablefunc

import (
	"fmt"
	"slices"
	"sync"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// binding is one reference to the function in a statement, as DuckDB bound it.
type binding struct {
	instance  *instance
	session   *session
	connID    uint64
	statement *statement // in which it was bound, nil for a connection that is not ours
	order     int        // its place among the bindings of the statement
	arguments callArguments
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
	b := &binding{instance: in, session: s, connID: connID}
	if b.arguments, err = readArguments(info); err != nil {
		return nil, fmt.Errorf("%s: %w", FunctionName, err)
	}
	for _, c := range report.Columns() {
		t := logicalType(c.Type)
		mapping.BindAddResultColumn(info, c.Name, t)
		mapping.DestroyLogicalType(&t)
	}
	mapping.BindSetCardinality(info, mapping.IdxT(s.settings.expected()), false)
	if _, b.statement = s.running(connID); b.statement != nil {
		b.statement.add(b)
	}
	return b, nil
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
	ctx, running := b.session.running(b.connID)
	columns := report.Columns()
	var projection []report.Field
	for i := range mapping.InitGetColumnCount(info) {
		// DuckDB asks for a virtual column where only the number of rows matters.
		if at := mapping.InitGetColumnIndex(info, i); at < mapping.IdxT(len(columns)) {
			projection = append(projection, columns[at])
		}
	}
	s := &scan{ctx: ctx, binding: b, projection: projection, request: httpsource.Request{
		Query: b.arguments.query, ProviderID: b.arguments.providerID,
	}}
	s.request.Query.Columns = columnKeys(projection, nil)
	s.statement = running
	if running != nil && running == b.statement { // not for EXECUTE, which runs what PREPARE bound
		s.narrow()
		s.share = running.sharing(b)
	}
	s.tell(running)
	return s, nil
}

// narrow lets the scan ask for no more than the statement's plan needs.
func (s *scan) narrow() {
	n, ok := s.statement.narrowed(s.binding)
	if !ok {
		return
	}
	s.request.Query, s.request.WholeScan, s.nothing = n.Query, n.scan.Use.Whole, n.Nothing
	s.method, s.rule, s.fates = n.method, n.rule(), n.Fates
	s.request.Rows = n.method.rows
	s.request.Query.Columns = columnKeys(s.projection, n.scan.Columns)
}

// tell has the scan's requests counted for the statement that runs. On a connection
// that is not ours each scan counts as a statement.
func (s *scan) tell(running *statement) {
	x, reference := &execution{}, 1
	if running != nil {
		x = running.executing()
	}
	if s.binding.statement != nil {
		reference = s.binding.statement.reference(s.binding)
	}
	if s.share != nil {
		s.rule = RuleShare
	}
	s.request.Observer = x.scanned(s.binding, ScanSummary{Reference: reference, Query: s.request.Query,
		ProviderID: s.request.ProviderID, Predicates: s.fates, Nothing: s.nothing, Rule: s.rule})
}

// statement is a statement of one of our connections: the scans that DuckDB bound
// for it, and what its plan lets each of them ask.
type statement struct {
	mu    sync.Mutex
	bound []*binding     // the last ones, over the times that DuckDB bound the statement
	first int            // the order of the first of bound
	begun int            // how many of bound were there when the last execution began
	plan  *statementPlan // nil while there is none
	err   error          // the first error of a scan, as a Go error
	// shares are the reads that several scans of this execution have in common, by
	// what they ask for; nil where a scan is alone with that.
	shares map[string]*share
	// execution is the run that is under way, nil for none.
	execution *execution
}

func (st *statement) add(b *binding) {
	st.mu.Lock()
	defer st.mu.Unlock()
	b.order = st.first + len(st.bound)
	st.bound = append(st.bound, b)
}

// bindings is how many scans DuckDB has bound, without what was forgotten.
func (st *statement) bindings() int {
	st.mu.Lock()
	defer st.mu.Unlock()
	return len(st.bound)
}

// begin forgets the last execution: its plan, and the bindings that DuckDB has made
// anew since.
func (st *statement) begin() {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.bound) > st.begun {
		st.bound = slices.Clone(st.bound[st.begun:])
		st.first += st.begun
	}
	st.plan, st.begun = nil, len(st.bound)
}

func (st *statement) setPlan(p *statementPlan) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.plan = p
}

// narrowed is what the plan lets a scan ask.
type narrowed struct {
	pushdown.Translation
	scan   pushdown.Scan
	keys   []int64 // the ids that a join lets through, nil for all
	method method
}

// narrowed finds what the plan says of a binding. DuckDB may bind a statement more
// than once; of all bindings the last ones are those that run, in the order of the
// plan's scans.
func (st *statement) narrowed(b *binding) (n narrowed, ok bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.plan == nil {
		return n, false
	}
	at := b.order - (st.first + len(st.bound) - len(st.plan.scans))
	if at < 0 || at >= len(st.plan.scans) {
		return n, false
	}
	off := b.session.settings.off
	n.scan, n.keys = st.plan.scans[at], st.plan.keys[at]
	n.Translation = n.scan.Translate(st.plan.arguments, b.arguments.query, st.plan.session)
	if slices.Contains(off, RuleParts) {
		n.scan.Columns = withoutParts(n.scan.Columns)
	}
	if n.keys != nil {
		n.Query = withKeys(n.Query, n.keys)
	} else {
		n.method = chooseMethod(n.scan, n.Translation, off)
	}
	n.Nothing = n.Nothing || n.Query.Nothing()
	return n, true
}

func (st *statement) failed(err error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.err == nil {
		st.err = err
	}
}

// takeError returns the first error of a scan since the last call.
func (st *statement) takeError() error {
	st.mu.Lock()
	defer st.mu.Unlock()
	err := st.err
	st.err = nil
	return err
}
