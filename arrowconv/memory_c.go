package arrowconv

// #include <stdlib.h>
import "C"

import (
	"sync/atomic"
	"unsafe"
)

// mallocs takes memory from C's malloc. Unlike the allocator of arrow-go it neither
// clears it nor keeps a map of it. It is safe for concurrent use.
type mallocs struct{ held atomic.Int64 }

// cMemory is shared: it keeps no state but a count.
var cMemory mallocs

// AllocatedBytes returns how many bytes of C memory the pages of this process use, for
// those made with the default allocator. It is 0 when every page has been released, by the
// program or by the library that it was exported to.
func AllocatedBytes() int64 { return cMemory.held.Load() }

// Allocate returns aligned memory that is not initialized. The address that malloc returned
// is stored before it.
func (m *mallocs) Allocate(size int) []byte {
	p := C.malloc(C.size_t(size) + alignment)
	if p == nil {
		panic("arrowconv: out of memory")
	}
	// malloc aligns to a pointer's size at least, so there is room for one.
	start := unsafe.Add(p, alignment-uintptr(p)%alignment)
	*(*unsafe.Pointer)(unsafe.Add(start, -int(unsafe.Sizeof(p)))) = p
	m.held.Add(int64(size))
	return unsafe.Slice((*byte)(start), max(size, 1))[:size]
}

// Reallocate moves the content of b.
func (m *mallocs) Reallocate(size int, b []byte) []byte {
	moved := m.Allocate(size)
	copy(moved, b)
	m.Free(b)
	return moved
}

// Free frees memory from Allocate or Reallocate.
func (m *mallocs) Free(b []byte) {
	if b == nil {
		return
	}
	m.held.Add(-int64(len(b)))
	C.free(*(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), -int(unsafe.Sizeof(uintptr(0))))))
}
