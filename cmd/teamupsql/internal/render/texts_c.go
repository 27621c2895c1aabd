package render

/*
#include <stdlib.h>

typedef void (*teamupsql_texts_free_t)(void *);

void teamupsql_texts_bind(void *);
typedef void (*teamupsql_texts_bind_t)(void *);

void teamupsql_texts_init(void *);
typedef void (*teamupsql_texts_init_t)(void *);

void teamupsql_texts_scan(void *, void *);
typedef void (*teamupsql_texts_scan_t)(void *, void *);
*/
import "C"

import (
	"sync"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// textsFunction is the table function through which DuckDB reads a chunk back. Its
// argument names one of the shelf's entries; it is of no use to anyone else.
const textsFunction = "__teamupsql_result_chunk"

// entry is a chunk on its way to DuckDB. It is used by one goroutine at a time:
// the callbacks run while that goroutine waits in DuckDB.
type entry struct {
	types []mapping.LogicalType
	chunk mapping.DataChunk
	ready bool // the chunk is still to be read
}

// shelf holds the entries by number. DuckDB keeps the number, never a Go pointer.
type shelf struct {
	sync.Mutex
	entries map[int64]*entry
	last    int64
}

// chunks is one for the process, as C callbacks carry no Go value of ours.
var chunks = shelf{entries: map[int64]*entry{}}

func (s *shelf) put(e *entry) int64 {
	s.Lock()
	defer s.Unlock()
	s.last++
	s.entries[s.last] = e
	return s.last
}

func (s *shelf) get(id int64) *entry {
	s.Lock()
	defer s.Unlock()
	return s.entries[id]
}

func (s *shelf) drop(id int64) {
	s.Lock()
	defer s.Unlock()
	delete(s.entries, id)
}

// registerTexts makes the table function known on the connection's database.
func registerTexts(conn mapping.Connection) bool {
	f := mapping.CreateTableFunction()
	defer mapping.DestroyTableFunction(&f)
	mapping.TableFunctionSetName(f, textsFunction)
	bigint := mapping.CreateLogicalType(mapping.TypeBigInt)
	defer mapping.DestroyLogicalType(&bigint)
	mapping.TableFunctionAddParameter(f, bigint)
	mapping.TableFunctionSetBind(f, unsafe.Pointer(C.teamupsql_texts_bind_t(C.teamupsql_texts_bind)))
	mapping.TableFunctionSetInit(f, unsafe.Pointer(C.teamupsql_texts_init_t(C.teamupsql_texts_init)))
	mapping.TableFunctionSetFunction(f, unsafe.Pointer(C.teamupsql_texts_scan_t(C.teamupsql_texts_scan)))
	return mapping.RegisterTableFunction(conn, f) == mapping.StateSuccess
}

//export teamupsql_texts_bind
func teamupsql_texts_bind(ptr unsafe.Pointer) {
	info := mapping.BindInfo{Ptr: ptr}
	value := mapping.BindGetParameter(info, 0)
	defer mapping.DestroyValue(&value)
	id := mapping.GetInt64(value)
	e := chunks.get(id)
	if e == nil {
		mapping.BindSetError(info, textsFunction+" is for the shell's own use")
		return
	}
	for i, t := range e.types {
		mapping.BindAddResultColumn(info, columnName(i), t)
	}
	cell := C.malloc(8)
	*(*int64)(cell) = id
	mapping.BindSetBindData(info, cell, unsafe.Pointer(C.teamupsql_texts_free_t(C.free)))
}

//export teamupsql_texts_init
func teamupsql_texts_init(ptr unsafe.Pointer) {
	mapping.InitSetMaxThreads(mapping.InitInfo{Ptr: ptr}, 1)
}

//export teamupsql_texts_scan
func teamupsql_texts_scan(ptr, out unsafe.Pointer) {
	e := chunks.get(*(*int64)(mapping.FunctionGetBindData(mapping.FunctionInfo{Ptr: ptr})))
	output := mapping.DataChunk{Ptr: out}
	if e == nil || !e.ready {
		mapping.DataChunkSetSize(output, 0)
		return
	}
	e.ready = false
	for i := range e.types {
		mapping.VectorReferenceVector(
			mapping.DataChunkGetVector(output, mapping.IdxT(i)),
			mapping.DataChunkGetVector(e.chunk, mapping.IdxT(i)))
	}
	mapping.DataChunkSetSize(output, mapping.DataChunkGetSize(e.chunk))
}
