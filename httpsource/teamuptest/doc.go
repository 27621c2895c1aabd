// Package teamuptest is a server of TeamUp's reports for tests and demonstrations, as
// net/http/httptest is for HTTP.
//
// It contains any number of invented customers, computed from a seed, with their
// memberships, attendances, invoices and classes, and supports every documented parameter
// of the reports. If TeamUp does not document a behaviour, the server has one of the
// possible ones, and [Quirks] select another:
//
//   - without sort, rows are in an order that is always the same but not by id; so are
//     rows with equal keys of a sort;
//   - sort accepts every scalar column and field;
//   - a filter for true or false does not match NULL;
//   - time filters compare microseconds and are inclusive;
//   - ages and timeframes are computed in UTC;
//   - account credit is a balance above zero;
//   - id is in every row, even if it was not requested;
//   - timeframes have an invented syntax: today, yesterday, last_N_days, this_month,
//     last_month, this_year, last_year;
//   - classes and attendances of later days than today need include_future;
//   - a date that is filtered by a time counts as its midnight;
//   - extra_customer_fields has the fields 1 to 20, with the keys custom_field_1 and so
//     on.
//
// A [Server] can be slow and limited (options), faulty ([Server.Inject], [Faults]) and
// changing ([Store.Mutate]). It records every request ([Server.Requests]).
//
// The names of this package are experimental, see
// https://github.com/teamupsql/teamupsql/blob/main/docs/stability.md.
package teamuptest
