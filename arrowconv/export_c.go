package arrowconv

/*
#include <stdint.h>
#include <stdlib.h>

// The Arrow C data interface, as https://arrow.apache.org/docs/format/CDataInterface.html has it.
struct ArrowArray {
	int64_t length;
	int64_t null_count;
	int64_t offset;
	int64_t n_buffers;
	int64_t n_children;
	const void **buffers;
	struct ArrowArray **children;
	struct ArrowArray *dictionary;
	void (*release)(struct ArrowArray *);
	void *private_data;
};

void teamupsqlReleasePage(struct ArrowArray *);
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Export fills the struct ArrowArray of the Arrow C data interface that out points to, in
// C memory. The array is a struct of the page's columns. Values are not copied, so the
// decoder's allocator must use C memory, as the default does. The receiver of the array
// must release it. Until then the array keeps the values, even after the page is released.
// Children of the array cannot be moved out of it. Export panics after Release.
//
// Package cdata of arrow-go does the same for a record batch, but with several allocations
// and callbacks for each column and struct field. Export needs one of each.
func (p *Page) Export(out unsafe.Pointer) {
	e := newExport(p.slab, p.to-p.from)
	root := (*C.struct_ArrowArray)(out)
	*root = C.struct_ArrowArray{
		length: C.int64_t(p.to - p.from), n_buffers: 1, n_children: C.int64_t(p.schema.NumFields()),
		buffers: e.pointers(1), release: release, private_data: e.block,
	}
	root.children = e.children(p.schema.NumFields(), p.from, p.to, true)
	p.slab.whole.Retain()
	*(*C.uintptr_t)(e.block) = C.uintptr_t(cgo.NewHandle(p.slab.whole))
}

var release = (*[0]byte)(C.teamupsqlReleasePage)

//export teamupsqlReleasePage
func teamupsqlReleasePage(array *C.struct_ArrowArray) {
	array.release = nil
	block := array.private_data
	if block == nil { // a field
		return
	}
	h := cgo.Handle(*(*C.uintptr_t)(block))
	C.free(block)
	h.Value().(*memory.Buffer).Release()
	h.Delete()
}

// export is the memory of one exported page, except for its values: a handle of the slab,
// the arrays of all nodes, pointers to them and to their buffers, and the shifted validity
// of structs.
type export struct {
	slab  *slab
	nodes []node // nodes not exported yet
	block unsafe.Pointer
	free  unsafe.Pointer // the unused rest of the block
	array unsafe.Pointer // for the next node
}

const (
	pointerSize = unsafe.Sizeof(uintptr(0))
	arraySize   = unsafe.Sizeof(C.struct_ArrowArray{})
)

func newExport(s *slab, rows int) *export {
	arrays := uintptr(len(s.nodes)) * arraySize
	size := pointerSize + arrays + pointerSize // the last pointer is the batch's validity, which is absent
	for _, n := range s.nodes {
		size += pointerSize * uintptr(1+n.count+wordsFor(rows)) // to the node, to its buffers, its validity
	}
	e := &export{slab: s, nodes: s.nodes, block: C.calloc(1, C.size_t(size))}
	if e.block == nil {
		panic("arrowconv: out of memory")
	}
	e.array = unsafe.Add(e.block, pointerSize)
	e.free = unsafe.Add(e.array, arrays)
	return e
}

// pointers takes room for n pointers.
func (e *export) pointers(n int) *unsafe.Pointer {
	p := e.free
	e.free = unsafe.Add(p, n*int(pointerSize))
	return (*unsafe.Pointer)(p)
}

// children exports the next n nodes of one parent and their fields: the rows in [from, to),
// or all rows if sliced is false.
func (e *export) children(n, from, to int, sliced bool) **C.struct_ArrowArray {
	pointers := e.pointers(n)
	for i := range unsafe.Slice(pointers, n) {
		unsafe.Slice(pointers, n)[i] = unsafe.Pointer(e.child(from, to, sliced))
	}
	return (**C.struct_ArrowArray)(unsafe.Pointer(pointers))
}

// child exports the next node. A struct has offset 0, and only its fields have an offset,
// because readers differ in whether they add the offset of a struct to those of nested
// fields.
func (e *export) child(from, to int, sliced bool) *C.struct_ArrowArray {
	n := e.nodes[0]
	a := (*C.struct_ArrowArray)(e.array)
	e.nodes, e.array = e.nodes[1:], unsafe.Add(e.array, arraySize)
	a.n_buffers, a.buffers, a.release = C.int64_t(n.count), e.pointers(n.count), release
	buffers := unsafe.Slice(a.buffers, n.count)
	base := unsafe.Pointer(unsafe.SliceData(e.slab.whole.Bytes()))
	for i, r := range n.buffers[:n.count] {
		if i > 0 || n.nulls > 0 {
			buffers[i] = unsafe.Add(base, r.from)
		}
	}
	if !sliced {
		from, to = 0, n.rows
	}
	a.length, a.null_count = C.int64_t(to-from), C.int64_t(n.nulls)
	if n.nulls > 0 && to-from != n.rows {
		a.null_count = -1 // not counted
	}
	isStruct := n.count == 1
	switch {
	case !isStruct:
		a.offset = C.int64_t(from)
	case n.nulls > 0 && from > 0:
		buffers[0] = e.moved(n.buffers[0], from, to)
	}
	if n.parts > 0 {
		a.n_children = C.int64_t(n.parts)
		a.children = e.children(n.parts, from, to, sliced && isStruct)
	}
	return a
}

// moved is validity with the bit of row from at its start.
func (e *export) moved(valid region, from, to int) unsafe.Pointer {
	bits := e.slab.whole.Bytes()[valid.from:][from/8 : (to+7)/8]
	words := wordsFor(to - from)
	p := e.pointers(words)
	shifted := unsafe.Slice((*byte)(unsafe.Pointer(p)), words*int(pointerSize))
	for i, b := range bits {
		shifted[i] = b >> (from % 8)
		if i > 0 {
			shifted[i-1] |= b << (8 - from%8)
		}
	}
	return unsafe.Pointer(p)
}

// wordsFor returns how many pointer-sized words contain the bits and one more byte.
func wordsFor(bits int) int { return bits/(8*int(pointerSize)) + 2 }
