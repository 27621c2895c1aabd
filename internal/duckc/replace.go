package duckc

/*
#include <stdlib.h>
#include <strings.h>

extern void duckdb_add_replacement_scan(void *database, void *callback, void *data, void *destroy);
extern void duckdb_replacement_scan_set_function_name(void *info, const char *name);

// teamupsql_replace is called for each table that DuckDB does not find. It is not in Go, so
// that a process that has forked can call it.
static void teamupsql_replace(void *info, const char *table, void *function) {
	if (strcasecmp(table, function) == 0) {
		duckdb_replacement_scan_set_function_name(info, function);
	}
}

static void teamupsql_add_table(void *database, char *function) {
	duckdb_add_replacement_scan(database, teamupsql_replace, function, free);
}
*/
import "C"

import "github.com/duckdb/duckdb-go/v2/mapping"

// AddTable makes a table function usable without parentheses. Tables and views of the same
// name come first.
func AddTable(db mapping.Database, function string) {
	C.teamupsql_add_table(db.Ptr, C.CString(function))
}
