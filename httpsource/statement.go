package httpsource

import "context"

type statementKey struct{}

// WithStatement returns a context whose requests belong to the statement with this number.
// Package tablefunc numbers statements as teamup_requests() shows them. All functions of the
// program that get the context of a request can read the number with [StatementOf], and the
// records of Config.Logger have it as the attribute "statement".
func WithStatement(ctx context.Context, number int64) context.Context {
	return context.WithValue(ctx, statementKey{}, number)
}

// StatementOf returns the number of the statement to which a context belongs, 0 for none.
func StatementOf(ctx context.Context) int64 {
	number, _ := ctx.Value(statementKey{}).(int64)
	return number
}
