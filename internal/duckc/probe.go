package duckc

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// probeName is a table function that notes its arguments. DuckDB evaluates the arguments
// of a table function while it binds it, in the session.
const probeName = "__teamupsql_probe"

// noQuery is the id of the query of a session that runs none.
const noQuery = math.MaxUint64

// probeText is the query whose plan tells what a session runs. Names are qualified,
// because a macro of the user could have the same name. The subquery is there because
// DuckDB plans it with a window if and only if the optimizer is switched on. There is no
// setting to read that from.
var probeText = fmt.Sprintf(`SELECT (SELECT l) FROM system.main.%s(
	CASE WHEN system.main.current_query_id() < %d THEN system.main.current_query() END, system.main.current_query_id()::VARCHAR,
	system.main.current_transaction_id()::VARCHAR, system.main.txid_current()::VARCHAR) AS p(l)`, probeName, uint64(noQuery))

// Moment is what a session does at present.
type Moment struct {
	// Text is the text of the running query, which can be one of several statements; ""
	// while a statement is only prepared.
	Text    string
	QueryID uint64 // of the running query, one more for each query of the database
	// Transaction is the number of the session's transaction, one more for each that
	// begins in any session. In the default database each begin and each commit of a
	// transaction adds one to Start.
	Transaction, Start uint64
	Optimizes          bool // DuckDB's optimizer is switched on
}

// Moment returns what the session does at present.
func (s Session) Moment() (Moment, error) {
	var m Moment
	plan, err := s.fold(s.folder.written, &folding{text: probeText, moment: &m})
	switch {
	case err != nil:
		return Moment{}, err
	case m.QueryID == 0 && m.Transaction == 0:
		return Moment{}, fmt.Errorf("DuckDB did not bind %s: %s", probeName, plan)
	}
	m.Optimizes = strings.Contains(plan, "LOGICAL_WINDOW")
	return m, nil
}

// probeTable is the table function of a probe.
type probeTable struct{}

func (probeTable) Destroy() {}

var errProbe = errors.New(probeName + " is for planning only")

func (probeTable) Bind(info mapping.BindInfo) (Binding, error) {
	f := currentFolding()
	if f == nil || f.moment == nil {
		return nil, errProbe
	}
	f.moment.Text = Argument(info, 0)
	for i, to := range []*uint64{&f.moment.QueryID, &f.moment.Transaction, &f.moment.Start} {
		var err error
		if *to, err = strconv.ParseUint(Argument(info, i+1), 10, 64); err != nil {
			return nil, err
		}
	}
	item := mapping.CreateLogicalType(mapping.TypeBigInt)
	defer mapping.DestroyLogicalType(&item)
	list := mapping.CreateListType(item)
	defer mapping.DestroyLogicalType(&list)
	mapping.BindAddResultColumn(info, "l", list)
	return probeTable{}, nil
}

func (probeTable) Begin(mapping.InitInfo) (Scan, error) { return nil, errProbe }

// IsInterrupted reports whether the statement that the session runs is to stop. DuckDB's
// optimizer looks for that first.
func (s Session) IsInterrupted() bool {
	plan, err := s.fold(s.folder.optimized, &folding{text: "SELECT 1"})
	return err == nil && strings.Contains(plan, `"error_type":"interrupt"`)
}
