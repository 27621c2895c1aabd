package httpsource

import (
	"slices"

	"github.com/teamupsql/teamupsql/report"
)

// A course reads the customers of one filter in the order of their ids, from
// answers that were given at different times while customers came and went.
//
// # Why no customer is lost
//
// Call a customer steady if it exists and matches from the scan's first request to
// its last answer. Claim: when the course has read up to the id last, every steady
// customer with an id up to last has been delivered, once.
//
// An answer to sort=id, id_gt=g, offset=o shows the report as it was at one moment:
// its rows are consecutive in the order of ids then. So if the answer's rows are
// r₀ < … < rₖ, each customer that matched at that moment with r₀ ≤ id ≤ rₖ is among
// them, and for o = 0 also each with g < id < r₀. A steady customer matches at every
// moment. Therefore, whenever the answer touches what has been read, that is
//
//	r₀ ≤ last, or o = 0 and g ≤ last,
//
// its rows with ids above last hold every steady customer between last and rₖ.
// They are delivered, last becomes rₖ, and the claim holds again. Nothing is
// delivered twice, because ids delivered only grow.
//
// Nothing in this depends on when the answers were given, nor on offsets: those
// are only a guess at which question will touch. A deletion and an insertion
// before the seam that cancel out are no exception: offsets then agree by luck,
// but what counts is that the two answers overlap by id. For quiet data the guess
// is right: pages overlap by one row, so r₀ = last. Customers that vanish below
// the seam move the next page up: r₀ > last, a gap. Those that appear move it
// down: r₀ < last, and the rows already read are trimmed.
//
// A gap is closed by asking for id_gt=last, offset 0, which touches by definition;
// then the page behind the gap, kept meanwhile, mostly touches too. If it does
// not, paging starts anew relative to last.
//
// # Why it ends at the end
//
// Nothing follows last if an answer that touches ends there though it had room,
// that is, has fewer rows than asked for. But a server may cut answers short, so
// its total must agree, and the page must be shorter than others were. For quiet data
// the last page is short and its total does agree, so that the proof costs no request of
// its own. (A last page that is exactly full is followed by one that holds just its last
// row.)
//
// A total that the rows contradict must first be shown to be of no use, see
// [course.suspect]. Where it is of no use (null, or counting something else), two more
// questions, put differently, must agree instead: what follows last (nothing), and
// what follows a row some way back (rows up to last, with room for more). The
// second would show a server that cuts answers, or has lost its rows altogether.
// Where they do not agree (the rows back there may have gone as well), the last page
// is asked for by offset, with the total that the first one gives now. If that is no
// proof either, there is no answer but an error.
type course struct {
	of    *report.Report
	ids   []int64 // the customers asked for by id, ascending; nil for all
	only  []int64 // the customers to deliver, ascending, where the report ignores ids; nil for all
	floor int64   // the query's own id_gt
	limit int     // rows asked for in a page

	last  int64 // read up to this id
	base  int64 // the id_gt of the current numbering of offsets
	next  int64 // the next offset to ask for
	total int64 // rows after base, a guess; -1: unknown
	size  int   // rows that a full page has, so that offsets advance by one less

	begun    bool // a page has been used
	short    int  // rows of the last page, if it was short for no known reason
	doubtful bool // the last answer leaves open whether offsets still mean what they did
	sweep    *sweep
	// keyset asks for what follows last, one page after the other: without overlaps,
	// which is the fewest requests where the reader will stop somewhere.
	keyset bool

	unbounded bool  // the report ignores id_gt: offsets count from its first row
	skimmed   int64 // up to this id such a report has shown rows again since renumber

	proof
}

func newCourse(of *report.Report, ids []int64, floor int64, limit int) *course {
	return &course{of: of, ids: ids, floor: floor, limit: limit, last: floor, base: floor, total: -1, size: limit}
}

// step is what to do after a page.
type step int

const (
	goOn    step = iota // with the pages that are under way
	repair              // keep this page, first ask for the rows before it
	restart             // forget what is under way, number offsets anew from last
	finish              // everything has been read
)

// verdict is what a page is worth.
type verdict struct {
	rows []span // rows to deliver, ascending and apart
	step step
}

// span is a range of rows, [from, to).
type span struct{ from, to int }

// wants reports whether the page at the next offset is expected to contain rows. If it
// returns false, the scan must still request nextPage when no page is in flight and the end
// of the report is not proven.
func (c *course) wants() bool {
	switch {
	case c.sweep != nil || c.doubtful || c.keyset && c.begun:
		return false
	case c.next == 0:
		return true
	}
	return c.ids == nil && (c.total < 0 || c.next < c.total)
}

// nextPage is the page after those already asked for. If the last answer was
// doubtful, it is called when no other page is under way.
func (c *course) nextPage() ask {
	if c.sweep != nil {
		return c.sweep.nextPage(c)
	}
	if a, ok := c.inquiry(); ok {
		return a
	}
	if c.doubtful || c.keyset {
		c.renumber()
	}
	a := ask{after: c.base, offset: c.next, reason: ReasonPage}
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

// bridge is the ask for what follows the rows read so far.
func (c *course) bridge() ask { return ask{after: c.last, reason: ReasonSeamRepair} }

// renumber chooses anew from which id on offsets count: from last, or, if nothing
// seems to follow, from further back.
func (c *course) renumber() {
	c.base, c.next, c.total, c.doubtful, c.skimmed = c.last, 0, -1, false, 0
	c.again = c.idle >= idleToAgain
	switch {
	case c.unbounded:
		c.base = 0
		c.idle++ // pages by offset, that it goes on with, do not count
	case c.recheck:
		c.base, c.recheck = c.floor, false
	case c.again:
		c.base = c.floor
	case c.absent:
		c.base = c.recent[len(c.recent)-min(len(c.recent), c.room())] - 1
	}
}

// judge uses a page. It is called with the pages in the order they were asked for.
func (c *course) judge(p *page) (verdict, error) {
	switch p.about {
	case aboutTotal:
		c.learnTotal(p)
		return verdict{}, nil
	case aboutLast:
		return c.learnLast(p)
	}
	if c.useless || c.ids != nil && p.total > int64(len(c.ids)) {
		p.total = -1
	}
	if c.sweep != nil {
		return c.sweep.judge(c, p)
	}
	if p.order == scrambled {
		if c.begun {
			return verdict{}, inconsistent("after %s %d the rows are no longer sorted by id, and stay so when asked for again", c.of.Row, c.last)
		}
		c.sweep = &sweep{seen: idSet{}}
		return c.sweep.judge(c, p)
	}
	k := len(p.ids)
	if p.offset > 0 && k == 0 {
		// Fewer rows than expected. What follows last shows later.
		c.doubtful = true
		return verdict{}, c.tire(p)
	}
	if c.unbounded = c.unbounded || k > 0 && p.ids[0] <= p.after; c.unbounded {
		p.after, c.base, c.keyset = 0, 0, false
	}
	if p.offset > 0 && p.ids[0] > c.last {
		if p.repeats {
			return verdict{step: restart}, nil
		}
		p.repeats = true
		return verdict{step: repair}, nil
	}
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
		return v, c.tire(p)
	}
	return v, nil
}

// guess learns from a page how many rows there are.
func (c *course) guess(p *page) {
	if p.after == c.floor && p.offset == 0 {
		c.claimed = p.total
	}
	if p.after != c.base {
		return // a bridge: its total counts from elsewhere
	}
	c.total = p.total
	if end := p.offset + int64(len(p.ids)); p.total < end {
		c.total = -1 // unknown: the total is missing or smaller than the number of rows seen
	}
}

// advance moves on over fresh rows.
func (c *course) advance(fresh []int64) {
	c.last = fresh[len(fresh)-1]
	c.absent, c.idle = false, 0
	c.read += int64(len(fresh))
	c.recent = append(c.recent, fresh[max(0, len(fresh)-c.room()):]...)
	c.recent = slices.Delete(c.recent, 0, max(0, len(c.recent)-c.room()))
}

// wanted reports whether a row is to be delivered.
func (c *course) wanted(id int64) bool {
	if c.only == nil {
		return true
	}
	_, found := slices.BinarySearch(c.only, id)
	return found
}

// adapt follows a server that answers more or fewer rows than asked for.
func (c *course) adapt(p *page, fresh bool) step {
	k := len(p.ids)
	switch {
	case !fresh && c.unbounded && k > 1 && p.ids[k-1] > c.skimmed && (p.total > p.offset+int64(k) || p.total < 0):
		c.skimmed, c.next = p.ids[k-1], max(c.next, p.offset+int64(k-1))
	case !fresh && c.again && p.after == c.floor && p.offset == 0 && k > 0 && p.total >= int64(k):
		c.next = p.total - min(p.total, int64(c.room())) // the last page
	case !fresh:
		c.doubtful = true
	case k >= c.size:
		c.size, c.short, c.doubtful = k, 0, false
		if p.after == c.base {
			c.next = max(c.next, p.offset+int64(k-1))
		}
	case k == c.short:
		// Twice in a row the same: this is what the server gives. Two rows are the
		// least that can overlap by one.
		c.size, c.short, c.doubtful = max(2, k), 0, false
		return restart
	default:
		c.short, c.doubtful = k, true
	}
	return goOn
}

// spans are the rows of [from, n) that are to be kept, as ranges that do not touch.
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

// order is how the ids of an answer follow each other.
type order int

const (
	ascending order = iota
	repeating       // ascending, but for rows that stand there twice
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

// add says whether the id is new.
func (s idSet) add(id int64) bool {
	word, bit := s[id>>6], uint64(1)<<(id&63)
	s[id>>6] = word | bit
	return word&bit == 0
}
