// Package render prints results as the DuckDB command line prints them: the same modes, the
// same text for every value, the same layout.
//
// DuckDB converts the values to text (see [Texts]), so the text is that of a CAST to
// VARCHAR, for all types. A [Result] contains the chunks of a result, and [Render] writes
// them in one of the [Modes].
package render
