package duckc

/*
#include <stdlib.h>
#ifndef _WIN32
#include <pthread.h>
#endif

void teamupsqlBind(void *info);
void teamupsqlInit(void *info);
void teamupsqlScan(void *info, void *output);
void teamupsqlDelete(void *handle);
extern void duckdb_bind_set_error(void *info, const char *error);
extern void duckdb_init_set_error(void *info, const char *error);
extern void duckdb_function_set_error(void *info, const char *error);

static int teamupsql_forked;
static const char teamupsql_forked_error[] = "teamupsql cannot run in a process that was made by fork; "
	"start the process another way (in Python: multiprocessing.set_start_method('spawn')), or load the extension after the fork";

static void teamupsql_note_fork(void) { teamupsql_forked = 1; }

static void teamupsql_watch_forks(void) {
#ifndef _WIN32
	pthread_atfork(NULL, NULL, teamupsql_note_fork);
#endif
}

void teamupsql_bind(void *info) {
	teamupsql_forked ? duckdb_bind_set_error(info, teamupsql_forked_error) : teamupsqlBind(info);
}

void teamupsql_init(void *info) {
	teamupsql_forked ? duckdb_init_set_error(info, teamupsql_forked_error) : teamupsqlInit(info);
}

void teamupsql_scan(void *info, void *output) {
	teamupsql_forked ? duckdb_function_set_error(info, teamupsql_forked_error) : teamupsqlScan(info, output);
}

void teamupsql_delete(void *handle) {
	if (!teamupsql_forked) {
		teamupsqlDelete(handle);
	}
}
*/
import "C"

import "unsafe"

// Go's threads do not exist in a process that was made by fork, so a call of Go would wait
// forever. DuckDB works there. These callbacks are in C: in such a process they return an
// error, and delete keeps the object.
var (
	bindCallback   = unsafe.Pointer(C.teamupsql_bind)
	initCallback   = unsafe.Pointer(C.teamupsql_init)
	scanCallback   = unsafe.Pointer(C.teamupsql_scan)
	deleteCallback = unsafe.Pointer(C.teamupsql_delete)
)

func init() { C.teamupsql_watch_forks() }
