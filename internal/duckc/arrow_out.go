package duckc

/*
#include <stdint.h>
#include <stdlib.h>

// DuckDB's C API for the way out, stable since DuckDB 1.5.6, which the Go driver
// offers only behind a build tag. Handles are opaque here.
typedef void *teamupsql_handle;
extern void duckdb_connection_get_arrow_options(teamupsql_handle connection, teamupsql_handle *out_options);
extern void duckdb_destroy_arrow_options(teamupsql_handle *options);
extern teamupsql_handle duckdb_to_arrow_schema(teamupsql_handle options, teamupsql_handle *types, const char **names, uint64_t columns, void *out_schema);
extern teamupsql_handle duckdb_data_chunk_to_arrow(teamupsql_handle options, teamupsql_handle chunk, void *out_array);
*/
import "C"

import (
	"fmt"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/cdata"
	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Column is a column of a result. Whoever made it destroys the type.
type Column struct {
	Name string
	Type mapping.LogicalType
}

// BatchMaker makes record batches of a result's chunks. DuckDB writes a chunk once in
// Arrow's layout, which differs from its own; the batch is that memory, which is
// freed with the batch.
type BatchMaker struct {
	options C.teamupsql_handle
	schema  *arrow.Schema
	array   *cdata.CArrowArray // reused for every batch, in C memory
}

// NewBatchMaker prepares the export of chunks with these columns. The connection must
// stay open until Close.
func NewBatchMaker(conn mapping.Connection, columns []Column) (*BatchMaker, error) {
	e := &BatchMaker{}
	C.duckdb_connection_get_arrow_options(C.teamupsql_handle(conn.Ptr), &e.options)
	e.array = (*cdata.CArrowArray)(C.calloc(1, C.size_t(unsafe.Sizeof(cdata.CArrowArray{}))))
	var err error
	if e.schema, err = e.arrowSchema(columns); err != nil {
		e.Close()
		return nil, fmt.Errorf("duckc: the result has no Arrow schema, cast the column to another type: %w", err)
	}
	return e, nil
}

func (e *BatchMaker) arrowSchema(columns []Column) (*arrow.Schema, error) {
	size := C.size_t(max(len(columns), 1)) * C.size_t(unsafe.Sizeof(uintptr(0)))
	names, types := (**C.char)(C.calloc(1, size)), (*C.teamupsql_handle)(C.calloc(1, size))
	defer C.free(unsafe.Pointer(names))
	defer C.free(unsafe.Pointer(types))
	for i, c := range columns {
		name := C.CString(c.Name)
		defer C.free(unsafe.Pointer(name))
		unsafe.Slice(names, len(columns))[i] = name
		unsafe.Slice(types, len(columns))[i] = C.teamupsql_handle(c.Type.Ptr)
	}
	schema := (*cdata.CArrowSchema)(C.calloc(1, C.size_t(unsafe.Sizeof(cdata.CArrowSchema{}))))
	defer C.free(unsafe.Pointer(schema))
	if err := takeError(C.duckdb_to_arrow_schema(e.options, types, names, C.uint64_t(len(columns)), unsafe.Pointer(schema))); err != nil {
		return nil, err
	}
	return cdata.ImportCArrowSchema(schema) // which releases it
}

// Batch returns the chunk as a record batch of its own, which the caller releases.
func (e *BatchMaker) Batch(chunk mapping.DataChunk) (arrow.RecordBatch, error) {
	if err := takeError(C.duckdb_data_chunk_to_arrow(e.options, C.teamupsql_handle(chunk.Ptr), unsafe.Pointer(e.array))); err != nil {
		return nil, fmt.Errorf("duckc: DuckDB does not give the rows as Arrow: %w", err)
	}
	return cdata.ImportCRecordBatchWithSchema(e.array, e.schema)
}

// Schema returns the schema of the batches.
func (e *BatchMaker) Schema() *arrow.Schema { return e.schema }

// Close frees what the BatchMaker has in C.
func (e *BatchMaker) Close() {
	C.duckdb_destroy_arrow_options(&e.options)
	C.free(unsafe.Pointer(e.array))
	e.array = nil
}
