package tablefunc

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/duckdb/duckdb-go/v2/mapping"
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
	table string // as the statement names it
	names []string
	types []mapping.LogicalType
}

func (s *standIn) destroy() {
	for i := range s.types {
		mapping.DestroyLogicalType(&s.types[i])
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

// bind gives the columns under the lock, so that they are not destroyed meanwhile.
func (t standInTable) bind(info mapping.BindInfo) (tableBinding, error) {
	v := mapping.BindGetParameter(info, 0)
	defer mapping.DestroyValue(&v)
	t.mu.Lock()
	defer t.mu.Unlock()
	s, ok := t.standIns[mapping.GetVarchar(v)]
	if !ok {
		return nil, errStandIn
	}
	for i, name := range s.names {
		mapping.BindAddResultColumn(info, name, s.types[i])
	}
	return boundStandIn{}, nil
}

type boundStandIn struct{}

func (boundStandIn) begin(mapping.InitInfo) (tableScan, error) { return nil, errStandIn }

func (boundStandIn) deleted() {}
