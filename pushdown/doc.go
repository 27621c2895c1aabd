// Package pushdown decides what of a statement's WHERE the report can do itself.
//
// [ReadPlan] reads DuckDB's own plan of a statement, the text of
//
//	SELECT json_serialize_plan($1, optimize := true)
//
// into the scans it holds and the predicates that stand right above each.
// [Scan.Translate] turns the predicates of one scan into a [report.Query] and says
// the fate of each: carried out exactly, carried out widened, or left to DuckDB.
//
// DuckDB applies every predicate again, so a request may return too much, never
// too little. Let F be the AND of a scan's predicates: a request returns every
// row for which F is TRUE and no row that the scan without F would not.
// Whatever the package does not know is left, and nothing is an error but a text
// that is no plan.
//
// All functions are safe for concurrent use; what they return is not changed
// afterwards.
package pushdown
