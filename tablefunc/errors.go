package tablefunc

import (
	"errors"

	"github.com/teamupsql/teamupsql/internal/fields"
	"github.com/teamupsql/teamupsql/report"
)

// queryError is the failure of a statement whose scan failed. It reads as the
// scan's error, which names what to do, and keeps DuckDB's beside it: errors.As
// finds [*httpsource.APIError] and the like as well as *duckdb.Error.
type queryError struct {
	scan   error
	duckdb error
}

// Error is DuckDB's text if a named parameter is wrong, because it shows where in the
// statement that is.
func (e *queryError) Error() string {
	var bad *report.ParameterError
	if errors.As(e.scan, &bad) {
		return e.duckdb.Error()
	}
	return e.scan.Error()
}

func (e *queryError) Unwrap() []error { return []error{e.scan, e.duckdb} }

// wrapError joins what DuckDB says of a failed statement with what the scan said.
func wrapError(duckdb, scan error) error {
	if scan == nil {
		return duckdb
	}
	return &queryError{scan: scan, duckdb: duckdb}
}

// ProviderError is the failure of a scan at a business that the call names. Its
// text is that of Err, which says the business where it is about that.
type ProviderError = fields.ProviderError

// FieldTypeError indicates that a custom field has a value that does not fit the type of
// its column, which is inferred from the first customers. The statement succeeds if it is
// run again by the same client, as long as the process lives: the column then has a wider
// type.
type FieldTypeError = fields.TypeError

// UnknownFieldsError indicates that extra_customer_fields names custom fields that none
// of the businesses has.
type UnknownFieldsError = fields.UnknownError
