package teamuptest

import (
	"runtime"
	"sync"
)

// table has the rows of one report in a store, as they are and were.
type table struct {
	*served
	source   source // nil until it is first needed
	base     int    // rows that were there from the start, at positions 0 to base-1
	size     int    // positions that were ever used
	versions map[int][]version
	numbers  []int64 // the measures, position after position; nil until first needed
	dice     draw

	selections selections
}

// version is what a change left at a position; no row if it left nothing.
type version struct {
	seq int
	row row
}

// make makes the rows that there are at the start.
func (t *table) make(s *Store) {
	if t.source == nil {
		t.source = t.served.source(s)
		t.base, t.size = t.source.size(), t.source.size()
	}
}

// read is the row at a position, none if there is none now. It may use scratch for it, and
// must not be changed.
func (t *table) read(scratch row, p int) row {
	if v := t.versions[p]; v != nil {
		return v[len(v)-1].row
	}
	if p < 0 || p >= t.base {
		return row{}
	}
	return t.source.read(scratch, p)
}

// measuresAt are those of a position.
func (t *table) measuresAt(p int) []int64 {
	n := len(t.measures)
	return t.numbers[p*n : (p+1)*n]
}

// gather computes every row once, on all processors.
func (t *table) gather() {
	width := len(t.measures)
	t.numbers = make([]int64, t.size*width)
	workers := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			scratch := t.source.scratch()
			for p := w * t.size / workers; p < (w+1)*t.size/workers; p++ {
				t.numbersOf(t.numbers[p*width:p*width], t.read(scratch, p))
			}
		})
	}
	wg.Wait()
}
