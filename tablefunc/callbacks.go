package tablefunc

/*
#include <stdint.h>
#include <stdlib.h>

void teamupsqlBind(void *info);
void teamupsqlInit(void *info);
void teamupsqlScan(void *info, void *output);
void teamupsqlDelete(void *handle);
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime/cgo"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/report"
)

// This file is the border to DuckDB's C API for table functions: callbacks that
// find their Go object, and the way objects are kept while C holds them. DuckDB
// calls them from its own threads; a panic must not cross the border.

// deleter is what DuckDB drops: it is told when the last reference is gone.
type deleter interface{ deleted() }

// hold keeps object alive for C and returns what C holds; release by teamupsqlDelete.
func hold(object deleter) unsafe.Pointer {
	p := (*C.uintptr_t)(C.malloc(C.size_t(unsafe.Sizeof(C.uintptr_t(0)))))
	*p = C.uintptr_t(cgo.NewHandle(object))
	return unsafe.Pointer(p)
}

func held[T deleter](p unsafe.Pointer) T {
	return cgo.Handle(*(*C.uintptr_t)(p)).Value().(T)
}

var deleteCallback = unsafe.Pointer(C.teamupsqlDelete)

// teamupsqlDelete has no error to return to DuckDB. An object whose end can fail keeps
// the error itself, see scan.deleted.
//
//export teamupsqlDelete
func teamupsqlDelete(p unsafe.Pointer) {
	h := cgo.Handle(*(*C.uintptr_t)(p))
	object := h.Value().(deleter)
	h.Delete()
	C.free(p)
	_ = guard("", func() error { object.deleted(); return nil })
}

// tableFunction is what DuckDB knows by a name. Its bind gives the columns of a call.
type tableFunction interface {
	deleter
	bind(info mapping.BindInfo) (tableBinding, error)
}

// tableBinding is a call of a table function. Each of its executions begins anew.
type tableBinding interface {
	deleter
	begin(info mapping.InitInfo) (tableScan, error)
}

// tableScan is one execution of a call. DuckDB uses it from one thread at a time.
type tableScan interface {
	deleter
	// fill puts the next rows into out; none at the end.
	fill(out mapping.DataChunk) error
	// fail makes of an error of fill what the user reads.
	fail(err error) error
}

//export teamupsqlBind
func teamupsqlBind(p unsafe.Pointer) {
	info := mapping.BindInfo{Ptr: p}
	if err := guard("", func() error {
		b, err := held[tableFunction](mapping.BindGetExtraInfo(info)).bind(info)
		if err == nil {
			mapping.BindSetBindData(info, hold(b), deleteCallback)
		}
		return err
	}); err != nil {
		mapping.BindSetError(info, err.Error())
	}
}

//export teamupsqlInit
func teamupsqlInit(p unsafe.Pointer) {
	info := mapping.InitInfo{Ptr: p}
	if err := guard("", func() error {
		s, err := held[tableBinding](mapping.InitGetBindData(info)).begin(info)
		if err == nil {
			mapping.InitSetMaxThreads(info, 1)
			mapping.InitSetInitData(info, hold(s), deleteCallback)
		}
		return err
	}); err != nil {
		mapping.InitSetError(info, err.Error())
	}
}

//export teamupsqlScan
func teamupsqlScan(p, output unsafe.Pointer) {
	info := mapping.FunctionInfo{Ptr: p}
	s := held[tableScan](mapping.FunctionGetInitData(info))
	if err := guard("", func() error { return s.fill(mapping.DataChunk{Ptr: output}) }); err != nil {
		mapping.FunctionSetError(info, s.fail(err).Error())
	}
}

// register makes a function known to the database of conn. DuckDB keeps t until
// the database is gone.
func register(conn mapping.Connection, name string, t tableFunction, parameters func(f mapping.TableFunction)) error {
	f := mapping.CreateTableFunction()
	defer mapping.DestroyTableFunction(&f)
	mapping.TableFunctionSetName(f, name)
	parameters(f)
	mapping.TableFunctionSupportsProjectionPushdown(f, true)
	mapping.TableFunctionSetExtraInfo(f, hold(t), deleteCallback)
	mapping.TableFunctionSetBind(f, unsafe.Pointer(C.teamupsqlBind))
	mapping.TableFunctionSetInit(f, unsafe.Pointer(C.teamupsqlInit))
	mapping.TableFunctionSetFunction(f, unsafe.Pointer(C.teamupsqlScan))
	if mapping.RegisterTableFunction(conn, f) == mapping.StateError {
		return fmt.Errorf("tablefunc: DuckDB refused to register %s; is it registered in this database already?", name)
	}
	return nil
}

// registerAll makes all functions of this package known to the database of conn.
func (in *instance) registerAll(conn mapping.Connection) error {
	var errs []error
	for _, r := range reports {
		errs = append(errs, register(conn, r.Function, reportTable{in, r}, func(f mapping.TableFunction) { addNamedParameters(f, r) }))
	}
	return errors.Join(append(errs,
		register(conn, RequestsFunctionName, requestsTable{in}, func(mapping.TableFunction) {}),
		register(conn, standInName, standInTable{in}, func(f mapping.TableFunction) {
			key := mapping.CreateLogicalType(mapping.TypeVarchar)
			defer mapping.DestroyLogicalType(&key)
			mapping.TableFunctionAddParameter(f, key)
		}))...)
}

func addNamedParameters(f mapping.TableFunction, of *report.Report) {
	add := func(name string, t mapping.LogicalType) {
		mapping.TableFunctionAddNamedParameter(f, name, t)
		mapping.DestroyLogicalType(&t)
	}
	for _, p := range of.Named() {
		add(p.Name, logicalType(p.Type))
	}
	add(providerParameter, logicalType(*bigints.Elem))
	add(providersParameter, logicalType(bigints))
}
