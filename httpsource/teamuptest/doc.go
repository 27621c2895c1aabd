// Package teamuptest is a server of TeamUp's customers report for tests and
// demonstrations, as net/http/httptest is for HTTP.
//
// It holds any number of invented customers, computed from a seed, and honours every
// documented parameter of the report. What the vendor leaves open is decided here one
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
//   - created_at_timeframe takes an invented syntax: today, yesterday, last_N_days,
//     this_month, last_month, this_year, last_year;
//   - extra_customer_fields knows the fields 1 to 20, which come as custom_field_1 and
//     so on.
//
// A [Server] can be slow and limited (options), wrong ([Server.Inject], [Faults]) and
// on the move ([Store.Mutate]), and it remembers every request ([Server.Requests]).
//
// The names of this package are experimental, see
// https://github.com/teamupsql/teamupsql/blob/main/docs/stability.md.
package teamuptest
