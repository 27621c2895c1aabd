package arrowconv

import "github.com/apache/arrow-go/v18/arrow/memory"

// Arrow wants buffers to start at multiples of 64 bytes.
const alignment = 64

func padded(n int) int { return (n + alignment - 1) &^ (alignment - 1) }

// A slab is the one piece of memory that holds all buffers of a page. Values are
// gathered in memory of Go that is used again and again; only a page that is
// complete takes memory from the allocator, once. So there is nothing to give
// back after an error, and calls into C are few.
type slab struct {
	whole *memory.Buffer
	used  int
}

// newSlab allocates room for size bytes, a sum of padded lengths. The caller
// releases whole when all is put; the buffers keep it alive.
func newSlab(mem memory.Allocator, size int) *slab {
	// An allocator may answer a request for nothing with nil.
	return &slab{whole: memory.NewBufferWithAllocator(mem.Allocate(max(size, alignment)), mem)}
}

// put copies b and returns it as a buffer, which is the caller's to release.
func (s *slab) put(b []byte) *memory.Buffer {
	buf := memory.SliceBuffer(s.whole, s.used, len(b))
	copy(buf.Bytes(), b)
	s.used += padded(len(b))
	return buf
}

// A bitmap is a sequence of bits, the lowest of a byte first.
type bitmap struct {
	bits  []byte
	n     int
	zeros int
}

func (b *bitmap) append(bit bool) {
	if b.n&7 == 0 {
		b.bits = append(b.bits, 0)
	}
	if bit {
		b.bits[b.n>>3] |= 1 << (b.n & 7)
	} else {
		b.zeros++
	}
	b.n++
}

func (b *bitmap) reset() { b.bits, b.n, b.zeros = b.bits[:0], 0, 0 }

// validitySize is the room that putValidity takes.
func (b *bitmap) validitySize() int {
	if b.zeros == 0 {
		return 0
	}
	return padded(len(b.bits))
}

// putValidity is the bitmap as Arrow has it for validity: left out where every
// value is valid.
func (b *bitmap) putValidity(s *slab) *memory.Buffer {
	if b.zeros == 0 {
		return nil
	}
	return s.put(b.bits)
}
