package tablefunc

import (
	"context"
	"errors"
	"time"

	"github.com/teamupsql/teamupsql/internal/guard"
	"github.com/teamupsql/teamupsql/internal/requestlog"
)

// Summary is what one run of a statement cost: the sum of its rows in
// teamup_requests().
type Summary = requestlog.Summary

// ScanSummary is what one reference to the function asked.
type ScanSummary = requestlog.ScanSummary

type summaryKey struct{}

// WithSummary returns a context that reports the cost of each statement to f. A statement
// that runs with this context and scans the function calls f once, when it ends, whether or
// not it fails. The goroutine that runs the statement calls f before Exec or Query return
// (Query has computed its complete result by then), and in Close for QueryChunks. f must not
// use the statement's connection. If f panics, the statement, which has run, returns a
// [*httpsource.PanicError]. If f is nil, nothing is called.
func WithSummary(ctx context.Context, f func(Summary)) context.Context {
	return context.WithValue(ctx, summaryKey{}, f)
}

// account begins a run of the statement. The function that it returns ends it; its error
// is a panic of a function of the program.
func (st *statement) account(ctx context.Context, settings *settings) (end func() error) {
	x, start := st.Accounting(&settings.Env), time.Now()
	return func() error {
		late := st.EndAccounting()
		s := x.Sum()
		if s.Statement == 0 {
			return late
		}
		logged := settings.Logging(func() {
			settings.Log.Info("statement", "statement", s.Statement, "scans", len(s.Scans), "requests", s.Requests, "retries", s.Retries,
				"rows", s.Rows, "bytes", s.Bytes, "waited", s.Waited, "duration", time.Since(start))
		})
		var told error
		if tell, _ := ctx.Value(summaryKey{}).(func(Summary)); tell != nil {
			told = guard.Run("the function of WithSummary", func() error { tell(s); return nil })
		}
		return errors.Join(late, logged, told)
	}
}
