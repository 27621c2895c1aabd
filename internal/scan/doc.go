// Package scan decides which requests the scans of a statement send, in which order, and
// which of them share their rows, and reads the rows. It knows neither DuckDB nor
// database/sql: the caller says which calls of the report a statement has, and what its
// plan says of them.
package scan
