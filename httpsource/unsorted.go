package httpsource

// An unsortedPager reads a report that ignores sort. The order of its rows is unknown and
// may change between requests.
//
// If all responses have the same order, the proof of [pager] holds with one change: ids do
// not show whether two responses touch. They touch if the last row of one page is the first
// row of the next. So the pager requests one page at a time. A pass has read every steady
// customer if all pages touch, no row occurs twice, and the end agrees with the total.
// Otherwise the pager begins another pass. It delivers each row once, in the pass that
// reads it first. Rows are not in the order of ids.
type unsortedPager struct {
	seen   idSet // delivered, in any pass
	pass   idSet // of this pass
	passes int
	offset int64
	last   int64 // the id of the last row of the page before
	most   int64 // rows that a pass may read
}

// maxPasses is how many times the report is read to get a pass without a change.
const maxPasses = 5

func (s *unsortedPager) nextPage(c *pager) pageRequest {
	return pageRequest{after: c.floor, offset: s.offset, reason: ReasonReread}
}

func (s *unsortedPager) judge(c *pager, p *page) (verdict, error) {
	c.begun, c.offsetsUnsure = true, true
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
		return verdict{}, inconsistent("it does not sort by id as requested, and grows as fast as it is read: after %d rows there is no end", p.offset)
	}
	fits := p.offset == 0 || k > 0 && p.ids[0] == s.last
	v := verdict{rows: spans(0, k, func(i int) bool {
		if s.pass.add(p.ids[i]) == (i == 0 && p.offset > 0) {
			fits = false // a repeated row, or a new first row
		}
		return p.ids[i] > c.floor && c.wanted(p.ids[i]) && s.seen.add(p.ids[i])
	})}
	end := p.offset + int64(k)
	alone := k == 0 || k == 1 && p.offset > 0 // no new rows
	over := alone || k != c.limit && (p.offset == 0 || k < c.largest) && p.total == end
	switch {
	case fits && over && (p.total < 0 || p.total == end):
		v.step = finish
	case fits && !over:
		s.offset, s.last = end-1, p.ids[k-1]
		if k == 1 { // an overlap needs pages of two rows, so there is no proof
			fits = false
		}
	default:
		fits = false
	}
	if !fits {
		if s.passes >= maxPasses {
			return v, inconsistent("it does not sort by id as requested, and the order of its rows changed in each of %d passes", s.passes)
		}
		s.pass, s.offset = nil, 0
	}
	return v, nil
}
