package duckc

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// QueryTexts runs a query whose columns are all VARCHAR and returns its first row, with ""
// for NULL.
func QueryTexts(conn mapping.Connection, query string) ([]string, error) {
	var result mapping.Result
	defer mapping.DestroyResult(&result)
	if mapping.Query(conn, query, &result) == mapping.StateError {
		return nil, errors.New(mapping.ResultError(&result))
	}
	chunk := mapping.FetchChunk(result)
	if chunk.Ptr == nil {
		return nil, fmt.Errorf("duckc: no rows from %s", query)
	}
	defer mapping.DestroyDataChunk(&chunk)
	texts := make([]string, mapping.DataChunkGetColumnCount(chunk))
	for i := range texts {
		vector := mapping.DataChunkGetVector(chunk, mapping.IdxT(i))
		valid := mapping.VectorGetValidity(vector)
		if valid == nil || mapping.ValidityRowIsValid(valid, 0) {
			texts[i] = mapping.StringTData((*mapping.StringT)(unsafe.Pointer(mapping.VectorGetData(vector))))
		}
	}
	return texts, nil
}
