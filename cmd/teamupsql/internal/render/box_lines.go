package render

// lines are the lines of the screen that a row takes: one, unless rows are
// expanded and a value is wider than its column.
func (x *box) lines(row []boxCell) [][]boxCell {
	if x.perRow <= 1 {
		return [][]boxCell{row}
	}
	lines := [][]boxCell{row}
	for i := range row {
		whole := row[i]
		width := x.widths[i]
		nested := whole.column >= 0 && (x.columns[whole.column].nested || x.columns[whole.column].json)
		if nested {
			whole.text = pretty(whole.text, x.perRow, width)
		} else if whole.width <= width {
			continue
		}
		lines = x.wrap(lines, i, whole, width)
	}
	return lines
}

// wrap puts a value on as many lines as it needs and may have; the last of those
// keeps the rest, which is then cut.
func (x *box) wrap(lines [][]boxCell, i int, whole boxCell, width int) [][]boxCell {
	var rest string
	lines[0][i].text, rest, lines[0][i].width = cut(whole.text, width, 0)
	for n := 1; rest != ""; n++ {
		if n >= len(lines) {
			if len(lines)-1 >= x.perRow+1 {
				break
			}
			lines = append(lines, blank(lines[0]))
		}
		c := &lines[n][i]
		if extra := len(lines) - 1; n < extra || extra < x.perRow {
			c.text, rest, c.width = cut(rest, width, 0)
		} else {
			c.text, c.width, rest = rest, stringWidth(rest), ""
		}
	}
	return lines
}

// blank is a further line of the row, empty so far.
func blank(row []boxCell) []boxCell {
	line := make([]boxCell, len(row))
	for i, c := range row {
		line[i] = boxCell{part: c.part, align: c.align, column: c.column}
	}
	return line
}
