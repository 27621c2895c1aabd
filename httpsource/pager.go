package httpsource

import (
	"slices"

	"github.com/teamupsql/teamupsql/report"
)

// A pager reads the customers of one filter in the order of their ids. Its responses come
// from different times, while customers are added and removed.
//
// # Why no customer is lost
//
// Call a customer steady if it exists and matches from the first request of the scan to
// the last response. Claim: when the pager has read up to the id last, it has delivered
// every steady customer with an id up to last, exactly once.
//
// A response to sort=id, id_gt=g, offset=o shows the report at one moment: its rows are
// consecutive in the order of the ids at that moment. So if its rows are r₀ < … < rₖ, they
// include each customer that matched at that moment with r₀ ≤ id ≤ rₖ, and for o = 0 also
// each with g < id < r₀. A steady customer matches at every moment. A response touches
// what has been read if
//
//	r₀ ≤ last, or o = 0 and g ≤ last.
//
// Its rows with ids above last then contain every steady customer between last and rₖ. The
// pager delivers them, last becomes rₖ, and the claim holds again. No row is delivered
// twice, because delivered ids only grow.
//
// The proof does not depend on when the responses were sent, nor on offsets. Offsets are
// only a guess of which request will touch. Call the place between two pages their seam. If
// a deletion and an insertion before the seam cancel out, the offsets of two responses match
// by chance; what counts is that they overlap by id. For data that does not change, the
// guess is right: pages overlap by one row, so r₀ = last. If customers below the seam
// disappear, the next page moves up: r₀ > last, a gap. If customers appear there, it moves
// down: r₀ < last, and the rows that were already read are skipped.
//
// The pager closes a gap with a request for id_gt=last, offset 0, which touches by
// definition. It keeps the page after the gap, which then mostly touches too. If it does
// not, paging starts again from last.
//
// # Why it ends at the end
//
// Nothing follows last if a response that touches ends there and has fewer rows than
// requested. But a server may shorten responses. So the total must agree, and the page must
// be shorter than other pages were. For data that does not change, the last page is short
// and the total agrees, so the proof costs no request of its own. (After a last page that
// is exactly full comes one with only its last row.)
//
// If rows contradict a total, the pager first tests whether totals are of use, see
// [pager.suspect]. If they are not (null, or a count of something else), two more responses
// must agree: to a request for what follows last (no rows), and to a request for what
// follows an earlier row (rows up to last, and fewer than requested). The second would
// reveal a server that shortens responses or no longer shows any rows. If the two do not
// agree, for example because the earlier rows have been removed too, the pager requests the
// first page again and then, by the total in its response, the last page. If that is no
// proof either, the scan fails with an error.
type pager struct {
	of    *report.Report
	ids   []int64 // the ids of the request, ascending; nil for all customers
	only  []int64 // the customers to deliver, ascending, if the report ignores ids; nil for all
	floor int64   // the query's own id_gt
	limit int     // rows requested per page

	last  int64 // read up to this id
	base  int64 // the id_gt of the current numbering of offsets
	next  int64 // the next offset to request
	total int64 // rows after base, an estimate; -1: unknown
	size  int   // rows of a full page; offsets advance by one less

	begun         bool // a page has been used
	short         int  // rows of the last page if it was short for an unknown reason
	offsetsUnsure bool // after the last response, offsets may have shifted
	unsorted      *unsortedPager
	// keyset makes the pager request what follows last, one page after the other. Such pages
	// do not overlap, so a reader who stops early causes the fewest requests.
	keyset bool

	unbounded bool  // the report ignores id_gt, so offsets count from its first row
	skimmed   int64 // up to this id such a report has repeated rows since renumber

	proof
}

func newPager(of *report.Report, ids []int64, floor int64, limit int) *pager {
	return &pager{of: of, ids: ids, floor: floor, limit: limit, last: floor, base: floor, total: -1, size: limit}
}

// step is what to do after a page.
type step int

const (
	goOn    step = iota // with the pages in flight
	repair              // keep this page and first request the rows before it
	restart             // drop the pages in flight and count offsets from last
	finish              // everything has been read
)

// verdict is what to do with a page.
type verdict struct {
	rows []span // rows to deliver, ascending and not adjacent
	step step
}

// span is a range of rows, [from, to).
type span struct{ from, to int }

// wants reports whether the page at the next offset is expected to contain rows. If it
// returns false, the scan must still request nextPage when no page is in flight and the end
// of the report is not proven.
func (c *pager) wants() bool {
	switch {
	case c.unsorted != nil || c.offsetsUnsure || c.keyset && c.begun:
		return false
	case c.next == 0:
		return true
	}
	return c.ids == nil && (c.total < 0 || c.next < c.total)
}

// nextPage returns the request after those already sent. If offsetsUnsure is set, no other
// page may be in flight.
func (c *pager) nextPage() pageRequest {
	if c.unsorted != nil {
		return c.unsorted.nextPage(c)
	}
	if a, ok := c.extraRequest(); ok {
		return a
	}
	if c.offsetsUnsure || c.keyset {
		c.renumber()
	}
	a := pageRequest{after: c.base, offset: c.next, reason: ReasonPage}
	switch {
	case c.ids != nil:
		a.reason = ReasonKeys
	case !c.begun:
		a.reason = ReasonFirstPage
	case c.next == 0 && !c.keyset:
		a.reason = ReasonSeamRepair
	}
	c.next += int64(c.size - 1)
	return a
}

// gapRequest returns the request for what follows the rows read so far.
func (c *pager) gapRequest() pageRequest { return pageRequest{after: c.last, reason: ReasonSeamRepair} }

// renumber sets the id from which offsets count: last, or an earlier id if nothing seems to
// follow last.
func (c *pager) renumber() {
	c.base, c.next, c.total, c.offsetsUnsure, c.skimmed = c.last, 0, -1, false, 0
	c.again = c.idle >= idleToAgain
	c.keyset = c.keyset && !c.again // the last page is requested by its offset
	switch {
	case c.unbounded:
		c.base = 0
		c.idle++ // the pages by offset that follow do not count
	case c.recheck:
		c.base, c.recheck = c.floor, false
	case c.again:
		c.base = c.floor
	case c.absent:
		c.base = c.recent[len(c.recent)-min(len(c.recent), c.room())] - 1
	}
}

// judge uses a page. It must be called with the pages in the order of their requests.
func (c *pager) judge(p *page) (verdict, error) {
	last, skimmed := c.last, c.skimmed
	v, err := c.use(p)
	if c.unsorted != nil || c.last > last || c.skimmed > skimmed {
		c.stalled = 0
		return v, err
	}
	if c.stalled++; c.stalled > maxStalled && err == nil && v.step != finish {
		err = c.contradiction(p)
	}
	return v, err
}

// use is judge without the bound on responses in a row without new rows.
func (c *pager) use(p *page) (verdict, error) {
	switch p.purpose {
	case forTotal:
		c.learnTotal(p)
		return verdict{}, nil
	case forLast:
		return c.learnLast(p)
	}
	if c.totalsUseless || c.ids != nil && p.total > int64(len(c.ids)) {
		p.total = -1
	}
	switch {
	case c.unsorted != nil:
		return c.unsorted.judge(c, p)
	case p.order == scrambled && c.begun:
		return verdict{}, inconsistent("after %s %d the rows are no longer sorted by id, also when requested again", c.of.Row, c.last)
	case p.order == scrambled:
		c.unsorted = &unsortedPager{seen: idSet{}}
		return c.unsorted.judge(c, p)
	case p.offset > 0 && len(p.ids) == 0:
		// There are fewer rows than expected. A later page shows what follows last.
		c.offsetsUnsure = true
		return verdict{}, c.countIdle(p)
	}
	if c.unbounded = c.unbounded || len(p.ids) > 0 && p.ids[0] <= p.after; c.unbounded {
		p.after, c.base, c.keyset = 0, 0, false
	}
	switch gap := p.offset > 0 && p.ids[0] > c.last; {
	case gap && p.repeats:
		return verdict{step: restart}, nil
	case gap:
		p.repeats = true
		return verdict{step: repair}, nil
	}
	return c.deliver(p)
}

// deliver uses a page that touches what has been read: its rows above last are delivered.
func (c *pager) deliver(p *page) (verdict, error) {
	k := len(p.ids)
	from, _ := slices.BinarySearch(p.ids, c.last+1)
	fresh := from < k
	first := !c.begun
	c.begun, c.largest = true, max(c.largest, k)
	if fresh {
		c.advance(p.ids[from:])
	}
	v := verdict{rows: spans(from, k, func(i int) bool {
		return (i == from || p.ids[i] != p.ids[i-1]) && c.wanted(p.ids[i])
	})}
	for _, rows := range v.rows {
		c.delivered += rows.to - rows.from
	}
	c.guess(p)
	c.expect(p)
	if c.ends(p, first, fresh) {
		v.step = finish
		return v, nil
	}
	v.step = c.adapt(p, fresh)
	if !fresh {
		return v, c.countIdle(p)
	}
	return v, nil
}

// guess estimates the number of rows from a page.
func (c *pager) guess(p *page) {
	if p.after == c.floor && p.offset == 0 {
		c.claimed = p.total
	}
	if p.after != c.base {
		return // the response to a gapRequest: its total counts from another id
	}
	c.total = p.total
	if end := p.offset + int64(len(p.ids)); p.total < end {
		c.total = -1 // unknown: the total is missing or smaller than the number of rows seen
	}
}

// advance moves last to the end of fresh rows.
func (c *pager) advance(fresh []int64) {
	c.last = fresh[len(fresh)-1]
	c.absent, c.idle = false, 0
	c.read += int64(len(fresh))
	c.recent = append(c.recent, fresh[max(0, len(fresh)-c.room()):]...)
	c.recent = slices.Delete(c.recent, 0, max(0, len(c.recent)-c.room()))
}

// wanted reports whether a row is to be delivered.
func (c *pager) wanted(id int64) bool {
	if c.only == nil {
		return true
	}
	_, found := slices.BinarySearch(c.only, id)
	return found
}

// adapt adjusts the page size to a server that returns more or fewer rows than requested.
func (c *pager) adapt(p *page, fresh bool) step {
	k := len(p.ids)
	switch {
	case !fresh && c.unbounded && k > 1 && p.ids[k-1] > c.skimmed && (p.total > p.offset+int64(k) || p.total < 0):
		c.skimmed, c.next = p.ids[k-1], max(c.next, p.offset+int64(k-1))
	case !fresh && c.again && p.after == c.floor && p.offset == 0 && k > 0 && p.total >= int64(k):
		c.next = p.total - min(p.total, int64(c.room())) // the last page
	case !fresh:
		c.offsetsUnsure = true
	case k >= c.size:
		c.size, c.short, c.offsetsUnsure = k, 0, false
		if p.after == c.base {
			c.next = max(c.next, p.offset+int64(k-1))
		}
	case k == c.short:
		// The same number twice in a row is the server's page size. An overlap of one
		// row needs pages of two.
		c.size, c.short, c.offsetsUnsure = max(2, k), 0, false
		return restart
	default:
		c.short, c.offsetsUnsure = k, true
	}
	return goOn
}

// spans returns the rows of [from, n) to keep as ranges that are not adjacent.
func spans(from, n int, keep func(i int) bool) []span {
	var rows []span
	for i := from; i < n; i++ {
		switch last := len(rows) - 1; {
		case !keep(i):
		case last >= 0 && rows[last].to == i:
			rows[last].to++
		default:
			rows = append(rows, span{i, i + 1})
		}
	}
	return rows
}

// order is the order of the ids in a response.
type order int

const (
	ascending order = iota
	repeating       // ascending, but some rows occur twice
	scrambled
)

func orderOf(ids []int64) order {
	o := ascending
	for i := 1; i < len(ids); i++ {
		switch {
		case ids[i] < ids[i-1]:
			return scrambled
		case ids[i] == ids[i-1]:
			o = repeating
		}
	}
	return o
}

// idSet is a set of ids; neighbouring ids share a word.
type idSet map[int64]uint64

// add adds an id and reports whether it is new.
func (s idSet) add(id int64) bool {
	word, bit := s[id>>6], uint64(1)<<(id&63)
	s[id>>6] = word | bit
	return word&bit == 0
}
