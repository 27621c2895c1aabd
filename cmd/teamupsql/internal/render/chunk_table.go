package render

import (
	"errors"
	"sync"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/internal/duckc"
)

// chunkFunction is the table function through which DuckDB reads a chunk back. Its
// argument is the number of an entry. It is for this package's use only.
const chunkFunction = "__teamupsql_result_chunk"

// entry is a chunk on its way to DuckDB. It is used by one goroutine at a time:
// the callbacks run while that goroutine waits in DuckDB.
type entry struct {
	types []mapping.LogicalType
	chunk mapping.DataChunk
	ready bool // the chunk is still to be read
}

// chunkTable is the table function of one database, with its entries by number.
type chunkTable struct {
	mu      sync.Mutex
	entries map[int64]*entry
	last    int64
}

func (t *chunkTable) put(e *entry) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	t.entries[t.last] = e
	return t.last
}

func (t *chunkTable) get(id int64) *entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.entries[id]
}

func (t *chunkTable) drop(id int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.entries, id)
}

// register registers the function in the database of conn.
func (t *chunkTable) register(conn mapping.Connection) error {
	return duckc.Register(conn, chunkFunction, t, func(f mapping.TableFunction) {
		bigint := mapping.CreateLogicalType(mapping.TypeBigInt)
		defer mapping.DestroyLogicalType(&bigint)
		mapping.TableFunctionAddParameter(f, bigint)
	})
}

// Destroy has nothing to do, because the entries belong to their casters.
func (t *chunkTable) Destroy() {}

var errChunkFunction = errors.New(chunkFunction + " is for the shell's own use")

// Bind declares the columns of an entry.
func (t *chunkTable) Bind(info mapping.BindInfo) (duckc.Binding, error) {
	value := mapping.BindGetParameter(info, 0)
	defer mapping.DestroyValue(&value)
	e := t.get(mapping.GetInt64(value))
	if e == nil {
		return nil, errChunkFunction
	}
	for i, logical := range e.types {
		mapping.BindAddResultColumn(info, columnName(i), logical)
	}
	return boundChunk{e}, nil
}

// boundChunk is a call of the function.
type boundChunk struct{ entry *entry }

func (boundChunk) Destroy() {}

// Begin notes the columns that the statement reads.
func (b boundChunk) Begin(info mapping.InitInfo) (duckc.Scan, error) {
	s := &chunkScan{entry: b.entry}
	for i := range mapping.InitGetColumnCount(info) {
		s.columns = append(s.columns, mapping.InitGetColumnIndex(info, i))
	}
	return s, nil
}

// chunkScan reads the chunk of an entry once.
type chunkScan struct {
	entry   *entry
	columns []mapping.IdxT
}

func (*chunkScan) Destroy() {}

// Fill makes the columns of out refer to those of the chunk.
func (s *chunkScan) Fill(out mapping.DataChunk) error {
	e := s.entry
	if !e.ready {
		mapping.DataChunkSetSize(out, 0)
		return nil
	}
	e.ready = false
	for i, at := range s.columns {
		if at < mapping.IdxT(len(e.types)) { // not a virtual column
			mapping.VectorReferenceVector(mapping.DataChunkGetVector(out, mapping.IdxT(i)), mapping.DataChunkGetVector(e.chunk, at))
		}
	}
	mapping.DataChunkSetSize(out, mapping.DataChunkGetSize(e.chunk))
	return nil
}
