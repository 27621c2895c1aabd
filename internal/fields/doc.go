// Package fields finds the custom fields of a business, caches them, and describes them as
// columns. It also remembers how many customers a business has, which is in the same
// responses.
package fields
