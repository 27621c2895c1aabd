package duckc

/*
#include <stdint.h>
#include <stdlib.h>
*/
import "C"

import (
	"fmt"
	"runtime/cgo"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// This file has the callbacks of table functions, which find their Go object, and keeps
// the objects while C refers to them. DuckDB calls the callbacks from its own threads; a
// panic must not cross into C.

// Destroyer is an object that DuckDB refers to. DuckDB calls Destroy once, on any of its
// threads, when it drops the last reference.
type Destroyer interface{ Destroy() }

// pin keeps object alive for C and returns the pointer that C gets. teamupsqlDelete
// releases it.
func pin(object Destroyer) unsafe.Pointer {
	p := (*C.uintptr_t)(C.malloc(C.size_t(unsafe.Sizeof(C.uintptr_t(0)))))
	*p = C.uintptr_t(cgo.NewHandle(object))
	return unsafe.Pointer(p)
}

// pinned returns the object of a pointer that pin returned.
func pinned[T Destroyer](p unsafe.Pointer) T {
	return cgo.Handle(*(*C.uintptr_t)(p)).Value().(T)
}

// teamupsqlDelete has no error to return to DuckDB. An object whose end can fail keeps
// the error itself.
//
//export teamupsqlDelete
func teamupsqlDelete(p unsafe.Pointer) {
	h := cgo.Handle(*(*C.uintptr_t)(p))
	object := h.Value().(Destroyer)
	h.Delete()
	C.free(p)
	_ = guard(func() error { object.Destroy(); return nil })
}

// TableFunction is a table function of a database. Bind declares the columns of a call.
type TableFunction interface {
	Destroyer
	Bind(info mapping.BindInfo) (Binding, error)
}

// Binding is a call of a table function in a statement. DuckDB calls Begin for each
// execution.
type Binding interface {
	Destroyer
	Begin(info mapping.InitInfo) (Scan, error)
}

// Scan is one execution of a call. DuckDB uses it from one thread at a time. Fill puts
// the next rows into out, and none at the end.
type Scan interface {
	Destroyer
	Fill(out mapping.DataChunk) error
}

// guard runs f and returns its panic as an error. It is the last resort: a caller that
// wants more than the text of a panic recovers itself.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("internal error: %v; please report it", r)
		}
	}()
	return f()
}

//export teamupsqlBind
func teamupsqlBind(p unsafe.Pointer) {
	info := mapping.BindInfo{Ptr: p}
	if err := guard(func() error {
		b, err := pinned[TableFunction](mapping.BindGetExtraInfo(info)).Bind(info)
		if err == nil {
			mapping.BindSetBindData(info, pin(b), deleteCallback)
		}
		return err
	}); err != nil {
		mapping.BindSetError(info, err.Error())
	}
}

//export teamupsqlInit
func teamupsqlInit(p unsafe.Pointer) {
	info := mapping.InitInfo{Ptr: p}
	if err := guard(func() error {
		s, err := pinned[Binding](mapping.InitGetBindData(info)).Begin(info)
		if err == nil {
			mapping.InitSetMaxThreads(info, 1)
			mapping.InitSetInitData(info, pin(s), deleteCallback)
		}
		return err
	}); err != nil {
		mapping.InitSetError(info, err.Error())
	}
}

//export teamupsqlScan
func teamupsqlScan(p, output unsafe.Pointer) {
	info := mapping.FunctionInfo{Ptr: p}
	if err := guard(func() error {
		return pinned[Scan](mapping.FunctionGetInitData(info)).Fill(mapping.DataChunk{Ptr: output})
	}); err != nil {
		mapping.FunctionSetError(info, err.Error())
	}
}

// Register registers a table function in the database of conn. The function parameters
// declares its parameters. DuckDB keeps t until the database is closed, or drops it at
// once if Register fails.
func Register(conn mapping.Connection, name string, t TableFunction, parameters func(f mapping.TableFunction)) error {
	f := mapping.CreateTableFunction()
	defer mapping.DestroyTableFunction(&f)
	mapping.TableFunctionSetName(f, name)
	parameters(f)
	mapping.TableFunctionSupportsProjectionPushdown(f, true)
	mapping.TableFunctionSetExtraInfo(f, pin(t), deleteCallback)
	mapping.TableFunctionSetBind(f, bindCallback)
	mapping.TableFunctionSetInit(f, initCallback)
	mapping.TableFunctionSetFunction(f, scanCallback)
	if mapping.RegisterTableFunction(conn, f) == mapping.StateError {
		return fmt.Errorf("duckc: DuckDB refused to register %s; is it registered in this database already?", name)
	}
	return nil
}

// TextParameters declares n parameters of type VARCHAR.
func TextParameters(n int) func(f mapping.TableFunction) {
	return func(f mapping.TableFunction) {
		text := mapping.CreateLogicalType(mapping.TypeVarchar)
		defer mapping.DestroyLogicalType(&text)
		for range n {
			mapping.TableFunctionAddParameter(f, text)
		}
	}
}

// Argument returns an argument of a table function as text, "" for NULL.
func Argument(info mapping.BindInfo, at int) string {
	v := mapping.BindGetParameter(info, mapping.IdxT(at))
	defer mapping.DestroyValue(&v)
	if mapping.IsNullValue(v) { // GetVarchar would end the process
		return ""
	}
	return mapping.GetVarchar(v)
}
