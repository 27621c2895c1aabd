package httpsource

import (
	"math"
	"slices"
)

// proof is what a course knows for the proof of its end.
type proof struct {
	recent  []int64 // the rows read last
	largest int     // the most rows that an answer had
	absent  bool    // asked for what follows last, the report has shown nothing
	again   bool    // offsets count from the first row once more, to see the last
	nothing int     // empty answers of a report that has not shown any row
	idle    int     // answers in a row, not to offsets, that brought nothing

	read      int64 // rows read
	delivered int   // of these, rows delivered

	doubt   doubt // whether totals count what was asked for
	useless bool  // they don't
	claimed int64 // how many of ids there are by the total of the last answer to all of them
	recheck bool  // all of ids are to be asked for again

	ceiling int64 // at some time since the first request no customer had a larger id; 0: not known
	expects int64 // rows after which the ceiling is asked for; 0 before the first page
	since   int64 // last, when it was
}

// How many answers in a row may bring nothing new: until the end is looked for from
// the first row, and until that is given up. It is tried more than once because the
// report may move on between the two questions that it takes.
const (
	idleToAgain = 2
	maxIdle     = 5
)

// tire counts the answers that bring nothing, and gives up at last. Pages by offset
// do not count, as they were asked for when the offsets meant something else.
func (c *course) tire(p *page) error {
	if c.doubtful && (p.offset == 0 || c.again) {
		c.idle++
	}
	if c.idle < maxIdle {
		return nil
	}
	return c.contradiction(p)
}

// room is how many rows an answer can repeat and still show whether others follow.
func (c *course) room() int { return c.largest/3 + 1 }

// ends says whether a page that touches proves that nothing follows last.
func (c *course) ends(p *page, first, fresh bool) bool {
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

// settled reports whether as many of ids have been read as there are by the total. If
// not, all of them are asked for again: some may have gone since, or else the report
// hides them.
func (c *course) settled(p *page) bool {
	c.recheck = c.ids != nil && int64(c.delivered) < c.claimed && (p.after != c.floor || p.offset != 0 || p.total > int64(len(p.ids)))
	return !c.recheck
}

// doubt is how far the question has got whether totals are of use.
type doubt int

const (
	noDoubt doubt = iota
	inDoubt       // an answer counts rows and shows none: to be asked
	resolved
)

// suspect has the report asked for what follows an id that no customer has, unless it
// was before. A total that counts rows there does not count what was asked for: it
// leaves id_gt out, or counts all customers, or nothing in particular. If it counts
// none, it is of use, and a report whose rows contradict its total hides some.
func (c *course) suspect() {
	if c.doubt == noDoubt {
		c.doubt = inDoubt
	}
}

// inquiry is a question about the report as a whole, ok if one is due.
func (c *course) inquiry() (a ask, ok bool) {
	switch {
	case c.doubt == inDoubt:
		c.doubt = resolved
		return ask{after: beyond(c.last), reason: ReasonSeamRepair, about: aboutTotal}, true
	case c.ids == nil && c.ceiling == 0 && c.expects > 0 && c.read > c.expects:
		c.expects, c.since = 2*c.read, c.last
		return ask{after: c.floor, reason: ReasonSeamRepair, about: aboutLast}, true
	}
	return ask{}, false
}

// beyond is an id larger than any that there is. It has 32 bits if it can, as servers
// may refuse others.
func beyond(last int64) int64 {
	if last < math.MaxInt32/2 {
		return math.MaxInt32
	}
	return min(last, math.MaxInt64/4) * 4
}

func (c *course) learnTotal(p *page) {
	if c.useless = len(p.ids) == 0 && p.total != 0; c.useless {
		// The answer that was doubted counts after all.
		if c.absent = len(c.recent) > 0; !c.absent {
			c.nothing++
		}
	}
	c.doubtful = true
}

const (
	// patience is by how many pages a report may grow during a scan before the scan
	// looks for where it ends.
	patience = 20
	// endless is the most rows that a scan reads of a report that shows no end.
	endless = 1 << 18
)

// expect learns from the first page after how many rows a scan is longer than it
// should be.
func (c *course) expect(p *page) {
	if c.expects == 0 {
		c.expects = min(max(p.total, 0), endless) + int64(patience*c.limit)
	}
}

// learnLast learns from the last rows, in descending order, where a report ended that
// grows as fast as it is read. Whoever was there from the scan's first request on has
// no larger id. A report that does not sort shows that by ids that are not descending,
// or by a first one that is smaller than rows already read.
func (c *course) learnLast(p *page) (verdict, error) {
	descending := slices.IsSortedFunc(p.ids, func(a, b int64) int { return int(min(1, max(-1, b-a))) })
	switch {
	case len(p.ids) > 1 && descending && p.ids[0] >= c.since:
		c.ceiling = p.ids[0]
	case c.read > endless:
		return verdict{}, inconsistent("after %d rows, up to %s %d, it shows neither its end nor its last %[2]s; ask for fewer %[4]s by a WHERE on %[5]s", c.read, c.of.Row, c.last, c.of.Name, c.of.Key)
	}
	if c.ceiling > 0 && c.last >= c.ceiling {
		return verdict{step: finish}, nil
	}
	return verdict{}, nil
}

// contradiction is the error of a report that shows neither more rows nor its end.
func (c *course) contradiction(p *page) error {
	if len(p.ids) == 0 {
		return inconsistent("after %s %d it shows no more rows, but neither does it show again those before, and it claims a total of %d", c.of.Row, c.last, p.total)
	}
	if p.total > p.offset+int64(len(p.ids)) {
		return inconsistent("it counts %d %s and shows only %d of them, up to %s %d", p.total, c.of.Name, p.offset+int64(len(p.ids)), c.of.Row, c.last)
	}
	return inconsistent("asked for %s after %d, it answers with others, from %d to %d", c.of.Name, c.last, p.ids[0], p.ids[len(p.ids)-1])
}
