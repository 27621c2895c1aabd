package shell

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"
)

// rawConnection is the C handle of the driver's connection, which keeps it in an
// unexported field; a driver that keeps it elsewhere gives an error.
func rawConnection(conn *duckdb.Conn) (mapping.Connection, error) {
	field, ok := reflect.TypeFor[duckdb.Conn]().FieldByName("conn")
	if !ok || field.Type != reflect.TypeFor[mapping.Connection]() {
		return mapping.Connection{}, fmt.Errorf("shell: this version of duckdb-go keeps its handles elsewhere; use the version that this module's go.mod names")
	}
	return *(*mapping.Connection)(unsafe.Add(unsafe.Pointer(conn), field.Offset)), nil
}
