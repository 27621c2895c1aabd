// Package render prints results as the DuckDB command line prints them: the same
// modes, the same text for every value, the same layout.
//
// DuckDB itself turns the values into text (see [Texts]), so what is printed is
// what a CAST to VARCHAR gives, for types of any kind. A [Result] pairs a result's
// data chunks with that, and [Render] writes it in one of the [Modes].
package render
