// Package duckc is this module's only border to DuckDB's C API, as far as the Go driver
// does not cover it: callbacks of table functions, the C handles that the driver keeps,
// the conversion from and to Arrow, expressions that are evaluated while DuckDB binds a
// statement, the statements that the driver prepares, and the tasks of a statement.
package duckc
