package shell

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/render"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/internal/sqltext"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// RunSQL runs the statements of a text, until one fails.
func (s *Shell) RunSQL(ctx context.Context, sql string) error {
	clock := startClock()
	var asked cost
	err := s.runAll(context.WithValue(ctx, costKey{}, &asked), sql)
	if s.timer {
		s.printf("%s\n%s", clock.String(), asked.String())
	}
	if err == nil && s.changes {
		s.printf("changes: %3d   total_changes: %d\n", s.changed, s.total)
	}
	return errors.Join(err, s.out.used())
}

func (s *Shell) runAll(ctx context.Context, sql string) error {
	for _, statement := range sqltext.Statements(sql) {
		if s.echo {
			s.printf("%s\n", statement)
		}
		if err := s.runOne(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// runOne runs one statement and prints its result.
func (s *Shell) runOne(ctx context.Context, statement string) error {
	fmt.Fprintf(s.log, "statement: %s\n", logged(s.teamup.conceal(statement)))
	return s.ask(ctx, func(ctx context.Context, bar *progress) error {
		s.shown = false
		first := s.execute(ctx, statement, bar)
		err := s.again(first, func() error { return s.execute(ctx, statement, bar) })
		var typed *requests.FieldTypeError
		if err != nil && errors.As(first, &typed) {
			return first // such as in a transaction, which takes nothing more after a failure
		}
		return err
	})
}

// mostRuns is how often a statement is run by itself for the types of custom fields.
const mostRuns = 10

// again retries f after a FieldTypeError, up to mostRuns runs in total. Each failed run
// teaches this process a wider column type. The retry must happen here because a new process
// would start with the narrow type again. again does not retry after output has been printed.
func (s *Shell) again(err error, f func() error) error {
	var typed *requests.FieldTypeError
	for run := 1; run < mostRuns && !s.shown && errors.As(err, &typed); run++ {
		err = f()
	}
	return err
}

// showing notes that there is output.
type showing struct {
	io.Writer
	s *Shell
}

func (w showing) Write(b []byte) (int, error) {
	w.s.shown = w.s.shown || len(b) > 0
	return w.Writer.Write(b)
}

// Do runs f over the shell's database like a statement: an interrupt ends it, a terminal
// shows its progress, and f is called again if a saved token is found or a custom field has
// a wider type. Errors are reported.
func (s *Shell) Do(ctx context.Context, f func(context.Context, *sql.DB) error) error {
	return s.report(s.ask(ctx, func(ctx context.Context, _ *progress) error {
		s.shown = false
		run := func() error { return f(ctx, s.db.db) }
		return s.again(run(), run)
	}))
}

// ask runs a function that may send requests to TeamUp.
func (s *Shell) ask(ctx context.Context, f func(context.Context, *progress) error) error {
	s.teamup.begin()
	bar := s.startProgress()
	defer bar.stop()
	return interruptible(ctx, func(ctx context.Context) error {
		err := f(ctx, bar)
		if errors.Is(err, httpsource.ErrNoToken) && s.teamup.findSaved() {
			err = f(ctx, bar)
		}
		return err
	})
}

func (s *Shell) execute(ctx context.Context, statement string, bar *progress) error {
	if err := s.refuse(statement); err != nil {
		return err
	}
	s.db.follow(ctx)
	chunks, err := s.db.query(ctx, statement)
	switch {
	case err != nil && strings.HasPrefix(err.Error(), "incorrect argument count"):
		// The driver's words for a statement with parameters, of which there are none.
		return Message("Prepared statement parameters cannot be used directly\n" +
			"To use prepared statement parameters, use PREPARE to prepare a statement, followed by EXECUTE")
	case err != nil:
		return err
	}
	return errors.Join(s.show(ctx, chunks, slices.Equal(sqltext.FirstWords(statement, 1), []string{"EXPLAIN"}), bar), chunks.Close())
}

// show prints a result; for a statement that changes rows it reads only their number.
func (s *Shell) show(ctx context.Context, chunks *tablefunc.Chunks, explain bool, bar *progress) error {
	if chunks.ResultType() != mapping.ResultTypeQueryResult {
		return s.count(ctx, chunks)
	}
	result := render.Result{Next: chunks.Next}
	for _, c := range chunks.Columns() {
		result.Names = append(result.Names, c.Name)
		result.Types = append(result.Types, c.Type)
	}
	o := s.renderOptions()
	if explain {
		o.Mode = render.Explain
	}
	out, end := s.paged(bar.clearFor(s.out))
	return errors.Join(render.Render(ctx, showing{out, s}, s.db.texts, result, o), end())
}

// count reads the number of changed rows, which is the result of INSERT, UPDATE and DELETE.
func (s *Shell) count(ctx context.Context, chunks *tablefunc.Chunks) error {
	for {
		chunk, err := chunks.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if chunks.ResultType() == mapping.ResultTypeChangedRows && mapping.DataChunkGetSize(chunk) == 1 {
			s.changed = *(*int64)(unsafe.Pointer(mapping.VectorGetData(mapping.DataChunkGetVector(chunk, 0))))
			s.total += s.changed
		}
	}
}

// console reports whether results are printed on a terminal.
func (s *Shell) console() bool { return s.cfg.Terminal.Out && !s.out.redirected() }

func (s *Shell) renderOptions() render.Options {
	o := render.Options{
		Mode: s.mode, Headers: s.headers, Null: s.null, Column: s.column, Row: s.row, Table: s.table,
		MaxRows: s.maxRows, MaxWidth: s.maxWidth, Terminal: s.console(),
	}
	if s.console() {
		o.LargeNumbers = true
		if o.MaxWidth == 0 {
			o.MaxWidth, _ = s.size()
		}
		if s.colours(true) {
			o.Paint = paintPart
		}
	} else if s.maxWidth == 0 && s.out.redirected() {
		o.MaxRows = 0 // a file takes everything
	}
	return o
}

// size is the terminal's width and height, 0 for unknown.
func (s *Shell) size() (width, height int) {
	if s.cfg.Terminal.Size == nil {
		return 0, 0
	}
	return s.cfg.Terminal.Size()
}
