package tablefunc

import (
	"context"
	"errors"
	"time"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/internal/guard"
)

// account begins a run of the statement. The function that it returns ends it; its error
// is a panic of a function of the program.
func (st *statement) account(ctx context.Context, settings *settings) (end func() error) {
	x, start := st.Accounting(&settings.Env), time.Now()
	return func() error {
		late := st.EndAccounting()
		s := x.Sum()
		if len(s.Scans) == 0 && s.Requests == 0 {
			return late
		}
		ctx := httpsource.WithStatement(ctx, s.Statement)
		logged := settings.Logging(func() {
			settings.Log.InfoContext(ctx, "statement", "statement", s.Statement, "scans", len(s.Scans), "requests", s.Requests, "retries", s.Retries,
				"rows", s.Rows, "bytes", s.Bytes, "waited", s.Waited, "duration", time.Since(start))
		})
		var told error
		if settings.observe != nil {
			told = guard.Call("the function of WithStatementObserver", func() error { settings.observe(ctx, s); return nil })
		}
		return errors.Join(late, logged, told)
	}
}
