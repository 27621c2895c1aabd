// Package tablefunc makes TeamUp's reports table functions of DuckDB, for
// programs that use database/sql.
//
//	db, err := tablefunc.Open("") // the token is $TEAMUP_TOKEN
//	if err != nil {
//		log.Fatal(err)
//	}
//	defer db.Close()
//	var active int
//	err = db.QueryRow("SELECT count(*) FROM teamup_customers() WHERE is_active").Scan(&active)
//
// For each statement the package reads DuckDB's plan and requests only the columns and
// rows that the statement needs. DuckDB evaluates the complete statement on what comes
// back, so the result does not depend on this. [Explain] shows the requests of a
// statement without sending them.
//
// A statement returns all its rows or an error. Use errors.As to find the reason in it:
// a [*httpsource.APIError] if TeamUp refused the request, a [*report.ParameterError] if a
// named parameter has a wrong value, a [*requests.ProviderError] if one of several businesses
// failed.
//
// [Open] and [NewConnector] open a database. [Register] adds the functions to a database
// that the program opened with duckdb-go, and [RegisterDatabase] to one of another host of
// DuckDB; a little less is pushed down there. [QueryArrow] returns
// a result as Arrow record batches.
//
// The names of this package are stable as described in
// https://github.com/teamupsql/teamupsql/blob/main/docs/stability.md.
package tablefunc
