package render

import (
	"maps"
	"slices"
)

const (
	leastBoxWidth = 80 // a narrower screen is not considered
	shortColumn   = 20 // columns are not shortened below this before some are left out
)

// layOut decides on the width of each column and on the columns that are shown.
func (x *box) layOut() {
	names, types := make([]boxCell, len(x.columns)), make([]boxCell, len(x.columns))
	widths := make([]int, len(x.columns))
	for i, c := range x.columns {
		name := escapeControls(c.name)
		names[i] = boxCell{text: name, part: ColumnName, align: middle, width: stringWidth(name), column: -1}
		types[i] = boxCell{text: c.box, part: ColumnType, align: middle, width: stringWidth(c.box), column: -1}
		widths[i] = max(names[i].width, types[i].width, x.widest(i))
	}
	x.total = tableWidth(widths)
	if x.foot.needed && x.total < x.foot.width {
		widths[0] += x.foot.width - x.total
		x.total = x.foot.width
	}
	shortened := false
	hidden := map[int]bool{}
	if most := max(leastBoxWidth, x.o.MaxWidth); x.o.MaxWidth > 0 && x.total > most {
		natural := slices.Clone(widths)
		shortened = shorten(widths, x.total-most)
		if x.total = tableWidth(widths); x.total > most {
			hidden = x.leaveOut(widths, natural, most)
		}
	}
	x.foot.columnsHidden(len(widths), len(hidden))
	for i := range widths {
		if !hidden[i] {
			x.shown, x.widths = append(x.shown, i), append(x.widths, widths[i])
		} else if !slices.Contains(x.shown, dots) {
			x.shown, x.widths = append(x.shown, dots), append(x.widths, 1)
		}
	}
	x.header = [][]boxCell{x.pick(names), x.pick(types)}
	if rows := x.top.rows + x.bottom.rows; shortened && len(hidden) == 0 && rows > 0 {
		x.expand(rows)
	}
}

// expand allows rows to take several lines if columns had to be shortened and there is
// room. A display without a limit counts as 40 lines.
func (x *box) expand(rows int) {
	if x.o.MaxRows == 0 {
		x.perRow = maxLines
	} else if rows+5 < x.o.MaxRows {
		x.perRow = max(1, (x.o.MaxRows-5)/rows)
	}
}

// maxLines is the most lines of one row if there is no limit on rows.
const maxLines = 1 << 20

func (x *box) widest(i int) int {
	widest := 0
	for _, b := range []*batch{x.top, x.bottom} {
		for _, c := range b.cells[i] {
			if c.null {
				c.text = x.o.Null
			}
			widest = max(widest, stringWidth(c.text))
		}
	}
	return widest
}

// pick are the cells of the columns that are shown.
func (x *box) pick(all []boxCell) []boxCell {
	var cells []boxCell
	for _, i := range x.shown {
		if i != dots {
			cells = append(cells, all[i])
		}
	}
	return cells
}

func tableWidth(widths []int) int {
	total := 1
	for _, w := range widths {
		total += w + 3
	}
	return total
}

// shorten reduces the widest columns by amount in total, evenly, but none below
// shortColumn. If that is not enough, all columns get that width. It reports whether a
// column was shortened.
func shorten(widths []int, amount int) bool {
	spare := 0
	for _, w := range widths {
		spare += max(0, w-shortColumn)
	}
	if spare == 0 {
		return false
	}
	if spare < amount {
		for i, w := range widths {
			widths[i] = min(w, shortColumn)
		}
		return true
	}
	groups := map[int][]int{} // columns by width
	for i, w := range widths {
		groups[max(w, shortColumn)] = append(groups[max(w, shortColumn)], i)
	}
	for {
		keys := slices.Sorted(maps.Keys(groups))
		widest, next := keys[len(keys)-1], shortColumn
		if len(keys) > 1 {
			next = keys[len(keys)-2]
		}
		at := groups[widest]
		if step := (widest - next) * len(at); step < amount {
			amount -= step
			groups[next] = append(groups[next], at...)
			delete(groups, widest)
			continue
		}
		each, over := amount/len(at), amount%len(at)
		for n, i := range at {
			widths[i] = widest - each
			if n >= len(at)-over {
				widths[i]--
			}
		}
		delete(groups, widest)
		for w, rest := range groups {
			for _, i := range rest {
				widths[i] = min(w, widths[i])
			}
		}
		return true
	}
}

// leaveOut omits columns, beginning in the middle, until the rest and the dots fit. Then it
// distributes the remaining width among the columns that stay.
func (x *box) leaveOut(widths, natural []int, most int) map[int]bool {
	hidden := map[int]bool{}
	x.total += 3 + 1
	for offset := 0; x.total > most; {
		i := len(widths)/2 + offset
		x.total -= widths[i] + 3
		hidden[i] = true
		if offset >= 0 {
			offset = -offset - 1
		} else {
			offset = -offset
		}
	}
	for i := range widths {
		if !hidden[i] && widths[i] < natural[i] {
			more := min(most-x.total, natural[i]-widths[i])
			widths[i] += more
			x.total += more
		}
	}
	return hidden
}
