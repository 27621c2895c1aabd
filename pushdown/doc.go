// Package pushdown translates the WHERE of a statement into parameters of the report.
//
// [ReadPlan] reads DuckDB's plan of a statement, the text of
//
//	SELECT json_serialize_plan($1, optimize := true)
//
// and returns its scans, each with the predicates directly above it. [Scan.Translate]
// translates the predicates of one scan into a [report.Query]. For each predicate it returns
// an [Outcome]: exact, widened or left.
//
// DuckDB evaluates every predicate again, so a request may return too many rows, but never
// too few. Let F be the predicates of a scan joined with AND: a request returns every row for
// which F is TRUE, and no row that the scan without F would not return. What the package does
// not understand it leaves to DuckDB. The only errors are for text that is not a plan.
//
// All functions are safe for concurrent use. Their results do not change afterwards.
//
// The names of this package are experimental, see
// https://github.com/teamupsql/teamupsql/blob/main/docs/stability.md.
package pushdown
