package tablefunc

import (
	"context"
	"errors"
	"io"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/internal/duckc"
	"github.com/teamupsql/teamupsql/internal/guard"
	"github.com/teamupsql/teamupsql/internal/scan"
	"github.com/teamupsql/teamupsql/report"
)

// vectorSize is the most rows that a DuckDB chunk takes. It is no variable, because a program
// that loads the extension gives it DuckDB's functions while Go initializes variables.
func vectorSize() int { return int(mapping.VectorSize()) }

// rows is one execution of one binding. DuckDB calls it from one thread at a time.
type rows struct {
	*scan.Rows
	of        *report.Report
	binding   *binding
	statement *statement // nil if nothing is known about it
	observed  *observed  // the same, nil for one that this package runs
	columns   int        // of the projection
	started   bool
	importer  *duckc.Importer // nil if no row can come
}

// Fill puts the next rows into out; none at the end. It names the function in an error
// and keeps it for the statement.
func (s *rows) Fill(out mapping.DataChunk) error {
	if err := guard.Run("", func() error { return s.fill(out) }); err != nil {
		return s.statement.failing(s.of, err)
	}
	return nil
}

func (s *rows) fill(out mapping.DataChunk) error {
	if !s.started {
		if err := s.start(); err != nil {
			return err
		}
	}
	var page *arrowconv.Page
	var cancel context.CancelCauseFunc
	if s.observed != nil {
		cancel = s.observed.cancel
	}
	err := s.binding.interruptible(cancel, func() (err error) {
		page, err = s.Next()
		return err
	})
	if errors.Is(err, io.EOF) {
		mapping.DataChunkSetSize(out, 0)
		return nil
	}
	if err != nil {
		return err
	}
	defer page.Release()
	if s.columns == 0 {
		mapping.DataChunkSetSize(out, mapping.IdxT(len(page.IDs())))
		return nil
	}
	batch := s.WithBusiness(page)
	if batch == nil {
		return s.importer.HandOverExport(page, s.columns, len(page.IDs()), out)
	}
	defer batch.Release()
	return s.importer.HandOver(batch, out)
}

// start prepares the hand-over. It waits for the first call, since DuckDB may
// prepare scans that it then finds no need to run.
func (s *rows) start() (err error) {
	columns := s.Start()
	s.started = true
	if columns != nil {
		s.importer, err = duckc.NewImporter(arrowconv.Schema(columns))
	}
	return err
}

// Destroy ends the scan. DuckDB calls it after the last row, or when it needs no more.
func (s *rows) Destroy() {
	if s.Rows != nil {
		s.Close()
	}
	if s.importer != nil {
		s.importer.Close()
	}
	if s.observed != nil {
		s.binding.in.ended(s.binding.connID, s.observed)
	}
}
