package tablefunc

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/internal/duckc"
)

// DuckDB can't serialize a plan that reads CSV or JSON files. For planning alone
// such a file is replaced by a stand-in: a table function with the same columns
// that is never run. What the optimizer derives from a plan without knowing the
// other tables' rows holds for every content of them, the file's too.

// standInName is the table function's name; its argument is a key into
// instance.standIns.
const standInName = "__teamupsql_stand_in"

// standIn is what a stand-in imitates.
type standIn struct {
	table   string // as the statement names it
	columns []duckc.Column
}

func (s *standIn) destroy() {
	for i := range s.columns {
		mapping.DestroyLogicalType(&s.columns[i].Type)
	}
}

// addStandIn makes s known under a new key.
func (in *instance) addStandIn(s *standIn) (key string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.lastStandIn++
	key = strconv.FormatUint(in.lastStandIn, 10)
	in.standIns[key] = s
	return key
}

func (in *instance) removeStandIn(key string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.standIns[key].destroy()
	delete(in.standIns, key)
}

// imitated is the table that a stand-in stands for.
func (in *instance) imitated(key string) (string, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	s, ok := in.standIns[key]
	if !ok {
		return "", fmt.Errorf("there is no stand-in %s", key)
	}
	return s.table, nil
}

// standInTable is the table function.
type standInTable struct{ *instance }

var errStandIn = errors.New(standInName + " is for planning only")

// Bind gives the columns under the lock, so that they are not destroyed meanwhile.
func (t standInTable) Bind(info mapping.BindInfo) (duckc.Binding, error) {
	v := mapping.BindGetParameter(info, 0)
	defer mapping.DestroyValue(&v)
	t.mu.Lock()
	defer t.mu.Unlock()
	s, ok := t.standIns[mapping.GetVarchar(v)]
	if !ok {
		return nil, errStandIn
	}
	for _, c := range s.columns {
		mapping.BindAddResultColumn(info, c.Name, c.Type)
	}
	return boundStandIn{}, nil
}

type boundStandIn struct{}

func (boundStandIn) Begin(mapping.InitInfo) (duckc.Scan, error) { return nil, errStandIn }

func (boundStandIn) Destroy() {}
