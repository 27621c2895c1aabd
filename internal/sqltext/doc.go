// Package sqltext reads and writes the text of SQL statements: it splits statements, finds
// their first words and the query inside another statement, and quotes texts and names. It
// contains the module's only SQL lexer, with the rules of DuckDB's parser. It does not
// parse grammar.
package sqltext
