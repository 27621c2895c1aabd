package tablefunc

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/teamupsql/teamupsql/internal/duckc"
)

// QueryArrow runs the statements of query and streams the result of the last one as
// Arrow record batches; the arguments are the last one's. The database must be one
// of [Open] or [NewConnector]. It needs no build tag.
//
// Rows arrive while DuckDB computes them, so that memory contains only the current batch
// and what the query itself needs. A batch has at most 2048 rows. Call Retain to keep a
// batch beyond the next call to Next. A retained batch stays valid until its Release, even
// after the reader is released and the database is closed. The schema is DuckDB's own
// mapping of its types to Arrow's; times with a zone have the session's TimeZone.
// HUGEINT and UHUGEINT become DECIMAL(38,0), where values of more digits are wrong, and
// TIMETZ loses its zone; SET arrow_lossless_conversion = true gives such types as
// DuckDB's own bytes, marked as an extension type.
//
// The reader uses one connection of the pool until it is released or read to the end. Only
// Retain and Release may be called by several goroutines; the last Release waits for a
// running Next. If the query fails or ctx is cancelled, Next returns false and Err returns
// the error. Use errors.As on it as on any query error. The result is complete only if Next
// has returned false and Err returns nil.
func QueryArrow(ctx context.Context, db *sql.DB, query string, args ...any) (array.RecordReader, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	var reader *recordReader
	err = conn.Raw(func(driverConn any) error {
		c, ok := driverConn.(*Conn)
		if !ok {
			return errors.New("tablefunc: QueryArrow needs a database that Open or a Connector of this package opened")
		}
		reader, err = c.queryArrow(ctx, query, args)
		return err
	})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	reader.giveBack = conn.Close
	return reader, nil
}

// QueryArrow is the function [QueryArrow] on one connection, inside its transaction
// and with its temporary tables. Get at the connection through [sql.Conn.Raw], keep
// the sql.Conn until the reader is released, and run nothing else on it before.
func (c *Conn) QueryArrow(ctx context.Context, query string, args ...any) (array.RecordReader, error) {
	r, err := c.queryArrow(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (c *Conn) queryArrow(ctx context.Context, query string, args []any) (*recordReader, error) {
	named, err := c.namedValues(args)
	if err != nil {
		return nil, err
	}
	chunks, err := c.QueryChunks(ctx, query, named)
	if err != nil {
		return nil, err
	}
	exporter, err := duckc.NewBatchMaker(c.raw, chunks.Columns())
	if err != nil {
		return nil, errors.Join(err, chunks.Close())
	}
	r := &recordReader{ctx: ctx, chunks: chunks, exporter: exporter, giveBack: func() error { return nil }}
	r.references.Store(1)
	return r, nil
}

// recordReader is an array.RecordReader over a result.
type recordReader struct {
	references atomic.Int64
	mu         sync.Mutex // guards what follows: the last Release may come while Next runs
	ctx        context.Context
	chunks     *Chunks // nil after the end
	exporter   *duckc.BatchMaker
	giveBack   func() error // the connection
	current    arrow.RecordBatch
	err        error
}

func (r *recordReader) Retain() { r.references.Add(1) }

func (r *recordReader) Release() {
	if r.references.Add(-1) == 0 {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.drop()
		r.end(nil)
	}
}

func (r *recordReader) Schema() *arrow.Schema { return r.exporter.Schema() }

func (r *recordReader) Next() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop()
	if r.chunks == nil {
		return false
	}
	chunk, err := r.chunks.Next(r.ctx)
	if err == nil {
		r.current, err = r.exporter.Batch(chunk)
	}
	if err == io.EOF {
		r.end(nil)
	} else if err != nil {
		r.end(err)
	}
	return r.current != nil
}

func (r *recordReader) RecordBatch() arrow.RecordBatch {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.current
}

// Record is RecordBatch under its old name, as array.RecordReader demands.
func (r *recordReader) Record() arrow.RecordBatch { return r.RecordBatch() }

func (r *recordReader) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func (r *recordReader) drop() {
	if r.current != nil {
		r.current.Release()
		r.current = nil
	}
}

// end gives everything back but the batch at hand. The statement's transaction is
// committed here, which may fail too.
func (r *recordReader) end(err error) {
	if r.chunks == nil {
		return
	}
	r.exporter.Close()
	r.err = errors.Join(err, r.chunks.Close(), r.giveBack())
	r.chunks = nil
}
