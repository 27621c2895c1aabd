package duckc

/*
#include <stdint.h>
#include <stdlib.h>

// Functions of DuckDB's C API, for the conversion from Arrow (stable since DuckDB
// 1.5.6, and offered by the Go driver only behind a build tag) and for what is done
// with its result in the same call. Handles are opaque here.
typedef void *teamupsql_handle;
extern teamupsql_handle duckdb_schema_from_arrow(teamupsql_handle connection, void *schema, teamupsql_handle *out_types);
extern teamupsql_handle duckdb_data_chunk_from_arrow(teamupsql_handle connection, void *array, teamupsql_handle types, teamupsql_handle *out_chunk);
extern void duckdb_vector_reference_vector(teamupsql_handle to, teamupsql_handle from);
extern void duckdb_destroy_arrow_converted_schema(teamupsql_handle *types);
extern teamupsql_handle duckdb_data_chunk_get_vector(teamupsql_handle chunk, uint64_t column);
extern void duckdb_data_chunk_set_size(teamupsql_handle chunk, uint64_t size);
extern void duckdb_destroy_data_chunk(teamupsql_handle *chunk);

// One call from Go for all columns of a chunk, as each takes its time.
static teamupsql_handle teamupsql_take(teamupsql_handle connection, void *array, teamupsql_handle types,
		teamupsql_handle out, uint64_t columns, uint64_t rows) {
	teamupsql_handle chunk = NULL;
	teamupsql_handle error = duckdb_data_chunk_from_arrow(connection, array, types, &chunk);
	if (!chunk) {
		return error;
	}
	for (uint64_t i = 0; i < columns; i++) {
		duckdb_vector_reference_vector(duckdb_data_chunk_get_vector(out, i), duckdb_data_chunk_get_vector(chunk, i));
	}
	duckdb_data_chunk_set_size(out, rows);
	duckdb_destroy_data_chunk(&chunk);
	return error;
}
*/
import "C"

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/cdata"
	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Importer hands Arrow record batches of one schema over to DuckDB without copying:
// DuckDB's vectors point into the Arrow buffers and release them when the last of them
// is gone. An Importer serves one thread at a time.
type Importer struct {
	conn  mapping.Connection // of conversions
	types C.teamupsql_handle
	array *cdata.CArrowArray // reused for every batch, in C memory
}

// conversions is the connection that the hand-over needs. What DuckDB makes of Arrow
// data does not depend on the database, so it is one to an empty database in memory,
// which stays open with the process: none of the user's connections, which may be
// closed at any time, has to lend its own.
var conversions firstSuccess[mapping.Connection]

// firstSuccess keeps the first result of a function that did not fail. After a failure
// the next call tries again, because what was missing, such as memory, may be there then.
type firstSuccess[T any] struct {
	mu    sync.Mutex
	value T
	known bool
}

func (s *firstSuccess[T]) get(f func() (T, error)) (T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known {
		return s.value, nil
	}
	value, err := f()
	if err == nil {
		s.value, s.known = value, true
	}
	return value, err
}

// openConversions opens the database in memory.
func openConversions() (conn mapping.Connection, err error) {
	var config mapping.Config
	defer mapping.DestroyConfig(&config)
	if mapping.CreateConfig(&config) == mapping.StateError || mapping.SetConfig(config, "threads", "1") == mapping.StateError {
		return conn, errors.New("DuckDB does not take a setting of its own")
	}
	var db mapping.Database
	var message string
	if mapping.OpenExt(":memory:", &db, config, &message) == mapping.StateError {
		return conn, fmt.Errorf("DuckDB does not open a database in memory: %s", message)
	}
	defer mapping.Close(&db) // the connection keeps it open
	if mapping.Connect(db, &conn) == mapping.StateError {
		return conn, errors.New("DuckDB does not connect to a database in memory")
	}
	return conn, nil
}

// NewImporter prepares the hand-over of batches with this schema.
func NewImporter(schema *arrow.Schema) (*Importer, error) {
	conn, err := conversions.get(openConversions)
	if err != nil {
		return nil, err
	}
	cSchema := (*cdata.CArrowSchema)(C.calloc(1, C.size_t(unsafe.Sizeof(cdata.CArrowSchema{}))))
	defer C.free(unsafe.Pointer(cSchema))
	cdata.ExportArrowSchema(schema, cSchema)
	defer cdata.ReleaseCArrowSchema(cSchema)

	c := &Importer{conn: conn}
	if err := takeError(C.duckdb_schema_from_arrow(C.teamupsql_handle(conn.Ptr), unsafe.Pointer(cSchema), &c.types)); err != nil {
		return nil, fmt.Errorf("DuckDB does not take the Arrow schema: %w", err)
	}
	c.array = (*cdata.CArrowArray)(C.calloc(1, C.size_t(unsafe.Sizeof(cdata.CArrowArray{}))))
	return c, nil
}

// HandOver makes the first columns of out refer to the columns of batch and sets
// out's size. The caller keeps its own reference to the batch.
func (c *Importer) HandOver(batch arrow.RecordBatch, out mapping.DataChunk) error {
	cdata.ExportArrowRecordBatch(batch, c.array, nil)
	return c.take(int(batch.NumCols()), int(batch.NumRows()), out)
}

// Exporter is a batch that writes itself into a C struct ArrowArray.
type Exporter interface{ Export(array unsafe.Pointer) }

// HandOverExport is HandOver for a batch with so many columns and rows.
func (c *Importer) HandOverExport(batch Exporter, columns, rows int, out mapping.DataChunk) error {
	batch.Export(unsafe.Pointer(c.array))
	return c.take(columns, rows, out)
}

// take hands over what array holds.
func (c *Importer) take(columns, rows int, out mapping.DataChunk) error {
	err := takeError(C.teamupsql_take(C.teamupsql_handle(c.conn.Ptr), unsafe.Pointer(c.array), c.types,
		C.teamupsql_handle(out.Ptr), C.uint64_t(columns), C.uint64_t(rows)))
	if err != nil {
		cdata.ReleaseCArrowArray(c.array)
		return fmt.Errorf("DuckDB does not take the Arrow batch: %w", err)
	}
	return nil
}

// Close frees what the Importer has in C.
func (c *Importer) Close() {
	if c.array == nil {
		return
	}
	C.duckdb_destroy_arrow_converted_schema(&c.types)
	C.free(unsafe.Pointer(c.array))
	c.array = nil
}

// takeError turns DuckDB's error data into an error and frees it.
func takeError(handle C.teamupsql_handle) error {
	data := mapping.ErrorData{Ptr: unsafe.Pointer(handle)}
	if data.Ptr == nil {
		return nil
	}
	defer mapping.DestroyErrorData(&data)
	if !mapping.ErrorDataHasError(data) {
		return nil
	}
	text := mapping.ErrorDataMessage(data)
	var parts struct {
		Type    string `json:"exception_type"`
		Message string `json:"exception_message"`
	}
	if json.Unmarshal([]byte(text), &parts) == nil && parts.Message != "" { // as some functions of DuckDB's have it
		text = parts.Type + " Error: " + parts.Message
	}
	return errors.New(text)
}
