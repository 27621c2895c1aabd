package render

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Result is a result on its way: its columns, and its data chunks in order. Next
// ends with io.EOF; a chunk is used only until the following call.
type Result struct {
	Names []string
	Types []mapping.LogicalType
	Next  func(context.Context) (mapping.DataChunk, error)
}

// Options configure how a result is printed. The zero value is duckbox without a limit on
// rows or width, and without column names in modes in which they are optional.
type Options struct {
	Mode    Mode
	Headers bool   // print the column names, in modes in which they are optional
	Null    string // the text for NULL, except in modes with their own
	Column  string // separates the columns in the modes that have a separator
	Row     string // ends the rows in the modes that have a separator
	Table   string // the table of insert mode, quoted as need be

	// Terminal reports whether the output is a terminal. Values, column names and types
	// must not contain control sequences there. For other outputs, they are written
	// unchanged.
	Terminal bool

	// Duckbox only.
	MaxRows      int  // rows shown, the middle ones are left out; 0 for all
	MaxWidth     int  // columns of the screen, 80 at least; 0 for no limit
	LargeNumbers bool // print "1.23 million" below a single row of large numbers
	Hint         string
	Paint        func(Part, string) string // colours; nil for none
}

// Part is a part of the duckbox display, for colouring.
type Part uint8

// The parts, as DuckDB's own shell distinguishes them.
const (
	Layout Part = iota
	ColumnName
	ColumnType
	Value
	NullValue
	Literal
	Footer
)

// mode writes the rows of one mode, in any number of batches.
type mode interface {
	begin(columns []column)
	rows(b *batch)
	end()
}

// Render writes the result to w. Text written before an error is not taken back.
func Render(ctx context.Context, w io.Writer, texts *Texts, result Result, o Options) error {
	if o.Mode == Trash {
		return drain(ctx, result)
	}
	c, err := texts.cast(result.Types, o.Mode == JSON || o.Mode == JSONLines)
	if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	defer c.close()
	if o.Terminal && !o.Mode.escapes() {
		c.show = Visible
	}
	// Read the first chunk first, so that a statement that fails prints no header.
	first, err := result.Next(ctx)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	columns, nameErr := columnsOf(result, c)
	if nameErr != nil {
		return nameErr
	}
	out := bufio.NewWriterSize(w, 1<<16)
	if o.Mode == DuckBox {
		err = renderBox(ctx, out, c, result, columns, first, err == nil, o)
	} else {
		err = renderRows(ctx, out, c, result, columns, first, err == nil, o)
	}
	if flush := out.Flush(); err == nil {
		err = flush
	}
	return err
}

func renderRows(ctx context.Context, out *bufio.Writer, c *caster, result Result, columns []column, chunk mapping.DataChunk, more bool, o Options) error {
	m, err := newMode(out, o, c.texts)
	if err != nil {
		return err
	}
	m.begin(columns)
	for more {
		b, err := c.text(chunk)
		if err != nil {
			return err
		}
		m.rows(b)
		if err := out.Flush(); err != nil {
			return err
		}
		chunk, err = result.Next(ctx)
		if more = err == nil; !more && !errors.Is(err, io.EOF) {
			return err
		}
	}
	m.end()
	return nil
}

func columnsOf(result Result, c *caster) ([]column, error) {
	if len(result.Names) == 0 {
		return nil, nil
	}
	typeNames, err := c.typeNames()
	if err != nil {
		return nil, err
	}
	columns := make([]column, len(result.Names))
	for i := range columns {
		columns[i] = newColumn(result.Names[i], typeNames[i], result.Types[i])
		if c.show != nil {
			columns[i].name, columns[i].box = c.show(columns[i].name), c.show(columns[i].box)
		}
	}
	return columns, nil
}

// drain reads the result to its end, so that the statement runs completely.
func drain(ctx context.Context, result Result) error {
	for {
		if _, err := result.Next(ctx); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
