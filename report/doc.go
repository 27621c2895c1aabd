// Package report describes TeamUp's reports as data. A [Report] contains the columns with
// their types and the parameters of a request. A [Query] contains values of the parameters.
// SQL types, Arrow schemas, named parameters, pushdown rules and the documentation are
// derived from a Report, so that a column or a parameter is defined in one place.
//
// [Customers] is the customers report, from the reference of GET /reports/customers/data.
//
// All functions are safe for concurrent use. A Query is immutable; its lists must not be
// modified.
//
// The names of this package are stable as described in
// https://github.com/teamupsql/teamupsql/blob/main/docs/stability.md.
package report
