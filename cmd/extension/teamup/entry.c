//go:build duckdb_use_static_lib

// The entry point of the extension. cmd/extension adds duckdb.h and the C file with DuckDB's
// functions when it builds this package.

#include <stdlib.h>

#define DUCKDB_C_API
#include "duckdb.h"

#ifdef _WIN32
#define VISIBLE __declspec(dllexport)
#else
#define VISIBLE __attribute__((visibility("default")))
#endif

// These two are in the C file that cmd/extension generates. teamup_use_functions keeps a copy
// of DuckDB's table. It returns false if a different DuckDB of this process was first.
extern const char teamup_duckdb_version[];
bool teamup_use_functions(const void *table);

// teamupRegister is in main.go. It returns NULL, or an error that the caller frees.
char *teamupRegister(void *database, void *connection);

// teamup_init_c_api is called by DuckDB for each database that loads the extension. It
// closes its connection, because an open connection keeps the database open.
VISIBLE bool teamup_init_c_api(duckdb_extension_info info, struct duckdb_extension_access *access) {
	const void *table = access->get_api(info, teamup_duckdb_version);
	if (!table) {
		return false; // DuckDB reports that it lacks this version
	}
	if (!teamup_use_functions(table)) {
		access->set_error(info, "teamup: another DuckDB in this process has loaded this file; load a copy of the file");
		return false;
	}
	duckdb_database *database = access->get_database(info);
	duckdb_connection connection;
	if (!database || duckdb_connect(*database, &connection) == DuckDBError) {
		access->set_error(info, "teamup: DuckDB gave no connection to register the functions with");
		return false;
	}
	char *error = teamupRegister(*database, connection);
	duckdb_disconnect(&connection);
	if (error) {
		access->set_error(info, error);
		free(error);
		return false;
	}
	return true;
}
