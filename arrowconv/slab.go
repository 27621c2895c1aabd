package arrowconv

import "github.com/apache/arrow-go/v18/arrow/memory"

// Arrow recommends that buffers start at multiples of 64 bytes.
const alignment = 64

func padded(n int) int { return (n + alignment - 1) &^ (alignment - 1) }

// A slab is the memory of all values of a page. Values are collected in Go memory that is
// reused; a complete page then takes one allocation from the allocator. So nothing has to
// be freed after an error, and there are few calls into C.
type slab struct {
	whole *memory.Buffer // which keeps count of who needs it
	used  int
	nodes []node
}

// A node contains the buffers of a column, a field of a struct or the elements of a list.
// Nodes are in the order of Arrow: a struct before its fields, a list before its elements.
type node struct {
	rows, nulls int
	parts       int // 1 for a list
	buffers     [3]region
	count       int // of buffers; the first one is validity
}

// region is a buffer of a slab. It is empty for the validity of a column without NULLs.
type region struct{ from, size int }

// newSlab allocates memory for size bytes, a sum of padded lengths, and for the nodes. The
// caller must release whole.
func newSlab(mem memory.Allocator, size, nodes int) *slab {
	// An allocator may return nil for size 0.
	return &slab{
		whole: memory.NewBufferWithAllocator(mem.Allocate(max(size, alignment)), mem),
		nodes: make([]node, 0, nodes),
	}
}

// node begins the next node. The pointer is valid until the one after it.
func (s *slab) node(valid *validity, parts int) *node {
	s.nodes = append(s.nodes, node{rows: valid.n, nulls: valid.zeros, parts: parts, count: 1})
	n := &s.nodes[len(s.nodes)-1]
	if valid.zeros > 0 {
		n.buffers[0] = s.put(valid.bits)
	}
	return n
}

func (n *node) add(buffers ...region) {
	n.count += copy(n.buffers[n.count:], buffers)
}

// put copies b.
func (s *slab) put(b []byte) region {
	r := region{s.used, len(b)}
	copy(s.whole.Bytes()[s.used:], b)
	s.used += padded(len(b))
	return r
}

// A bitmap is a sequence of bits, the lowest of a byte first.
type bitmap struct {
	bits []byte
	n    int
}

func (b *bitmap) append(bit bool) {
	if b.n&7 == 0 {
		b.bits = append(b.bits, 0)
	}
	if bit {
		b.bits[b.n>>3] |= 1 << (b.n & 7)
	}
	b.n++
}

func (b *bitmap) reset() { b.bits, b.n = b.bits[:0], 0 }

// validity is the bitmap of the values that are not NULL. As in Arrow, there is no bitmap
// while all values are valid.
type validity struct {
	bitmap
	zeros int
}

func (v *validity) append(valid bool) {
	if valid && v.zeros == 0 {
		v.n++
		return
	}
	v.appendBit(valid)
}

func (v *validity) appendBit(valid bool) {
	if v.zeros == 0 { // the first NULL
		for range v.n / 8 {
			v.bits = append(v.bits, 0xff)
		}
		if v.n%8 > 0 {
			v.bits = append(v.bits, 1<<(v.n%8)-1)
		}
	}
	if !valid {
		v.zeros++
	}
	v.bitmap.append(valid)
}

func (v *validity) reset() {
	v.bitmap.reset()
	v.zeros = 0
}

// size is the room that the bits take in a slab.
func (v *validity) size() int { return padded(len(v.bits)) }
