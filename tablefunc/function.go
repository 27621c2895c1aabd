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
	session *session
	connID  uint64
}

// Destroy is called when DuckDB drops the binding.
func (b *binding) Destroy() { b.Drop() }

// reportTable is the table function of a report.
type reportTable struct {
	*instance
	of *report.Report
}

// Destroy does nothing: the instance ends with the table of requests.
func (reportTable) Destroy() {}

// Bind declares the columns of a call to DuckDB and parses its named parameters.
func (in reportTable) Bind(info mapping.BindInfo) (duckc.Binding, error) {
	connID := duckc.BindingConnectionID(info)
	s, err := in.session(connID)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.of.Function, err)
	}
	b := &binding{Call: &scan.Call{Report: in.of, Env: &s.settings.Env}, session: s, connID: connID}
	ctx, st := s.running(connID)
	pass := st.scans().Binding()
	if err := guard.Run("", func() error { return in.declare(ctx, st, pass, b, info) }); err != nil {
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
	if err := b.FindFields(ctx, st.scans(), pass); err != nil {
		return err
	}
	for _, c := range b.Columns() {
		t := logicalType(c.Type)
		mapping.BindAddResultColumn(info, c.Name, t)
		mapping.DestroyLogicalType(&t)
	}
	mapping.BindSetCardinality(info, mapping.IdxT(b.Expected()), false)
	if duckc.NoteBinding() { // for a plan, which nobody runs
		return nil
	}
	if pass.Add(b.Call) == 0 && pass != nil {
		return in.plan(ctx, st, pass, b, info)
	}
	return nil
}

// plan plans the statement whose first scan DuckDB is binding. Without a plan its scans
// read what their named parameters allow, and DuckDB does the rest. The error is a panic
// of a function of the program.
func (in *instance) plan(ctx context.Context, st *statement, pass *scan.Pass, b *binding, info mapping.BindInfo) error {
	if in.folder == nil || st.text == "" || definesOnly(st.text) {
		return nil
	}
	if err := b.session.mayPlan(st); err != nil {
		pass.SetPlan(nil, err)
		return nil
	}
	session := in.folder.Session(info)
	defer session.Close()
	planner := plan.Planner{DB: session, Reports: reports, StandIns: &in.standIns, Facts: &st.Facts}
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
	if slices.Contains(b.Env.Off, requests.RuleKeys) {
		p.Keys = make([]scan.Keys, len(p.Scans))
	}
	st.Facts.Want(p.Keys)
	pass.SetPlan(p, nil)
	return nil
}

// Begin is called once for each execution of a binding, with the columns that the
// plan reads.
func (b *binding) Begin(info mapping.InitInfo) (duckc.Scan, error) {
	ctx, st := b.session.running(b.connID)
	s := &rows{of: b.Report, statement: st}
	if err := guard.Run("", func() error { b.open(ctx, s, info); return nil }); err != nil {
		return nil, st.failing(b.Report, err)
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
func (s *session) mayPlan(st *statement) error {
	switch {
	case slices.Contains(s.settings.Off, requests.RuleWhere):
		return errPushdownOff
	case s.unoptimized.Load():
		return errUnoptimized
	case st.lacksTypes():
		return scan.ErrUnknown
	}
	return nil
}

// open decides what the scan requests.
func (b *binding) open(ctx context.Context, s *rows, info mapping.InitInfo) {
	var projection []int
	all := mapping.IdxT(len(b.Columns()))
	for i := range mapping.InitGetColumnCount(info) {
		// DuckDB asks for a virtual column where only the number of rows matters.
		if at := mapping.InitGetColumnIndex(info, i); at < all {
			projection = append(projection, int(at))
		}
	}
	s.columns = len(projection)
	s.Rows = b.Open(ctx, s.statement.scans(), projection, vectorSize)
}
