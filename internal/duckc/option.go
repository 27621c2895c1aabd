package duckc

/*
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

extern void *duckdb_create_config_option(void);
extern void duckdb_destroy_config_option(void **option);
extern void duckdb_config_option_set_name(void *option, const char *name);
extern void duckdb_config_option_set_description(void *option, const char *text);
extern void duckdb_config_option_set_type(void *option, void *type);
extern void duckdb_config_option_set_default_value(void *option, void *value);
extern void duckdb_config_option_set_default_scope(void *option, int scope);
extern int duckdb_register_config_option(void *connection, void *option);
*/
import "C"

import (
	"fmt"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// AddOption adds a setting of type BIGINT, with default 0, to the database of conn. SET
// changes it in all sessions, SET SESSION in one.
func AddOption(conn mapping.Connection, name, description string) error {
	option := C.duckdb_create_config_option()
	defer C.duckdb_destroy_config_option(&option)
	bigint := mapping.CreateLogicalType(mapping.TypeBigInt)
	defer mapping.DestroyLogicalType(&bigint)
	zero := mapping.CreateInt64(0)
	defer mapping.DestroyValue(&zero)
	cName, cDescription := C.CString(name), C.CString(description)
	defer C.free(unsafe.Pointer(cName))
	defer C.free(unsafe.Pointer(cDescription))
	C.duckdb_config_option_set_name(option, cName)
	C.duckdb_config_option_set_description(option, cDescription)
	C.duckdb_config_option_set_type(option, bigint.Ptr)
	C.duckdb_config_option_set_default_value(option, zero.Ptr)
	C.duckdb_config_option_set_default_scope(option, scopeGlobal)
	if C.duckdb_register_config_option(conn.Ptr, option) != C.int(mapping.StateSuccess) {
		return fmt.Errorf("duckc: DuckDB refused to add the setting %s", name)
	}
	return nil
}

// scopeGlobal is DUCKDB_CONFIG_OPTION_SCOPE_GLOBAL.
const scopeGlobal = 3

// BindingOption returns a setting of the session that binds a table function, "" if it has
// no value.
func BindingOption(info mapping.BindInfo, name string) string {
	var ctx mapping.ClientContext
	mapping.TableFunctionGetClientContext(info, &ctx)
	defer mapping.DestroyClientContext(&ctx)
	return sessionOption(ctx, name)
}
