// Package teamuptest is a server of TeamUp's reports for tests and demonstrations, as
// net/http/httptest is for HTTP.
//
// It has any number of invented customers, computed from a seed, with their memberships,
// attendances, invoices and classes, and honours every documented parameter of the reports. What the vendor leaves open is decided here one
// way, and can be decided otherwise through [Quirks]:
//
//   - without sort, rows come in an order that is always the same but not by id; so do
//     rows that a sort leaves equal;
//   - sort takes every column and part that is a scalar;
//   - a filter finds no row whose column is NULL, for true nor for false;
//   - time filters compare microseconds and are inclusive;
//   - ages and timeframes are counted in UTC;
//   - account credit is a balance above zero;
//   - id is in every row, asked for or not;
//   - timeframes take an invented syntax: today, yesterday, last_N_days, this_month,
//     last_month, this_year, last_year;
//   - classes and attendances of later days than today come with include_future alone;
//   - a date that is filtered by a time counts as its midnight;
//   - extra_customer_fields knows the fields 1 to 20, which come as custom_field_1 and
//     so on.
//
// A [Server] can be slow and limited (options), wrong ([Server.Inject], [Faults]) and
// on the move ([Store.Mutate]), and it remembers every request ([Server.Requests]).
package teamuptest
