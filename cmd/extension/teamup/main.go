// Command teamup is the extension teamup of DuckDB: the table functions of TeamUp's
// reports for every program that uses DuckDB. Build it with go run ./cmd/extension.
package main

// #include <stdlib.h>
import "C"

import (
	"errors"
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
	if err := register(mapping.Database{Ptr: database}, mapping.Connection{Ptr: connection}); err != nil {
		return C.CString("teamup: " + err.Error())
	}
	return nil
}

func register(db mapping.Database, conn mapping.Connection) error {
	s, err := newSource(getenv)
	if err != nil {
		return err
	}
	if err := tablefunc.RegisterDatabase(db, conn, tablefunc.WithClientFunc(s.clientOf), tablefunc.WithClock(s.Now)); err != nil {
		return errors.Join(err, s.Close())
	}
	return registerDemo(conn, s)
}

// getenv returns a variable of the environment as it is now. Go's own copy dates from when
// DuckDB loaded the library; a program may have set a variable since.
func getenv(name string) string {
	c := C.CString(name)
	defer C.free(unsafe.Pointer(c))
	return C.GoString(C.getenv(c))
}
