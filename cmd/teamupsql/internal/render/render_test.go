package render

import (
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2/mapping"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// database is DuckDB opened without the driver, as this package needs no more.
type database struct {
	db   mapping.Database
	conn mapping.Connection
	own  mapping.Connection // of the Texts
	*Texts
}

func openDatabase(t testing.TB) *database {
	d := &database{}
	require.Equal(t, mapping.StateSuccess, mapping.Open(":memory:", &d.db))
	require.Equal(t, mapping.StateSuccess, mapping.Connect(d.db, &d.conn))
	require.Equal(t, mapping.StateSuccess, mapping.Connect(d.db, &d.own))
	texts, err := NewTexts(d.own)
	require.NoError(t, err)
	d.Texts = texts
	t.Cleanup(func() {
		mapping.Disconnect(&d.own)
		mapping.Disconnect(&d.conn)
		mapping.Close(&d.db)
	})
	return d
}

// query runs one statement; its result lives as long as the test.
func (d *database) query(t testing.TB, sql string) Result {
	var result mapping.Result
	if mapping.Query(d.conn, sql, &result) != mapping.StateSuccess {
		t.Fatal(mapping.ResultError(&result))
	}
	t.Cleanup(func() { mapping.DestroyResult(&result) })
	r := Result{}
	for i := range mapping.ColumnCount(&result) {
		r.Names = append(r.Names, mapping.ColumnName(&result, i))
		r.Types = append(r.Types, mapping.ColumnLogicalType(&result, i))
	}
	var last mapping.DataChunk
	r.Next = func(context.Context) (mapping.DataChunk, error) {
		mapping.DestroyDataChunk(&last)
		if last = mapping.FetchChunk(result); last.Ptr == nil {
			return last, io.EOF
		}
		return last, nil
	}
	return r
}

func (d *database) print(t testing.TB, sql string, o Options) string {
	var out strings.Builder
	require.NoError(t, Render(context.Background(), &out, d.Texts, d.query(t, sql), o))
	return out.String()
}

// inMode are the options that the shell has after `.mode`.
func inMode(m Mode) Options {
	o := Options{Mode: m, Headers: true, Null: "NULL", Column: "|", Row: "\n", Table: "table", MaxRows: 40}
	column, row := m.Separators()
	if column != "" {
		o.Column = column
	}
	if row != "" {
		o.Row = row
	}
	return o
}

func golden(t *testing.T, name, got string) {
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// The golden files of the modes hold what DuckDB's own shell prints for the same
// statement.
func TestModes(t *testing.T) {
	d := openDatabase(t)
	files, err := filepath.Glob("testdata/*.sql")
	require.NoError(t, err)
	for _, file := range files {
		sql, err := os.ReadFile(file)
		require.NoError(t, err)
		name := strings.TrimSuffix(filepath.Base(file), ".sql")
		for _, m := range Modes {
			if name == "long" && m.Mode != DuckBox {
				continue
			}
			t.Run(name+"/"+string(m.Mode), func(t *testing.T) {
				golden(t, name+"."+string(m.Mode)+".golden", d.print(t, string(sql), inMode(m.Mode)))
			})
		}
	}
}

func TestDuckBoxOnNarrowScreens(t *testing.T) {
	d := openDatabase(t)
	files, err := filepath.Glob("testdata/*.sql")
	require.NoError(t, err)
	for _, file := range files {
		sql, err := os.ReadFile(file)
		require.NoError(t, err)
		name := strings.TrimSuffix(filepath.Base(file), ".sql")
		for width, suffix := range map[int]string{80: ".80.golden", 120: ".120.golden"} {
			o := inMode(DuckBox)
			o.MaxWidth, o.LargeNumbers, o.Hint = width, true, "use .last to show entire result"
			t.Run(name+suffix, func(t *testing.T) { golden(t, name+suffix, d.print(t, string(sql), o)) })
		}
	}
}
