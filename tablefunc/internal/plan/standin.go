package plan

import (
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/internal/duckc"
)

// DuckDB can't serialize a plan that reads CSV or JSON files. For planning alone
// such a file is replaced by a stand-in: a table function with the same columns
// that is never run. What the optimizer derives from a plan without knowing the
// other tables' rows holds for every content of them, the file's too.

// standInName is the table function's name; its argument is a key into StandIns.
const standInName = "__teamupsql_stand_in"

// StandIns are the stand-ins of a database, and the table function that DuckDB calls for
// them. The zero value is ready for use.
type StandIns struct {
	mu    sync.Mutex
	byKey map[string]*standIn
	last  uint64
}

// standIn describes the table that a stand-in stands for.
type standIn struct {
	table   string // as the statement names it
	columns []duckc.Column
}

func (s *standIn) destroy() {
	for i := range s.columns {
		mapping.DestroyLogicalType(&s.columns[i].Type)
	}
}

// add makes s known under a new key.
func (in *StandIns) add(s *standIn) (key string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.last++
	key = strconv.FormatUint(in.last, 10)
	if in.byKey == nil {
		in.byKey = map[string]*standIn{}
	}
	in.byKey[key] = s
	return key
}

func (in *StandIns) remove(key string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.byKey[key].destroy()
	delete(in.byKey, key)
}

// original returns the table that a stand-in stands for.
func (in *StandIns) original(key string) (string, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	s, ok := in.byKey[key]
	if !ok {
		return "", fmt.Errorf("there is no stand-in %s", key)
	}
	return s.table, nil
}

// Register registers the table function in the database of conn.
func (in *StandIns) Register(conn mapping.Connection) error {
	return duckc.Register(conn, standInName, in, duckc.TextParameters(1))
}

// Destroy has nothing to do, because each stand-in is removed with its plan.
func (in *StandIns) Destroy() {}

var errStandIn = errors.New(standInName + " is for planning only")

// Bind gives the columns under the lock, so that they are not destroyed meanwhile.
func (in *StandIns) Bind(info mapping.BindInfo) (duckc.Binding, error) {
	key := duckc.Argument(info, 0)
	in.mu.Lock()
	defer in.mu.Unlock()
	s, ok := in.byKey[key]
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
