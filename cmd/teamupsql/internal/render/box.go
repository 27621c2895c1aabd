package render

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// box is a duckbox table: the rows that are shown, and its layout.
type box struct {
	o       Options
	columns []column
	top     *batch // all rows, or those before the hidden ones
	bottom  *batch // those after the hidden ones
	count   int    // rows of the result

	header  [][]boxCell
	widths  []int // of the printed columns, including the dots for omitted ones
	shown   []int // their numbers; dots for the dots
	total   int   // width of the table
	foot    boxFooter
	centred bool // a single row of large numbers
	perRow  int  // the most lines of a row; more than 1 if rows are expanded
}

// dots in box.shown is the column for the omitted columns.
const dots = -1

// boxCell is a value, or a line of one, in its place.
type boxCell struct {
	text   string
	part   Part
	align  align
	width  int
	column int // whose value it is; -1 for none
}

type align uint8

const (
	left align = iota
	middle
	right
)

// renderBox keeps only what can be printed: the first rows as text, and the last rows as
// DuckDB chunks until the end of the result.
func renderBox(ctx context.Context, out *bufio.Writer, c *caster, result Result, columns []column, chunk mapping.DataChunk, more bool, o Options) error {
	if len(columns) == 0 {
		return nil
	}
	x := &box{o: o, columns: columns, top: newBatch(len(columns)), bottom: newBatch(len(columns)), perRow: 1}
	tail := newTail(result.Types, o.MaxRows/2)
	defer tail.close()
	for more {
		x.count += int(mapping.DataChunkGetSize(chunk))
		tail.add(chunk)
		if o.MaxRows == 0 || x.top.rows < o.MaxRows+boxSlack {
			b, err := c.text(chunk)
			if err != nil {
				return err
			}
			x.top.append(b)
		}
		var err error
		chunk, err = result.Next(ctx)
		if more = err == nil; !more && !errors.Is(err, io.EOF) {
			return err
		}
	}
	if o.MaxRows > 0 && x.count > o.MaxRows+boxSlack {
		bottom := o.MaxRows / 2
		x.top = x.top.slice(0, o.MaxRows-bottom)
		b, err := tail.text(c)
		if err != nil {
			return err
		}
		x.bottom = b.slice(b.rows-bottom, b.rows)
	}
	x.prepare()
	x.write(out)
	return nil
}

// boxSlack is how many rows over the limit are shown all the same, as the dots
// would take as many lines.
const boxSlack = 3

func (x *box) prepare() {
	x.foot = x.newFooter()
	if x.o.LargeNumbers && x.count == 1 {
		x.addReadableNumbers()
	}
	for _, b := range []*batch{x.top, x.bottom} {
		for i, cells := range b.cells {
			if !x.columns[i].numeric {
				for row := range cells {
					cells[row].text = escapeControls(cells[row].text)
				}
			}
		}
	}
	x.layOut()
}

// addReadableNumbers adds a second row with the numbers of a single row in words, if all of
// them are large.
func (x *box) addReadableNumbers() {
	words := newBatch(len(x.columns))
	for i, c := range x.columns {
		text := readableNumber(x.top.cells[i][0].text)
		if !c.numeric || text == "" {
			return
		}
		words.cells[i] = []cell{{text: "(" + text + ")"}}
	}
	words.rows = 1
	x.top.append(words)
	x.centred = true
}

// cells are the values of one row, in the columns that are shown.
func (x *box) cells(b *batch, row int) []boxCell {
	var cells []boxCell
	for _, i := range x.shown {
		if i == dots {
			continue
		}
		v := boxCell{text: b.cells[i][row].text, column: i}
		v.part, v.align = Value, left
		if b.cells[i][row].null {
			v.text, v.part = x.o.Null, NullValue
		}
		if x.columns[i].numeric {
			v.align = right
		}
		if x.centred {
			v.align = middle
			if row == 1 {
				v.part = NullValue
			}
		}
		v.width = stringWidth(v.text)
		cells = append(cells, v)
	}
	return cells
}

// escapeControls makes control characters visible, so that a value cannot break
// the table or the terminal.
func escapeControls(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' }) {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < ' ' {
			b.WriteString(controlName(c))
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// readableNumber returns a number of a million or more in words, "" for others.
func readableNumber(text string) string {
	whole, _, _ := strings.Cut(text, ".")
	digits, negative := strings.CutPrefix(whole, "-")
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || len(text) <= 5 || n >= 1e19 {
		return ""
	}
	units := []string{"million", "billion", "trillion", "quadrillion", "quintillion"}
	base, unit := uint64(0), ""
	for i, b := 0, uint64(1e6); i < len(units); i, b = i+1, b*1000 {
		if n+b/200 >= b {
			base, unit = b, units[i]
		}
	}
	if unit == "" {
		return ""
	}
	hundredths := strconv.FormatUint((n+base/200)/(base/100), 10)
	if negative {
		hundredths = "-" + hundredths
	}
	at := len(hundredths) - 2
	return hundredths[:at] + "." + hundredths[at:] + " " + unit
}
