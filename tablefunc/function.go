package tablefunc

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/internal/duckc"
	"github.com/teamupsql/teamupsql/internal/guard"
	"github.com/teamupsql/teamupsql/internal/scan"
	"github.com/teamupsql/teamupsql/report"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc/internal/plan"
)

// binding is one reference to the function in a statement, as DuckDB bound it.
type binding struct {
	*scan.Call
	in      *instance
	session *session
	client  duckc.Session
	connID  uint64

	observed *observed // nil for a statement that this package runs
}

// Destroy is called when DuckDB drops the binding.
func (b *binding) Destroy() {
	b.Drop()
	b.client.Close()
	if b.observed != nil {
		b.in.drop(b.connID, b.observed)
	}
}

// running returns the context and the statement for which DuckDB binds b.
func (b *binding) running() (context.Context, *statement) {
	ctx, st := b.session.running(b.connID)
	switch {
	case st != nil:
		return ctx, st
	case duckc.IsFolding(): // for a plan of the current statement
		return ctx, b.in.current(b.connID)
	}
	b.observed = b.in.observe(b)
	return ctx, b.observed.orNil()
}

// reportTable is the table function of a report.
type reportTable struct {
	*instance
	of *report.Report
}

// Destroy does nothing: the instance ends with the table of requests.
func (reportTable) Destroy() {}

// Bind declares the columns of a call to DuckDB and parses its named parameters.
func (in reportTable) Bind(info mapping.BindInfo) (duckc.Binding, error) {
	client := in.folder.Session(info)
	connID := client.ConnectionID()
	s, err := in.session(connID)
	if err != nil {
		client.Close()
		return nil, fmt.Errorf("%s: %w", in.of.Function, err)
	}
	b := &binding{Call: &scan.Call{Report: in.of, Env: &s.settings.Env}, in: in.instance, session: s, client: client, connID: connID}
	ctx, st := b.running()
	pass := st.scans().Binding()
	if err := guard.Run("", func() error { return in.declare(ctx, st, pass, b, info) }); err != nil {
		b.Destroy()
		return nil, st.failing(in.of, err)
	}
	return b, nil
}

// declare reads the named parameters and declares the columns. It plans the statement if
// this is its first scan.
func (in *instance) declare(ctx context.Context, st *statement, pass *scan.Pass, b *binding, info mapping.BindInfo) (err error) {
	if b.Arguments, err = readArguments(b.Report, info); err != nil {
		return err
	}
	if err := defaultProvider(&b.Arguments, info); err != nil {
		return err
	}
	ctx, cancel := b.session.cancellable(ctx)
	if cancel != nil {
		defer cancel(nil)
	}
	if err := b.interruptible(cancel, func() error { return b.FindFields(ctx, st.scans(), pass) }); err != nil {
		return err
	}
	for _, c := range b.Columns() {
		t := logicalType(c.Type)
		mapping.BindAddResultColumn(info, c.Name, t)
		mapping.DestroyLogicalType(&t)
	}
	mapping.BindSetCardinality(info, mapping.IdxT(b.Expected()), false)
	if duckc.NoteBinding(b.Call) { // for a plan, which nobody runs
		return nil
	}
	if pass.Add(b.Call) == 0 && pass != nil {
		return in.plan(ctx, st, pass, b)
	}
	return nil
}

// plan plans the statement whose first scan DuckDB is binding. Without a plan its scans
// read what their named parameters allow, and DuckDB does the rest. The error is a panic
// of a function of the program.
func (in *instance) plan(ctx context.Context, st *statement, pass *scan.Pass, b *binding) error {
	if st.text == "" || definesOnly(st.text) {
		return nil
	}
	if err := b.mayPlan(st); err != nil {
		pass.SetPlan(nil, err)
		return nil
	}
	planner := plan.Planner{DB: b.client, Reports: reports, StandIns: &in.standIns, Facts: &st.Facts}
	p, err := planner.Plan(st.text, plan.WithLiterals(st.text, st.args, st.parameterTypes()))
	if err != nil {
		pass.SetPlan(nil, err)
		if ctx.Err() != nil {
			return nil
		}
		return b.Env.Logging(func() {
			b.Env.Log.InfoContext(ctx, "nothing of the WHERE is pushed down: DuckDB's plan was not understood",
				"statement", st.Accounting(b.Env).Number(), "error", err)
		})
	}
	if p.Session.Now, err = b.Env.Present(); err != nil {
		return err
	}
	if b.observed != nil || slices.Contains(b.Env.Off, requests.RuleKeys) {
		p.Keys = make([]scan.Keys, len(p.Scans)) // nothing can be read before an observed statement runs
	}
	st.Facts.Want(p.Keys)
	pass.SetPlan(p, nil)
	return nil
}

// Begin is called once for each execution of a binding, with the columns that the
// plan reads.
func (b *binding) Begin(info mapping.InitInfo) (duckc.Scan, error) {
	ctx, st := b.session.running(b.connID)
	s := &rows{of: b.Report, binding: b, statement: st}
	if err := guard.Run("", func() error { return b.open(ctx, s, info) }); err != nil {
		s.Destroy()
		return nil, s.statement.failing(b.Report, err)
	}
	return s, nil
}

// addNamedParameters declares the named parameters to DuckDB.
func addNamedParameters(f mapping.TableFunction, of *report.Report) {
	add := func(name string, t mapping.LogicalType) {
		mapping.TableFunctionAddNamedParameter(f, name, t)
		mapping.DestroyLogicalType(&t)
	}
	for _, p := range of.Named() {
		add(p.Name, logicalType(p.Type))
	}
	add(scan.ProviderParameter, logicalType(*scan.Bigints.Elem))
	add(scan.ProvidersParameter, logicalType(scan.Bigints))
}

// readArguments reads and checks the named parameters of a call.
func readArguments(of *report.Report, info mapping.BindInfo) (scan.Arguments, error) {
	return scan.ReadArguments(of, func(name string, t report.Type) any { return namedValue(info, name, t) })
}

func namedValue(info mapping.BindInfo, name string, t report.Type) any {
	v := mapping.BindGetNamedParameter(info, name)
	defer mapping.DestroyValue(&v)
	return goValue(v, t)
}

var errPushdownOff = errors.New("pushdown is switched off")

// errUnoptimized is why a statement has no plan while DuckDB's optimizer is off.
var errUnoptimized = errors.New("DuckDB's optimizer is switched off; PRAGMA enable_optimizer switches it on")

// mayPlan returns why a statement is not planned, nil if it is.
func (b *binding) mayPlan(st *statement) error {
	if err := whyUnplanned(b.Env, true); err != nil {
		return err
	}
	if st.lacksTypes() {
		return scan.ErrUnknown
	}
	if st.optimizes == nil {
		moment, err := b.client.Moment()
		if err != nil {
			return err
		}
		st.optimizes = &moment.Optimizes
	}
	return whyUnplanned(b.Env, *st.optimizes)
}

// whyUnplanned returns why no statement is planned, nil if statements are.
func whyUnplanned(env *scan.Env, optimizes bool) error {
	switch {
	case slices.Contains(env.Off, requests.RuleWhere):
		return errPushdownOff
	case !optimizes:
		return errUnoptimized
	}
	return nil
}

// open decides what the scan requests.
func (b *binding) open(ctx context.Context, s *rows, info mapping.InitInfo) error {
	if s.statement == nil {
		var err error
		if s.observed, err = b.in.begin(ctx, b); err != nil {
			return err
		}
		s.statement = s.observed.orNil()
	}
	var projection []int
	all := mapping.IdxT(len(b.Columns()))
	for i := range mapping.InitGetColumnCount(info) {
		// DuckDB asks for a virtual column where only the number of rows matters.
		if at := mapping.InitGetColumnIndex(info, i); at < all {
			projection = append(projection, int(at))
		}
	}
	s.columns = len(projection)
	if s.observed != nil && s.observed.cancel != nil {
		ctx = s.observed.ctx
	}
	s.Rows = b.Open(ctx, s.statement.scans(), projection, vectorSize())
	return nil
}
