package tablefunc

/*
void teamupsqlStandInBind(void *info);
void teamupsqlStandInInit(void *info);
void teamupsqlStandInScan(void *info, void *output);
*/
import "C"

import (
	"fmt"
	"strconv"
	"unsafe"

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
		return "", fmt.Errorf("tablefunc: there is no stand-in %s", key)
	}
	return s.table, nil
}

// bindStandIn gives the columns under the lock, so that they are not destroyed meanwhile.
func (in *instance) bindStandIn(info mapping.BindInfo) error {
	v := mapping.BindGetParameter(info, 0)
	defer mapping.DestroyValue(&v)
	in.mu.Lock()
	defer in.mu.Unlock()
	s, ok := in.standIns[mapping.GetVarchar(v)]
	if !ok {
		return fmt.Errorf("%s is for planning only", standInName)
	}
	for i, name := range s.names {
		mapping.BindAddResultColumn(info, name, s.types[i])
	}
	return nil
}

//export teamupsqlStandInBind
func teamupsqlStandInBind(p unsafe.Pointer) {
	info := mapping.BindInfo{Ptr: p}
	in := held[*instance](mapping.BindGetExtraInfo(info))
	if err := guard(func() error { return in.bindStandIn(info) }); err != nil {
		mapping.BindSetError(info, err.Error())
	}
}

//export teamupsqlStandInInit
func teamupsqlStandInInit(unsafe.Pointer) {}

//export teamupsqlStandInScan
func teamupsqlStandInScan(p, _ unsafe.Pointer) {
	mapping.FunctionSetError(mapping.FunctionInfo{Ptr: p}, standInName+" is for planning only")
}

func registerStandIn(conn mapping.Connection, owner *instance) error {
	f := mapping.CreateTableFunction()
	defer mapping.DestroyTableFunction(&f)
	mapping.TableFunctionSetName(f, standInName)
	key := mapping.CreateLogicalType(mapping.TypeVarchar)
	mapping.TableFunctionAddParameter(f, key)
	mapping.DestroyLogicalType(&key)
	mapping.TableFunctionSupportsProjectionPushdown(f, true)
	mapping.TableFunctionSetExtraInfo(f, hold(owner), deleteCallback)
	mapping.TableFunctionSetBind(f, unsafe.Pointer(C.teamupsqlStandInBind))
	mapping.TableFunctionSetInit(f, unsafe.Pointer(C.teamupsqlStandInInit))
	mapping.TableFunctionSetFunction(f, unsafe.Pointer(C.teamupsqlStandInScan))
	if mapping.RegisterTableFunction(conn, f) == mapping.StateError {
		return fmt.Errorf("tablefunc: DuckDB refused to register %s", standInName)
	}
	return nil
}
