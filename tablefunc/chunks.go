package tablefunc

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"time"

	bindings "github.com/duckdb/duckdb-go-bindings"
	"github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/internal/duckc"
)

// Chunks is a result as DuckDB computes it, chunk by chunk: nothing is held back
// but what the reader has not asked for yet. The connection can't run anything
// else before Close. For one goroutine at a time.
type Chunks struct {
	run     *run
	result  mapping.Result
	columns []duckc.Column
	current mapping.DataChunk
	ctx     context.Context
	ends    []func(failed bool) error // what Close does, last first
	failed  bool
}

// QueryChunks runs the statements of the text and streams the result of the last
// one; the arguments are the last one's. Get at it through [sql.Conn.Raw].
func (c *Conn) QueryChunks(ctx context.Context, query string, args []driver.NamedValue) (*Chunks, error) {
	last, err := c.runAllButLast(ctx, query)
	if err != nil {
		return nil, err
	}
	run, err := c.newRun(ctx, last, args)
	if err != nil {
		return nil, err
	}
	r := &Chunks{run: run, ctx: ctx}
	end := run.statement.account(ctx, c.session.settings)
	r.ends = append(r.ends, func(failed bool) error { return errors.Join(run.end(failed), end()) })
	if err := r.start(args); err != nil {
		r.failed = true
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func (r *Chunks) start(args []driver.NamedValue) error {
	if err := r.run.bind(r.ctx, args); err != nil {
		return err
	}
	var leave func()
	r.ctx, leave = r.run.enter(r.ctx)
	r.ends = append(r.ends, func(bool) error { leave(); return nil })
	return interruptible(r.ctx, r.run.conn.raw, r.execute)
}

func (r *Chunks) execute() error {
	raw, err := duckc.Prepared(r.run.inner)
	if err != nil {
		return err
	}
	var pending mapping.PendingResult
	// Deprecated by DuckDB, which offers no other way to stream yet.
	state := bindings.PendingPreparedStreaming(raw, &pending)
	defer mapping.DestroyPending(&pending)
	if state == mapping.StateError {
		return r.failure(mapping.PendingError(pending))
	}
	if r.run.scans && !duckc.RunTasks(pending) {
		return r.failure(mapping.PendingError(pending))
	}
	state = mapping.ExecutePending(pending, &r.result)
	r.ends = append(r.ends, func(bool) error { mapping.DestroyResult(&r.result); return nil })
	if state == mapping.StateError {
		return r.failure(mapping.ResultError(&r.result))
	}
	for i := range mapping.ColumnCount(&r.result) {
		r.columns = append(r.columns, duckc.Column{Name: mapping.ColumnName(&r.result, i), Type: mapping.ColumnLogicalType(&r.result, i)})
	}
	r.ends = append(r.ends, func(bool) error { r.free(); return nil })
	return nil
}

func (r *Chunks) free() {
	mapping.DestroyDataChunk(&r.current)
	for i := range r.columns {
		mapping.DestroyLogicalType(&r.columns[i].Type)
	}
}

// failure is the error of the statement, from what DuckDB and the scans say.
func (r *Chunks) failure(message string) error {
	err := wrapError(&duckdb.Error{Msg: message}, r.run.statement.TakeError())
	if cause := r.ctx.Err(); cause != nil {
		err = errors.Join(cause, err)
	}
	return err
}

// Columns are the columns of the result. Close destroys their types.
func (r *Chunks) Columns() []duckc.Column { return r.columns }

// Kind says what the statement was: a query's result has rows, another's may have
// none or one with a count.
func (r *Chunks) Kind() mapping.StatementType { return mapping.ResultStatementType(r.result) }

// ResultType says whether the result is rows, a number of changed rows or nothing.
func (r *Chunks) ResultType() mapping.ResultType { return mapping.ResultReturnType(r.result) }

// RowsChanged is the number of rows that an INSERT, UPDATE or DELETE changed.
func (r *Chunks) RowsChanged() int64 { return int64(mapping.RowsChanged(&r.result)) }

// Next returns the next chunk, which is valid until the next call; io.EOF after
// the last. It ends when ctx ends.
func (r *Chunks) Next(ctx context.Context) (mapping.DataChunk, error) {
	for {
		err := r.fetch(ctx)
		r.failed = r.failed || err != nil && err != io.EOF
		if err != nil || mapping.DataChunkGetSize(r.current) > 0 {
			return r.current, err
		}
	}
}

func (r *Chunks) fetch(ctx context.Context) error {
	mapping.DestroyDataChunk(&r.current)
	return interruptible(ctx, r.run.conn.raw, func() error {
		r.current = mapping.FetchChunk(r.result)
		if r.current.Ptr != nil {
			return nil
		}
		if message := mapping.ResultError(&r.result); message != "" {
			return r.failure(message)
		}
		return io.EOF
	})
}

// Close ends the statement. It may be called again.
func (r *Chunks) Close() error {
	var errs []error
	for i := len(r.ends) - 1; i >= 0; i-- {
		errs = append(errs, r.ends[i](r.failed))
	}
	r.ends = nil
	return errors.Join(errs...)
}

// interruptAgain is how long after an interrupt, which DuckDB may clear when it
// turns to the next step, the next one is sent.
const interruptAgain = 50 * time.Millisecond

// interruptible runs f, which runs DuckDB, and interrupts it when ctx ends.
func interruptible(ctx context.Context, conn mapping.Connection, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	done, stopped := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		ticker := time.NewTicker(interruptAgain)
		defer ticker.Stop()
		for {
			mapping.Interrupt(conn)
			select {
			case <-done:
				return
			case <-ticker.C:
			}
		}
	})
	err := f()
	close(done)
	if !stop() {
		<-stopped // an interrupt must not reach the next statement
	}
	return ended(ctx, err)
}
