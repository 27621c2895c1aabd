// Package plan asks DuckDB, while it binds a statement, what the statement will read of
// the report.
package plan
