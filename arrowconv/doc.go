// Package arrowconv decodes a page of one of TeamUp's reports, as JSON, into an Arrow
// record batch.
//
// A [Decoder] is created for a projection: an ordered list of columns of package report.
// [Decoder.Decode] reads the bytes once, writes each value directly to the memory of its
// column, and returns a [Page]. It checks and skips values that are not in the projection.
//
// # Values
//
// JSON null is NULL. A value that is absent from its row is NULL if another row of the page
// or a column header contains its key. If nothing in the response contains a requested key,
// in any of the forms below, the error is a [*MissingColumnsError]. A page without rows is
// accepted whatever its headers contain, because it has no value that could be wrong. A
// value of another JSON type is converted if the conversion loses nothing. Otherwise the
// error is a [*ValueError]:
//
//	BOOLEAN        true, false, "true", "false"
//	INTEGER,       12, "12", 12.0, 1.2e1; not 12.5, and not beyond 32 or 64 bits
//	BIGINT
//	DECIMAL(18,4)  45, 45.5, "45.50", 4.55e1, exactly, never through a float;
//	               not with more than four decimals other than zeros
//	DOUBLE         any finite number, rounded; not a whole one beyond 2^53
//	VARCHAR        text; numbers and booleans as they are written; objects and
//	               arrays as JSON, only in a column of report.AnyText
//	TIMESTAMPTZ    "2026-01-31T18:30:00.123456Z", with any offset, with a space
//	               for the T, without seconds; without an offset it is UTC, and a
//	               date alone is its midnight in UTC; digits beyond
//	               microseconds are cut off
//	DATE           "2026-01-31", or a timestamp at midnight as written
//	STRUCT         an object; also flattened in the object around it, as
//	               "family.name" or under an alias such as "family_name"
//	LIST           an array
//
// A flattened struct whose fields are all NULL is NULL. If a struct is flattened, or if the
// column headers name its fields, all fields must be present. A struct that is an object and
// that was requested as a whole may lack fields.
//
// # Untrusted responses
//
// The body is untrusted. Invalid UTF-8, lone surrogates, duplicate names, more than 10,000
// levels, data after the response, and anything else that RFC 7493 does not allow are a
// [*FormatError], even in values outside the projection. NUL in a string is kept, as in
// DuckDB. Decode returns a complete page or an error; after an error no memory stays
// allocated.
//
// The names of this package are stable as described in
// https://github.com/teamupsql/teamupsql/blob/main/docs/stability.md.
package arrowconv
