package shell

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/teamupsql/teamupsql/internal/sqltext"
)

// Source is the origin of input. It determines whether an error ends the input.
type Source uint8

// The sources.
const (
	Standard Source = iota
	File
)

// lineReader returns the next line of input. more reports whether a statement has begun.
// io.EOF ends the input.
type lineReader interface {
	line(more bool) (string, error)
}

// ReadAll runs all input from r. It prints errors. It returns an *ExitError if the input
// ends the shell, or an error if a statement or command failed.
func (s *Shell) ReadAll(ctx context.Context, r io.Reader, from Source) error {
	return s.process(ctx, &plainLines{r: bufio.NewReaderSize(r, 1<<16)}, from)
}

// ReadFile runs a file of SQL and dot commands.
func (s *Shell) ReadFile(ctx context.Context, path string) error {
	if s.depth >= maxDepth {
		return fmt.Errorf("%s: files read each other %d deep", path, maxDepth)
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("cannot open %q: %w", path, errors.Unwrap(err))
	}
	defer f.Close()
	s.depth++
	defer func() { s.depth-- }()
	return s.ReadAll(ctx, f, File)
}

// maxDepth bounds files that read files.
const maxDepth = 32

// File is ReadFile for the command line: it prints errors.
func (s *Shell) File(ctx context.Context, path string) error { return s.report(s.ReadFile(ctx, path)) }

// Command runs a dot command or SQL. It prints errors.
func (s *Shell) Command(ctx context.Context, line string) error {
	if strings.HasPrefix(line, ".") {
		return s.report(s.dotCommand(ctx, line))
	}
	return s.report(s.RunSQL(ctx, line))
}

// process runs all lines.
func (s *Shell) process(ctx context.Context, lines lineReader, from Source) error {
	f := feed{s: s, ctx: ctx, from: from, goesOn: s.interactive(lines)}
	for {
		line, err := lines.line(f.pending.Len() > 0)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return s.report(err)
		}
		if err := f.take(line); err != nil {
			return err
		}
	}
	if err := f.flush(); err != nil {
		return err
	}
	return f.failed
}

// feed gathers lines to statements and runs them.
type feed struct {
	s       *Shell
	ctx     context.Context
	from    Source
	goesOn  bool // a user is there to see errors
	pending strings.Builder
	failed  error // returned at the end of the input
}

// take takes a line. An error is the end of the input.
func (f *feed) take(line string) error {
	if f.pending.Len() == 0 && handledAlone(line) {
		if f.s.echo {
			f.s.printf("%s\n", line)
		}
		if strings.HasPrefix(line, ".") {
			return f.done(f.s.dotCommand(f.ctx, line))
		}
		return nil
	}
	if f.pending.Len() > 0 {
		f.pending.WriteByte('\n')
	}
	f.pending.WriteString(line)
	if strings.Contains(line, ";") && sqltext.Complete(f.pending.String()) {
		return f.flush()
	}
	return nil
}

// flush runs the collected text, complete or not.
func (f *feed) flush() error {
	sql := f.pending.String()
	f.pending.Reset()
	if strings.TrimSpace(sql) == "" {
		return nil
	}
	return f.done(f.s.RunSQL(f.ctx, sql))
}

// done handles the result of a command; it returns the error if the input ends.
func (f *feed) done(err error) error {
	unsafe := errors.Is(err, errNotSafe)
	err = f.s.report(err)
	switch {
	case err == nil:
		return nil
	case Ends(err) && (!f.goesOn || !errors.Is(err, errInterrupted) || errors.Is(err, errTerminated)):
		return err
	}
	f.failed = errReported
	if (f.s.stopsAt(f.from) || unsafe) && !f.goesOn {
		return errReported
	}
	return nil
}

// handledAlone reports whether a line is not part of a statement: blank, a dot command or a
// # comment.
func handledAlone(line string) bool {
	return strings.TrimSpace(line) == "" || line[0] == '.' || line[0] == '#'
}

// interactive reports whether a user enters the lines, so that input continues after
// errors.
func (s *Shell) interactive(lines lineReader) bool {
	_, plain := lines.(*plainLines)
	return !plain
}

// stopsAt reports whether an error ends the input.
func (s *Shell) stopsAt(from Source) bool {
	if s.bail == bailAuto {
		return from == File
	}
	return s.bail == bailOn
}

// plainLines reads lines of any length from a file or a pipe.
type plainLines struct{ r *bufio.Reader }

func (p *plainLines) line(bool) (string, error) {
	line, err := p.r.ReadString('\n')
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if err != nil && line != "" {
		err = nil
	}
	return line, err
}
