package httpsource

import (
	"math"
	"slices"
)

// proof is the state of a pager that proves that nothing follows last.
type proof struct {
	recent  []int64 // the ids of the latest rows
	largest int     // the most rows of a response
	absent  bool    // a request for what follows last returned no rows
	again   bool    // offsets count from the first row again, to request the last page
	nothing int     // empty responses while no row has been read
	idle    int     // responses in a row without new rows, except for pages by offset
	stalled int     // responses in a row without new rows, of any kind

	read      int64 // rows read
	delivered int   // of these, rows delivered

	totals        totalCheck // whether totals count the rows of the request
	totalsUseless bool       // they do not
	claimed       int64      // the total of the latest response to a request for all of ids
	recheck       bool       // request all of ids again

	ceiling int64 // no customer had a larger id at some time since the first request; 0: unknown
	expects int64 // rows after which to request the ceiling; 0 before the first page
	since   int64 // last at that time
}

// The numbers of responses in a row without new rows after which the pager requests the last
// page by offsets from the first row, and after which it fails. It tries more than once
// because the report may change between the two requests that this takes.
const (
	idleToAgain = 2
	maxIdle     = 5
)

// maxStalled is the number of responses in a row without new rows after which the pager fails
// in any case, so that no server can keep a scan going for ever.
const maxStalled = 100

// countIdle counts the responses without new rows, and returns an error after maxIdle. Pages
// by offset do not count, because the offsets may have shifted since the request.
func (c *pager) countIdle(p *page) error {
	if c.offsetsUnsure && (p.offset == 0 || c.again) {
		c.idle++
	}
	if c.idle < maxIdle {
		return nil
	}
	return c.contradiction(p)
}

// room returns how many rows a response can repeat and still have space for rows that follow.
func (c *pager) room() int { return c.largest/3 + 1 }

// ends reports whether a page that touches proves that nothing follows last.
func (c *pager) ends(p *page, first, fresh bool) bool {
	k := len(p.ids)
	switch {
	case c.ids != nil && c.delivered == len(c.ids):
		return true
	case c.ceiling > 0 && c.last >= c.ceiling:
		return true
	case k == 0 && p.offset == 0 && p.total > 0:
		c.suspect()
		return false
	case k == 0 && len(c.recent) == 0:
		c.nothing++
		return first && p.total == 0 || c.nothing >= 2
	case k == 0:
		c.absent = true
		return false
	case k != c.limit && (first || k < c.largest) && p.order == ascending && p.total == p.offset+int64(k):
		return c.settled(p)
	}
	return c.absent && !fresh && p.ids[k-1] == c.last && k < max(c.limit, c.largest) && c.settled(p)
}

// settled reports whether the number of ids read equals the total. If not, the pager
// requests all of them again, because some customers may have been removed since, or the
// report may leave them out.
func (c *pager) settled(p *page) bool {
	c.recheck = c.ids != nil && int64(c.delivered) < c.claimed && (p.after != c.floor || p.offset != 0 || p.total > int64(len(p.ids)))
	return !c.recheck
}

// totalCheck is the state of the test whether totals count the rows of the request.
type totalCheck int

const (
	totalTrusted   totalCheck = iota
	totalSuspected            // a response has a total and no rows: send the test
	totalTested
)

// suspect schedules a request for what follows an id that no customer has, once per scan.
// If the total of its response is not 0, totals are useless: they ignore id_gt, count all
// customers, or are arbitrary. If it is 0, totals are useful, and a report whose rows
// contradict its total omits rows.
func (c *pager) suspect() {
	if c.totals == totalTrusted {
		c.totals = totalSuspected
	}
}

// extraRequest returns a request that is not for rows. ok is false if none is due.
func (c *pager) extraRequest() (a pageRequest, ok bool) {
	switch {
	case c.totals == totalSuspected:
		c.totals = totalTested
		return pageRequest{after: beyond(c.last), reason: ReasonSeamRepair, purpose: forTotal}, true
	case c.ids == nil && c.ceiling == 0 && c.expects > 0 && c.read > c.expects:
		c.expects, c.since = 2*c.read, c.last
		return pageRequest{after: c.floor, reason: ReasonSeamRepair, purpose: forLast}, true
	}
	return pageRequest{}, false
}

// beyond returns an id larger than any customer's. It fits into 32 bits if possible, because
// servers may refuse larger numbers.
func beyond(last int64) int64 {
	if last < math.MaxInt32/2 {
		return math.MaxInt32
	}
	return min(last, math.MaxInt64/4) * 4
}

func (c *pager) learnTotal(p *page) {
	if c.totalsUseless = len(p.ids) == 0 && p.total != 0; c.totalsUseless {
		// The suspected response is valid.
		if c.absent = len(c.recent) > 0; !c.absent {
			c.nothing++
		}
	}
	c.offsetsUnsure = true
}

const (
	// patience is the number of pages by which a report may grow during a scan before the
	// scan requests the largest id.
	patience = 20
	// endless is the most rows that a scan reads of a report without an end.
	endless = 1 << 18
)

// expect sets, from the first page, the number of rows after which a scan is longer than
// expected.
func (c *pager) expect(p *page) {
	if c.expects == 0 {
		c.expects = min(max(p.total, 0), endless) + int64(patience*c.limit)
	}
}

// learnLast sets the ceiling from the last rows, in descending order. It is for a report
// that grows as fast as it is read: no steady customer has a larger id than these rows. If
// the report did not sort, the ids are not descending or the first is smaller than rows
// already read.
func (c *pager) learnLast(p *page) (verdict, error) {
	descending := slices.IsSortedFunc(p.ids, func(a, b int64) int { return int(min(1, max(-1, b-a))) })
	switch {
	case len(p.ids) > 1 && descending && p.ids[0] >= c.since:
		c.ceiling = p.ids[0]
	case c.read > endless:
		return verdict{}, inconsistent("after %d rows, up to %s %d, there is neither an end nor a last %[2]s; read fewer %[4]s with a WHERE on %[5]s", c.read, c.of.Row, c.last, c.of.Name, c.of.Key)
	}
	if c.ceiling > 0 && c.last >= c.ceiling {
		return verdict{step: finish}, nil
	}
	return verdict{}, nil
}

// contradiction returns the error for a report that returns neither new rows nor a proof of its end.
func (c *pager) contradiction(p *page) error {
	if len(p.ids) == 0 {
		return inconsistent("after %s %d there are no more rows, the rows before are missing too, and the total is %d", c.of.Row, c.last, p.total)
	}
	if p.total > p.offset+int64(len(p.ids)) {
		return inconsistent("the total is %d %s, but there are only %d of them, up to %s %d", p.total, c.of.Name, p.offset+int64(len(p.ids)), c.of.Row, c.last)
	}
	return inconsistent("a request for %s after %d returned others, from %d to %d", c.of.Name, c.last, p.ids[0], p.ids[len(p.ids)-1])
}
