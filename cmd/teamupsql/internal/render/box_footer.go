package render

import (
	"bufio"
	"strconv"
	"strings"
)

// boxFooter is the text below a duckbox table.
type boxFooter struct {
	rows, total, shown, columns string
	width                       int
	needed                      bool // the table is made wide enough for it
	hiddenRows, hiddenColumns   bool
}

func (x *box) newFooter() boxFooter {
	f := boxFooter{rows: strconv.Itoa(x.count) + " rows", columns: strconv.Itoa(len(x.columns)) + " column"}
	if len(x.columns) > 1 {
		f.columns += "s"
	}
	if x.o.LargeNumbers {
		if words := readableNumber(strconv.Itoa(x.count)); words != "" {
			f.total, f.rows = strconv.Itoa(x.count)+" total", words+" rows"
		}
	}
	if visible := x.top.rows + x.bottom.rows; visible < x.count {
		f.hiddenRows = true
		f.shown = strconv.Itoa(visible) + " shown"
	}
	f.needed = f.hiddenRows || x.count == 0
	f.width = max(len(f.rows), len(f.shown)+2, len(f.total)+2) + 4
	return f
}

func (f *boxFooter) columnsHidden(all, hidden int) {
	if hidden > 0 {
		f.hiddenColumns = true
		f.columns += " (" + strconv.Itoa(all-hidden) + " shown)"
	}
}

func (f boxFooter) write(x *box, out *bufio.Writer) {
	both := x.total >= len(f.rows)+len(f.columns)+6 &&
		(f.hiddenColumns && x.count > 0 || x.count >= 10 && len(x.columns) > 1)
	rows := x.total >= f.width && (x.count == 0 || x.count >= 10)
	if !both && !rows {
		return
	}
	padding := x.total - len(f.rows) - 4
	if both {
		padding -= len(f.columns)
	}
	line := f.rows
	if extra := f.extra(); f.hiddenRows && padding >= len(extra) {
		line += extra
		padding -= len(extra)
		f.total, f.shown = "", ""
	}
	out.WriteString("  ")
	if both {
		x.paint(out, Footer, line)
		f.gap(x, out, padding)
		x.paint(out, Footer, f.columns)
	} else {
		out.WriteString(strings.Repeat(" ", padding/2))
		x.paint(out, Footer, line)
		out.WriteString(strings.Repeat(" ", padding-padding/2))
	}
	out.WriteByte('\n')
	f.rest(x, out, both)
}

// extra returns the text after the number of rows, if rows are hidden and it fits.
func (f boxFooter) extra() string {
	if f.total == "" {
		return " (" + f.shown + ")"
	}
	return " (" + f.shown + ", " + f.total + ")"
}

// gap fills the line between rows and columns, with the hint if that fits.
func (f boxFooter) gap(x *box, out *bufio.Writer, padding int) {
	if hint := x.o.Hint; hint != "" && (f.hiddenRows || f.hiddenColumns) && padding >= len(hint)+10 {
		padding -= len(hint)
		out.WriteString(strings.Repeat(" ", padding/2))
		x.paint(out, Footer, hint)
		padding -= padding / 2
	}
	out.WriteString(strings.Repeat(" ", padding))
}

// rest writes the text that did not fit on the first line.
func (f boxFooter) rest(x *box, out *bufio.Writer, both bool) {
	if width := len(f.total) + len(f.shown) + 4; f.total != "" && f.shown != "" && width <= x.total {
		out.WriteString("  ")
		x.paint(out, Footer, f.shown)
		out.WriteString(strings.Repeat(" ", x.total-width))
		x.paint(out, Footer, f.total)
		out.WriteByte('\n')
		return
	}
	align := middle
	if both {
		align = left
	}
	for _, s := range []string{f.shown, f.total} {
		if s != "" {
			out.WriteByte(' ')
			x.padded(out, boxCell{text: "(" + s + ")", part: Footer, align: align, width: len(s) + 2}, x.total-4)
			out.WriteByte('\n')
		}
	}
}
