package duckc

/*
#include <stdint.h>
#include <stdlib.h>

extern void *duckdb_client_context_get_config_option(void *context, const char *name, void *out_scope);

// The folding that this thread runs, as a cgo handle; 0 for none.
static __thread uintptr_t teamupsql_folding;

static uintptr_t current_folding(void) { return teamupsql_folding; }
static void set_current_folding(uintptr_t handle) { teamupsql_folding = handle; }

// The statement that the driver has DuckDB bind on this thread, likewise.
static __thread uintptr_t teamupsql_noted;

static uintptr_t current_noted(void) { return teamupsql_noted; }
static void set_current_noted(uintptr_t handle) { teamupsql_noted = handle; }
*/
import "C"

import (
	"runtime"
	"runtime/cgo"
	"sync"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// currentFolding returns the folding that this thread runs, nil for none. DuckDB
// calls the functions that a folding needs on the thread that folds.
func currentFolding() *folding {
	if handle := C.current_folding(); handle != 0 {
		return cgo.Handle(handle).Value().(*folding)
	}
	return nil
}

// IsFolding reports whether DuckDB binds on this thread for the evaluation of an
// expression, such as a plan that nobody runs.
func IsFolding() bool { return currentFolding() != nil }

// NoteBinding notes a binding of a table function for the evaluation that this thread
// runs. It reports whether there is one, as IsFolding does.
func NoteBinding(binding any) bool {
	f := currentFolding()
	if f != nil {
		f.bound = append(f.bound, binding)
	}
	return f != nil
}

// withFolding calls run while f is the thread's current folding.
func withFolding(f *folding, run func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	handle := cgo.NewHandle(f)
	defer handle.Delete()
	outer := C.current_folding()
	C.set_current_folding(C.uintptr_t(handle))
	defer C.set_current_folding(outer)
	run()
}

func currentNoted() *Noted {
	if handle := C.current_noted(); handle != 0 {
		return cgo.Handle(handle).Value().(*Noted)
	}
	return nil
}

// withNoted calls run while n is the statement that the driver has DuckDB bind on this
// thread.
func withNoted(n *Noted, run func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	handle := cgo.NewHandle(n)
	defer handle.Delete()
	outer := C.current_noted()
	C.set_current_noted(C.uintptr_t(handle))
	defer C.set_current_noted(outer)
	run()
}

// settingNames are the names of all settings of DuckDB, and of some of its extensions.
var settingNames = sync.OnceValue(func() []string {
	names := []string{"TimeZone", "Calendar", "search_path", "schema"}
	for i := range mapping.ConfigCount() {
		var name, description string
		mapping.GetConfigFlag(i, &name, &description)
		names = append(names, name)
	}
	return names
})

// sessionOption returns a setting of a session as text, "" if it has no value.
func sessionOption(ctx mapping.ClientContext, name string) string {
	c := C.CString(name)
	defer C.free(unsafe.Pointer(c))
	value := mapping.Value{Ptr: C.duckdb_client_context_get_config_option(ctx.Ptr, c, nil)}
	if value.Ptr == nil {
		return ""
	}
	defer mapping.DestroyValue(&value)
	if mapping.IsNullValue(value) { // GetVarchar would end the process
		return ""
	}
	return mapping.GetVarchar(value)
}
