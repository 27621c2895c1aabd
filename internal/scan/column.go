package scan

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory/mallocator"
)

// businessColumn is the column with the business, which is the same for all rows of a page.
type businessColumn struct {
	rows     int // most rows of a batch
	at       int // its position in the batch
	provider int64
	values   arrow.Array // of provider, a chunk of them; nil before the first page
}

// put returns the batch with the column added, which the caller must release.
func (c *businessColumn) put(batch arrow.RecordBatch, provider int64) arrow.RecordBatch {
	if c.values == nil || c.provider != provider {
		c.release()
		// C memory, since DuckDB refers to it.
		b := array.NewInt64Builder(mallocator.NewMallocator())
		defer b.Release()
		b.AppendValues(slices.Repeat([]int64{provider}, c.rows), nil)
		c.provider, c.values = provider, b.NewArray()
	}
	columns := slices.Clone(batch.Columns())
	columns[c.at] = array.NewSlice(c.values, 0, batch.NumRows())
	defer columns[c.at].Release()
	return array.NewRecordBatch(batch.Schema(), columns, batch.NumRows())
}

func (c *businessColumn) release() {
	if c.values != nil {
		c.values.Release()
	}
}
