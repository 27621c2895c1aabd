// Command teamup is the extension teamup of DuckDB: teamup_customers() for every program
// that uses DuckDB. Build it with go run ./cmd/extension.
package main

import "C"

import (
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/tablefunc"
)

// main is not called: DuckDB loads the extension as a library.
func main() {}

// teamupRegister registers the functions in a database. It returns the error, nil for none.
//
//export teamupRegister
func teamupRegister(database, connection unsafe.Pointer) *C.char {
	if err := register(database, connection); err != nil {
		return C.CString("teamup: " + err.Error())
	}
	return nil
}

func register(database, connection unsafe.Pointer) error {
	return tablefunc.RegisterConnection(mapping.Connection{Ptr: connection})
}
