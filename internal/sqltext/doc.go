// Package sqltext reads and writes the text of SQL statements: where a statement ends,
// which words it begins with, which query another statement contains, and how texts and
// names are quoted. It contains the module's only lexer of SQL, with the rules of DuckDB's
// parser. It knows tokens and no grammar.
package sqltext
