package tablefunc

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory/mallocator"
	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/report"
)

// vectorSize is the most rows that a DuckDB chunk takes.
var vectorSize = int(mapping.VectorSize())

// scan is one execution of one binding. DuckDB calls it from one thread at a time.
type scan struct {
	ctx        context.Context
	binding    *binding
	statement  *statement // nil where nobody waits for the Go error
	projection []int
	parts      []*part // one for each business
	whole      bool    // it is known that every row will be read

	client    *httpsource.Client
	pages     *sequence // nil before the first call
	converter *converter
	rest      *arrowconv.Page // rows of a page that did not fit into the last chunk
	business  *businessColumn // nil where the scan does not show it
}

// fill puts the next rows into out; none at the end.
func (s *scan) fill(out mapping.DataChunk) error {
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
	switch {
	case len(s.projection) == 0:
		mapping.DataChunkSetSize(out, mapping.IdxT(len(page.IDs())))
		return nil
	case s.business == nil:
		return s.converter.HandOverPage(page, len(s.projection), out)
	}
	batch := s.business.put(page.Record(), s.pages.part.request.ProviderID)
	defer batch.Release()
	return s.converter.HandOver(batch, out)
}

// start prepares the hand-over. It waits for the first call, since DuckDB may
// prepare scans that it then finds no need to run.
func (s *scan) start() error {
	parts := slices.DeleteFunc(slices.Clone(s.parts), func(p *part) bool { return p.nothing })
	if len(parts) > 0 {
		all := s.binding.columns()
		columns := make([]report.Field, len(s.projection))
		for i, at := range s.projection {
			columns[i] = all[at]
		}
		var err error
		if s.converter, err = newConverter(arrowconv.Schema(columns)); err != nil {
			return err
		}
		if at := slices.Index(s.projection, s.binding.providerAt()); at >= 0 {
			s.business = &businessColumn{at: at}
		}
		if s.client, err = s.binding.session.settings.client(); err != nil {
			return err
		}
	}
	s.pages = newSequence(s.ctx, parts, s.whole, s.open)
	return nil
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

// fail keeps the error for the statement and names the function in it.
func (s *scan) fail(err error) error { return s.statement.failing(s.binding.of, err) }

// deleted ends the scan: DuckDB has what it needs, or gave up.
func (s *scan) deleted() {
	if s.rest != nil {
		s.rest.Release()
	}
	if s.pages != nil {
		s.statement.endsWith(s.pages.Close())
	}
	if s.business != nil {
		s.business.release()
	}
	if s.converter != nil {
		s.converter.Close()
	}
}

// businessColumn is the column that tells a row's business: the same value for all
// rows of a page.
type businessColumn struct {
	at       int // its place in the batch
	provider int64
	values   arrow.Array // of provider, a chunk of them; nil before the first page
}

// put is the batch with the column in its place, to be released by itself.
func (c *businessColumn) put(batch arrow.RecordBatch, provider int64) arrow.RecordBatch {
	if c.values == nil || c.provider != provider {
		c.release()
		// C memory, since DuckDB refers to it.
		b := array.NewInt64Builder(mallocator.NewMallocator())
		defer b.Release()
		b.AppendValues(slices.Repeat([]int64{provider}, vectorSize), nil)
		c.provider, c.values = provider, b.NewArray()
	}
	columns := slices.Clone(batch.Columns())
	columns[c.at] = array.NewSlice(c.values, 0, batch.NumRows())
	defer columns[c.at].Release()
	return array.NewRecordBatch(batch.Schema(), columns, batch.NumRows())
}

func (c *businessColumn) release() {
	if c.values != nil {
		c.values.Release()
	}
}
