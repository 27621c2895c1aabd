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
	"fmt"
	"runtime/cgo"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
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

//export teamupsqlDelete
func teamupsqlDelete(p unsafe.Pointer) {
	h := cgo.Handle(*(*C.uintptr_t)(p))
	object := h.Value().(deleter)
	h.Delete()
	C.free(p)
	object.deleted()
}

//export teamupsqlBind
func teamupsqlBind(p unsafe.Pointer) {
	info := mapping.BindInfo{Ptr: p}
	if err := guard(func() error { return bind(info) }); err != nil {
		mapping.BindSetError(info, err.Error())
	}
}

//export teamupsqlInit
func teamupsqlInit(p unsafe.Pointer) {
	info := mapping.InitInfo{Ptr: p}
	if err := guard(func() error { return initScan(info) }); err != nil {
		mapping.InitSetError(info, err.Error())
	}
}

//export teamupsqlScan
func teamupsqlScan(p, output unsafe.Pointer) {
	info := mapping.FunctionInfo{Ptr: p}
	s := held[*scan](mapping.FunctionGetInitData(info))
	if err := guard(func() error { return s.fill(mapping.DataChunk{Ptr: output}) }); err != nil {
		mapping.FunctionSetError(info, s.fail(err).Error())
	}
}

func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("tablefunc: internal error: %v", r)
		}
	}()
	return f()
}

// register makes the function known to the database of conn. DuckDB keeps owner
// until the database is gone.
func register(conn mapping.Connection, owner *instance) error {
	f := mapping.CreateTableFunction()
	defer mapping.DestroyTableFunction(&f)
	mapping.TableFunctionSetName(f, FunctionName)
	for _, p := range namedParameters() {
		addNamedParameter(f, p.Name, logicalType(p.Type))
	}
	addNamedParameter(f, providerParameter, mapping.CreateLogicalType(mapping.TypeBigInt))
	mapping.TableFunctionSupportsProjectionPushdown(f, true)
	mapping.TableFunctionSetExtraInfo(f, hold(owner), deleteCallback)
	mapping.TableFunctionSetBind(f, unsafe.Pointer(C.teamupsqlBind))
	mapping.TableFunctionSetInit(f, unsafe.Pointer(C.teamupsqlInit))
	mapping.TableFunctionSetFunction(f, unsafe.Pointer(C.teamupsqlScan))
	if mapping.RegisterTableFunction(conn, f) == mapping.StateError {
		return fmt.Errorf("tablefunc: DuckDB refused to register %s; is it registered in this database already?", FunctionName)
	}
	return nil
}

func addNamedParameter(f mapping.TableFunction, name string, t mapping.LogicalType) {
	mapping.TableFunctionAddNamedParameter(f, name, t)
	mapping.DestroyLogicalType(&t)
}
