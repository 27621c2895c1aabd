package duckc

/*
#include <stdint.h>

void teamupsqlBind(void *info);
void teamupsqlInit(void *info);
void teamupsqlScan(void *info, void *output);
void teamupsqlDelete(void *handle);
void teamupsqlCapture(void *info);
void teamupsqlRowType(void *info);
void teamupsqlText(void *info, void *input, void *output);

extern void duckdb_bind_set_error(void *info, const char *error);
extern void duckdb_init_set_error(void *info, const char *error);
extern void duckdb_function_set_error(void *info, const char *error);
extern void duckdb_scalar_function_bind_set_error(void *info, const char *error);
extern void duckdb_scalar_function_set_error(void *info, const char *error);

// Go's runtime does not survive fork(): the child has none of its threads, and a call of Go
// would wait for ever. So these functions stand before those of Go, and call none of them in
// another process than the one that registered the functions.

#ifdef _WIN32
static void note_process(void) {}
static int is_forked(void) { return 0; }
#else
#include <unistd.h>
static pid_t teamupsql_process;
static void note_process(void) { teamupsql_process = getpid(); }
static int is_forked(void) { return getpid() != teamupsql_process; }
#endif

static const char *const forked_message =
	"the functions of teamupsql cannot run in a process that was forked after they were registered; "
	"start the process by spawn or exec, or fork before the extension is loaded";

static void bind_callback(void *info) {
	if (is_forked()) duckdb_bind_set_error(info, forked_message);
	else teamupsqlBind(info);
}
static void init_callback(void *info) {
	if (is_forked()) duckdb_init_set_error(info, forked_message);
	else teamupsqlInit(info);
}
static void scan_callback(void *info, void *output) {
	if (is_forked()) duckdb_function_set_error(info, forked_message);
	else teamupsqlScan(info, output);
}
static void delete_callback(void *handle) {
	if (!is_forked()) teamupsqlDelete(handle);
}
static void capture_callback(void *info) {
	if (is_forked()) duckdb_scalar_function_bind_set_error(info, forked_message);
	else teamupsqlCapture(info);
}
static void row_type_callback(void *info) {
	if (is_forked()) duckdb_scalar_function_bind_set_error(info, forked_message);
	else teamupsqlRowType(info);
}
static void text_callback(void *info, void *input, void *output) {
	if (is_forked()) duckdb_scalar_function_set_error(info, forked_message);
	else teamupsqlText(info, input, output);
}

static void *bind_pointer(void) { return bind_callback; }
static void *init_pointer(void) { return init_callback; }
static void *scan_pointer(void) { return scan_callback; }
static void *delete_pointer(void) { return delete_callback; }
static void *capture_pointer(void) { return capture_callback; }
static void *row_type_pointer(void) { return row_type_callback; }
static void *text_pointer(void) { return text_callback; }
*/
import "C"

// The callbacks that DuckDB gets.
var (
	bindCallback    = C.bind_pointer()
	initCallback    = C.init_pointer()
	scanCallback    = C.scan_pointer()
	deleteCallback  = C.delete_pointer()
	captureCallback = C.capture_pointer()
	rowTypeCallback = C.row_type_pointer()
	textCallback    = C.text_pointer()
)

func init() { C.note_process() }
