package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/export"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

// rowsByID are the rows of a batch as JSON, each under its id.
func rowsByID(t *testing.T, batch arrow.RecordBatch, into map[int64]string) {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, array.RecordToJSON(batch, &text))
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	require.Len(t, lines, int(batch.NumRows()))
	for _, line := range lines {
		var row struct{ ID int64 }
		require.NoError(t, json.Unmarshal([]byte(line), &row))
		require.NotContains(t, into, row.ID, "a customer comes once")
		into[row.ID] = line
	}
}

// reported are the customers as the report has them, without DuckDB, with all columns.
func (b *business) reported() (*arrow.Schema, map[int64]string) {
	b.Helper()
	decoder, err := arrowconv.NewDecoder(report.Customers, report.Customers.Columns, arrowconv.Options{})
	require.NoError(b, err)
	var columns []string
	for _, c := range report.Customers.Columns {
		columns = append(columns, c.Name)
	}
	query := report.Customers.Query().With("include_deleted", true).With("columns", columns)
	scan := httpsource.Scan(context.Background(), b.client, httpsource.Request{Query: query}, decoder.Decode)
	defer func() { require.NoError(b, scan.Close()) }()
	rows := map[int64]string{}
	for {
		page, err := scan.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return decoder.Schema(), rows
		}
		require.NoError(b, err)
		rowsByID(b.T, page.Record(), rows)
		page.Release()
	}
}

// parquetFiles are the files of the current snapshot.
func (b *business) parquetFiles() (list []string) {
	for _, name := range b.names() {
		if strings.HasPrefix(name, "snapshots/") && strings.HasSuffix(name, ".parquet") {
			list = append(list, filepath.Join(b.dir, filepath.FromSlash(name)))
		}
	}
	return list
}

// Another reader of Parquet than the one that wrote it finds every column, value and
// type of the report.
func TestAnotherReaderReadsTheSame(t *testing.T) {
	for compression, customers := range map[string]int{"zstd": 1000, "snappy": 100, "gzip": 100, "lz4": 100, "brotli": 100, "uncompressed": 100} {
		t.Run(compression, func(t *testing.T) {
			b := open(t, teamuptest.WithCustomers(customers))
			r := b.export(func(j *export.Job) {
				j.Columns, j.IncludeDeleted, j.Compression = nil, true, compression
			})
			schema, want := b.reported()
			require.Len(t, want, customers)
			got := map[int64]string{}
			files := b.parquetFiles()
			require.Len(t, files, r.Files)
			memory := memory.NewCheckedAllocator(memory.DefaultAllocator)
			defer memory.AssertSize(t, 0)
			for _, path := range files {
				table := readParquet(t, path, memory)
				require.Equal(t, types(schema), types(table.Schema()))
				before := len(got)
				read := array.NewTableReader(table, -1)
				for read.Next() {
					rowsByID(t, read.RecordBatch(), got)
				}
				require.NoError(t, read.Err())
				require.Greater(t, len(got), before)
				read.Release()
				table.Release()
			}
			assert.Equal(t, want, got)
		})
	}
}

func readParquet(t *testing.T, path string, mem memory.Allocator) arrow.Table {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	parquet, err := file.NewParquetReader(f)
	require.NoError(t, err)
	defer func() { require.NoError(t, parquet.Close()) }()
	reader, err := pqarrow.NewFileReader(parquet, pqarrow.ArrowReadProperties{}, mem)
	require.NoError(t, err)
	table, err := reader.ReadTable(context.Background())
	require.NoError(t, err)
	return table
}

// types are the columns with their types, without the names that a list gives its
// elements, of which there is more than one usage.
func types(schema *arrow.Schema) []string {
	var list []string
	for _, f := range schema.Fields() {
		list = append(list, f.Name+" "+typeText(f.Type))
	}
	return list
}

func typeText(t arrow.DataType) string {
	switch t := t.(type) {
	case *arrow.StructType:
		var parts []string
		for _, f := range t.Fields() {
			parts = append(parts, f.Name+" "+typeText(f.Type))
		}
		return "struct<" + strings.Join(parts, ", ") + ">"
	case *arrow.ListType:
		return "list<" + typeText(t.Elem()) + ">"
	}
	return t.String()
}
