package tablefunc

import (
	"fmt"
	"sync"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/httpsource"
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
func bind(info mapping.BindInfo) error {
	in := held[*instance](mapping.BindGetExtraInfo(info))
	connID := connectionID(info)
	s, err := in.session(connID)
	if err != nil {
		return err
	}
	b := &binding{instance: in, session: s, connID: connID}
	if b.arguments, err = readArguments(info); err != nil {
		return fmt.Errorf("%s: %w", FunctionName, err)
	}
	for _, c := range report.Columns() {
		t := logicalType(c.Type)
		mapping.BindAddResultColumn(info, c.Name, t)
		mapping.DestroyLogicalType(&t)
	}
	mapping.BindSetCardinality(info, mapping.IdxT(s.settings.cardinality.Load()), false)
	if _, b.statement = s.running(connID); b.statement != nil {
		b.order = b.statement.bound(b)
	}
	mapping.BindSetBindData(info, hold(b), deleteCallback)
	return nil
}

func connectionID(info mapping.BindInfo) uint64 {
	var ctx mapping.ClientContext
	mapping.TableFunctionGetClientContext(info, &ctx)
	defer mapping.DestroyClientContext(&ctx)
	return uint64(mapping.ClientContextGetConnectionId(ctx))
}

// initScan is called once for each execution of a binding, with the columns that
// the plan reads.
func initScan(info mapping.InitInfo) error {
	b := held[*binding](mapping.InitGetBindData(info))
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
	if running != nil && running == b.statement {
		s.statement = running
		running.push(b, &s.request)
	}
	for _, c := range projection {
		s.request.Query.Columns = append(s.request.Query.Columns, c.Name)
	}
	mapping.InitSetMaxThreads(info, 1)
	mapping.InitSetInitData(info, hold(s), deleteCallback)
	return nil
}

// statement is a statement of one of our connections: the scans that DuckDB bound
// for it, and what its plan lets each of them ask.
type statement struct {
	mu       sync.Mutex
	bindings int           // how many were bound so far, over all times it was bound
	scans    []plannedScan // in the order of binding, nil while there is no plan
	err      error         // the first error of a scan, as a Go error
}

// plannedScan is what the plan says of one scan.
type plannedScan struct {
	Query     report.Query // named parameters and pushed predicates
	Nothing   bool         // no customer can match
	WholeScan bool         // every row will be read
}

func (st *statement) bound(*binding) int {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.bindings++
	return st.bindings - 1
}

// push puts what the plan says of the binding's scan into the request. DuckDB may
// bind a statement more than once; of all bindings the last ones are those that
// run, in the order of the plan's scans.
func (st *statement) push(b *binding, request *httpsource.Request) {
	st.mu.Lock()
	defer st.mu.Unlock()
	at := b.order - (st.bindings - len(st.scans))
	if at < 0 || at >= len(st.scans) {
		return
	}
	planned := st.scans[at]
	request.Query, request.WholeScan = planned.Query, planned.WholeScan
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
