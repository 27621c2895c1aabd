// Package pages keeps the report's pages as they came: in memory, and beyond a limit in
// a file.
package pages
