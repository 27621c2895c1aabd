package tablefunc

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/pushdown"
	"github.com/teamupsql/teamupsql/report"
)

// vectorSize is the most rows that a DuckDB chunk takes.
var vectorSize = int(mapping.VectorSize())

// scan is one execution of one binding. DuckDB calls it from one thread at a time.
type scan struct {
	ctx        context.Context
	binding    *binding
	statement  *statement // nil where nobody waits for the Go error
	projection []report.Field
	request    httpsource.Request
	nothing    bool // no customer can match
	method     method
	rule       Rule            // that narrows it, see Explanation
	fates      []pushdown.Fate // of the predicates
	share      *share          // with other scans, nil for none

	client    *httpsource.Client
	pages     source // nil before the first call
	converter *converter
	rest      *arrowconv.Page // rows of a page that did not fit into the last chunk
}

// fill puts the next rows into out; none at the end.
func (s *scan) fill(out mapping.DataChunk) error {
	if s.nothing {
		mapping.DataChunkSetSize(out, 0)
		return nil
	}
	if s.pages == nil {
		if err := s.start(); err != nil {
			return err
		}
	}
	page, err := s.next()
	if errors.Is(err, io.EOF) {
		mapping.DataChunkSetSize(out, 0)
		return nil
	}
	if err != nil {
		return err
	}
	defer page.Release()
	batch := page.Record()
	if batch.NumCols() == 0 {
		mapping.DataChunkSetSize(out, mapping.IdxT(batch.NumRows()))
		return nil
	}
	return s.converter.HandOver(batch, out)
}

// start sends the first request. It waits for the first call, since DuckDB may
// prepare scans that it then finds no need to run.
func (s *scan) start() error {
	decoder, err := arrowconv.NewDecoder(s.projection, arrowconv.Options{})
	if err != nil {
		return err
	}
	if s.converter, err = newConverter(decoder.Schema()); err != nil {
		return err
	}
	s.pages, err = s.open(decoder)
	return err
}

// source gives a scan its pages, and io.EOF after the last.
type source interface {
	Next(ctx context.Context) (*arrowconv.Page, error)
	Close() error
}

// open chooses where the pages come from: an answer that decides it all, or else
// the whole report as far as the request narrows it.
func (s *scan) open(decoder *arrowconv.Decoder) (source, error) {
	client := s.binding.session.settings.client()
	s.client = client
	switch {
	case s.share != nil:
		if pages := s.share.reader(decoder, s.request.Query.Columns, s.openShared); pages != nil {
			return pages, nil
		}
	case s.method.count:
		if counted, err := s.count(client, decoder); counted != nil || err != nil {
			return counted, err
		}
	case s.method.top != nil:
		if top, err := s.top(client, decoder); top != nil || err != nil {
			return top, err
		}
	}
	return httpsource.Scan(s.ctx, client, s.request, decoder.Decode), nil
}

// next is the next page that is not empty, at most a chunk long.
func (s *scan) next() (*arrowconv.Page, error) {
	page := s.rest
	s.rest = nil
	for page == nil {
		p, err := s.pages.Next(s.ctx)
		if err != nil {
			return nil, err
		}
		if len(p.IDs()) == 0 {
			p.Release()
			continue
		}
		page = p
	}
	if rows := len(page.IDs()); rows > vectorSize {
		defer page.Release()
		s.rest = page.Slice(vectorSize, rows)
		return page.Slice(0, vectorSize), nil
	}
	return page, nil
}

// fail notes the error for the statement, which gives it to its caller as a Go
// error, and names the function in it.
func (s *scan) fail(err error) error {
	err = fmt.Errorf("%s: %w", FunctionName, err)
	if s.statement != nil {
		s.statement.failed(err)
	}
	return err
}

// deleted ends the scan: DuckDB has what it needs, or gave up.
func (s *scan) deleted() {
	if s.rest != nil {
		s.rest.Release()
	}
	if scanner, ok := s.pages.(*httpsource.Scanner[*arrowconv.Page]); ok {
		s.binding.session.settings.learn(s.client, s.request, scanner.Stats().RowsTotal)
	}
	if s.pages != nil {
		_ = s.pages.Close()
	}
	if s.converter != nil {
		s.converter.Close()
	}
}
