package render

import (
	"bufio"
	"strings"
)

// write draws the table.
func (x *box) write(out *bufio.Writer) {
	x.rule(out, "┌", "┬", "┐")
	for _, names := range x.header {
		for _, line := range x.lines(names) {
			x.row(out, line)
		}
	}
	if x.count > 0 {
		x.rule(out, "├", "┼", "┤")
	}
	x.batch(out, x.top, true)
	if x.bottom.rows > 0 {
		x.divider(out)
		x.batch(out, x.bottom, false)
	}
	x.rule(out, "└", "┴", "┘")
	x.foot.write(x, out)
}

func (x *box) batch(out *bufio.Writer, b *batch, first bool) {
	for row := range b.rows {
		if x.perRow > 1 && !(first && row == 0) {
			x.rule(out, "├", "┼", "┤")
		}
		for _, line := range x.lines(x.cells(b, row)) {
			x.row(out, line)
		}
	}
}

func (x *box) paint(out *bufio.Writer, part Part, text string) {
	if x.o.Paint != nil && text != "" {
		text = x.o.Paint(part, text)
	}
	out.WriteString(text)
}

func (x *box) rule(out *bufio.Writer, left, cross, right string) {
	var b strings.Builder
	for i, w := range x.widths {
		if i == 0 {
			b.WriteString(left)
		} else {
			b.WriteString(cross)
		}
		b.WriteString(strings.Repeat("─", w+2))
	}
	b.WriteString(right)
	x.paint(out, Layout, b.String())
	out.WriteByte('\n')
}

func (x *box) row(out *bufio.Writer, cells []boxCell) {
	next := 0
	for i, column := range x.shown {
		if column == dots {
			x.cell(out, boxCell{text: "…", part: Layout, align: middle, width: 1}, 1)
			continue
		}
		x.cell(out, cells[next], x.widths[i])
		next++
	}
	x.paint(out, Layout, "│")
	out.WriteByte('\n')
}

func (x *box) cell(out *bufio.Writer, c boxCell, width int) {
	x.paint(out, Layout, "│")
	x.padded(out, c, width)
}

// padded writes a value between its spaces, cut to the width if need be.
func (x *box) padded(out *bufio.Writer, c boxCell, width int) {
	if c.width > width {
		c.text, _, c.width = cut(c.text, width, 1)
		c.text += "…"
	}
	space := width - c.width + 2
	before := 1
	switch c.align {
	case middle:
		before = space / 2
	case right:
		before = space - 1
	}
	out.WriteString(strings.Repeat(" ", before))
	x.paint(out, c.part, c.text)
	out.WriteString(strings.Repeat(" ", space-before))
}

// divider draws three rows of dots for the rows that are left out, each dot in the
// middle of the shorter of the values above and below it.
func (x *box) divider(out *bufio.Writer) {
	above, below := x.cells(x.top, x.top.rows-1), x.cells(x.bottom, 0)
	cells := make([]boxCell, len(above))
	next := 0
	for i, column := range x.shown {
		if column == dots {
			continue
		}
		a, b := min(x.widths[i], above[next].width), min(x.widths[i], below[next].width)
		cells[next] = divide(above[next].align, a, b)
		next++
	}
	for range 3 {
		x.row(out, cells)
	}
}

func divide(align align, above, below int) boxCell {
	length := min(above, below)
	if above == 0 || below == 0 {
		length = max(above, below)
	}
	c := boxCell{text: "·", part: Layout, align: align, width: 1, column: -1}
	switch {
	case align == middle || length == 1:
		return c
	case length == 0:
		c.align = middle
		return c
	}
	padding := length - 1
	short, long := strings.Repeat(" ", padding/2), strings.Repeat(" ", padding-padding/2)
	if align == left {
		c.text = short + c.text + long
	} else {
		c.text = long + c.text + short
	}
	c.width = length
	return c
}
