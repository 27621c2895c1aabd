// Package arrowconv turns a page of TeamUp's customers report, as it came over
// the wire in JSON, into an Arrow record batch.
//
// A [Decoder] is made for a projection: an ordered list of columns of the
// catalogue in package report. [Decoder.Decode] reads the bytes once, puts every
// value straight into the memory of its column and hands out a [Page]; what was
// not asked for is checked and passed over.
//
// # Values
//
// A value that is null is NULL, and so is one that is absent from its row, if another
// row of the page or a column header contains its key. A key that was requested and
// that nothing in the answer contains is a [*MissingColumnsError]; it may come in each
// of the forms below. A page without rows is accepted whatever its headers contain,
// because no value of it could be wrong. A value of another JSON type is taken
// where nothing is lost, otherwise it is a [*ValueError]:
//
//	BOOLEAN        true, false, "true", "false"
//	INTEGER,       12, "12", 12.0, 1.2e1; not 12.5, and not beyond 32 or 64 bits
//	BIGINT
//	DECIMAL(18,4)  45, 45.5, "45.50", 4.55e1, exactly, never through a float;
//	               not with more than four decimals other than zeros
//	DOUBLE         any finite number, rounded; not a whole one beyond 2^53
//	VARCHAR        text; numbers and booleans as they are written; objects and
//	               arrays as their JSON, in a column of report.AnyText alone
//	TIMESTAMPTZ    "2026-01-31T18:30:00.123456Z", with any offset, with a space
//	               for the T, without seconds; without an offset it is UTC, and a
//	               date alone is its midnight in UTC; what is finer than a
//	               microsecond is cut off, as it cannot be stored
//	DATE           "2026-01-31", or a timestamp at midnight as written
//	STRUCT         an object; also flattened in the object around it, as
//	               "family.name" or under an alias such as "family_name"
//	LIST           an array
//
// A flattened struct of which every part is NULL is NULL. A struct whose headers name
// its parts, or that comes flattened, must have all its parts; one that comes as an
// object need not, if it was requested as a whole.
//
// # Hostile answers
//
// The body is untrusted. Invalid UTF-8, lone surrogates, duplicate names, more
// than 10,000 levels, data after the answer and anything else that is not JSON as
// RFC 7493 has it is a [*FormatError], also in values that nobody asked for. NUL
// in a string is kept, as DuckDB does. A page is all there or it is an error;
// after an error nothing is left allocated.
package arrowconv
