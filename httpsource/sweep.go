package httpsource

// A sweep reads a report that ignores sort. Its rows come in an order that is not
// known, and perhaps in none.
//
// If the order is at least the same for every request, the argument of [course]
// still holds with one change: whether two answers touch cannot be told by
// comparing ids, only by finding the very same row at the seam, the last of one
// page and the first of the next. So pages are read one after the other, and a
// pass in which each seam fits, no row stands twice, and the end agrees with the
// total has seen every steady customer. Else the pass is worthless and another is
// begun. Rows are delivered when first seen, and never again: seen knows them.
// They are not in the order of ids.
type sweep struct {
	seen   idSet // delivered, in any pass
	pass   idSet // of this pass
	passes int
	offset int64
	last   int64 // the last row of the page before
	most   int64 // rows that a pass may read
}

// maxPasses is how often the whole is read in the hope of a pass without a change.
const maxPasses = 5

func (s *sweep) nextPage(c *course) ask {
	return ask{after: c.floor, offset: s.offset, reason: ReasonReread}
}

func (s *sweep) judge(c *course, p *page) (verdict, error) {
	c.begun, c.doubtful = true, true
	if s.pass == nil {
		s.pass = idSet{}
		s.passes++
	}
	k := len(p.ids)
	c.largest = max(c.largest, k)
	switch {
	case p.offset == 0 && p.total < 0:
		s.most = endless
	case p.offset == 0:
		s.most = min(p.total, 16*endless) + int64(patience*c.limit)
	case p.offset > s.most:
		return verdict{}, inconsistent("it does not sort by id as asked, and grows as fast as it is read: after %d rows there is no end", p.offset)
	}
	fits := p.offset == 0 || k > 0 && p.ids[0] == s.last
	v := verdict{rows: spans(0, k, func(i int) bool {
		if s.pass.add(p.ids[i]) == (i == 0 && p.offset > 0) {
			fits = false // a row for the second time, or at the seam a new one
		}
		return p.ids[i] > c.floor && c.wanted(p.ids[i]) && s.seen.add(p.ids[i])
	})}
	end := p.offset + int64(k)
	alone := k == 0 || k == 1 && p.offset > 0 // nothing after the seam
	over := alone || k != c.limit && (p.offset == 0 || k < c.largest) && p.total == end
	switch {
	case fits && over && (p.total < 0 || p.total == end):
		v.step = finish
	case fits && !over:
		s.offset, s.last = end-1, p.ids[k-1]
		if k == 1 { // no row to spare for an overlap, so no proof
			fits = false
		}
	default:
		fits = false
	}
	if !fits {
		if s.passes >= maxPasses {
			return v, inconsistent("it does not sort by id as asked, and its rows kept changing places in %d passes", s.passes)
		}
		s.pass, s.offset = nil, 0
	}
	return v, nil
}
