package render

import "github.com/duckdb/duckdb-go/v2/mapping"

// tail keeps the last chunks of a result that together contain a number of rows. They share
// DuckDB's memory with the original chunks.
type tail struct {
	types  []mapping.LogicalType
	want   int
	chunks []mapping.DataChunk
	rows   int
}

func newTail(types []mapping.LogicalType, want int) *tail { return &tail{types: types, want: want} }

func (t *tail) add(chunk mapping.DataChunk) {
	if t.want == 0 {
		return
	}
	kept := mapping.CreateDataChunk(t.types)
	for i := range t.types {
		mapping.VectorReferenceVector(
			mapping.DataChunkGetVector(kept, mapping.IdxT(i)),
			mapping.DataChunkGetVector(chunk, mapping.IdxT(i)))
	}
	mapping.DataChunkSetSize(kept, mapping.DataChunkGetSize(chunk))
	t.chunks = append(t.chunks, kept)
	t.rows += int(mapping.DataChunkGetSize(chunk))
	for {
		first := int(mapping.DataChunkGetSize(t.chunks[0]))
		if t.rows-first < t.want {
			return
		}
		mapping.DestroyDataChunk(&t.chunks[0])
		t.chunks = t.chunks[1:]
		t.rows -= first
	}
}

func (t *tail) text(c *caster) (*batch, error) {
	all := newBatch(len(t.types))
	for _, chunk := range t.chunks {
		b, err := c.text(chunk)
		if err != nil {
			return nil, err
		}
		all.append(b)
	}
	return all, nil
}

func (t *tail) close() {
	for i := range t.chunks {
		mapping.DestroyDataChunk(&t.chunks[i])
	}
}
