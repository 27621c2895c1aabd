package tablefunc

import (
	"context"
	"errors"
	"io"

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

// ended returns the error of what DuckDB ran with ctx, with that of ctx if it has ended: the
// driver returns DuckDB's alone if DuckDB is interrupted while it binds a statement.
func ended(ctx context.Context, err error) error {
	if err == nil || err == io.EOF || ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	return errors.Join(ctx.Err(), err)
}
