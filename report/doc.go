// Package report describes TeamUp's customers report as data: its columns and
// their types, the parameters of a request, and a typed [Query] that carries
// them. SQL types, Arrow schemas, named parameters, pushdown rules and the
// documentation are derived from here, so that a column or a parameter is
// written down once.
//
// The facts come from the vendor's page of GET /reports/customers/data.
//
// All functions are safe for concurrent use. A Query is a value: copies share
// the slices and pointers in it, which therefore must not be changed in place.
package report
