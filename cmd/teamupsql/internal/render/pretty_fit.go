package render

// inline returns the end of the bracket and whether its content is placed on one line, or
// fills lines, as that of a list without objects does.
func (f *formatter) inline(t token) (end int, how placing) {
	size, depth := f.line, 0
	for end = f.at + 1; end < len(f.all) && size <= f.width; end++ {
		next := f.all[end]
		if next.kind == opening {
			depth++
		} else if next.kind == closing {
			if depth == 0 {
				if size+1 < f.width {
					how = oneLine
				}
				break
			}
			depth--
		}
		size += next.width()
	}
	if t.text != "[" {
		return end, how
	}
	for end = f.at + 1; end < len(f.all); end++ {
		next := f.all[end]
		if next.kind == opening && next.text == "{" {
			return end, how
		}
		if next.kind == closing {
			return end, filled
		}
	}
	return end, how
}

// untilComma returns the position of the next comma or of the bracket's end, and whether
// the text up to it fits the line.
func (f *formatter) untilComma() (end int, ok bool) {
	size, depth := f.line+1, 0
	for end = f.at + 1; end < len(f.all) && size <= f.width; end++ {
		next := f.all[end]
		if next.kind == opening {
			depth++
		} else if next.kind == closing {
			if depth == 0 {
				return end, size+1 < f.width
			}
			depth--
		}
		if depth == 0 && next.kind == comma {
			return end, size+2 <= f.width
		}
		size += next.width()
	}
	return end, false
}
