// Package fields finds out which custom fields a business has, remembers them, and makes
// columns of them. It also remembers how many customers a business has, which the same
// responses tell.
package fields
