// Package scan decides which requests the scans of a statement send, in which order, and
// which of them share their rows, and reads the rows. It does not depend on DuckDB or
// database/sql. The caller passes the calls of a statement and its plan.
package scan
