// Package report describes TeamUp's reports as data. A [Report] has columns with their
// types, and parameters of a request; a [Query] holds values of the parameters. SQL
// types, Arrow schemas, named parameters, pushdown rules and the documentation are
// derived from here, so that a column or a parameter is written down once.
//
// [Customers] is the customers report, from the vendor's page of
// GET /reports/customers/data.
//
// All functions are safe for concurrent use. A Query is a value that does not change; a
// list in it must not be changed in place.
//
// The names of this package are stable as described in
// https://github.com/teamupsql/teamupsql/blob/main/docs/stability.md.
package report
