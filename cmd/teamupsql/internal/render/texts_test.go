package render

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2/mapping"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/internal/sqltext"
)

// texts are all values of a result as text, row by row.
func (d *database) texts(t *testing.T, sql string) [][]cell {
	result := d.query(t, sql)
	c, err := d.cast(result.Types, false)
	require.NoError(t, err)
	defer c.close()
	var rows [][]cell
	for {
		chunk, err := result.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return rows
		}
		require.NoError(t, err)
		b, err := c.text(chunk)
		require.NoError(t, err)
		for row := range b.rows {
			var r []cell
			for i := range b.cells {
				r = append(r, b.cells[i][row])
			}
			rows = append(rows, r)
		}
	}
}

// asVarchar has DuckDB cast within the statement: what the text must be.
func (d *database) asVarchar(t *testing.T, from string) [][]cell {
	names := d.query(t, "FROM "+from+" LIMIT 0").Names
	for i, name := range names {
		names[i] = "CAST(" + sqltext.QuoteName(name) + " AS VARCHAR)"
	}
	return d.texts(t, "SELECT "+strings.Join(names, ", ")+" FROM "+from)
}

func TestTextOfEveryType(t *testing.T) {
	d := openDatabase(t)
	values := []string{
		"'Infinity'::DOUBLE", "'-inf'::FLOAT", "0.1::FLOAT", "1e-7", "123456789.123456789::DECIMAL(38,9)", "-0.0",
		"'-infinity'::DATE", "'infinity'::TIMESTAMP", "DATE '0044-03-15 (BC)'", "TIMESTAMP_NS '2024-02-29 01:02:03.123456789'",
		"TIMESTAMPTZ '2024-07-01 12:00:00+02'", "TIMETZ '12:00:00+05:30'", "TIME '23:59:59.000001'",
		"INTERVAL '14 months 3 days 4.5 seconds'", "INTERVAL '-1 day'",
		`'\xAA\x00quote''d'::BLOB`, "'0101'::BITSTRING", "uuid '7a4b1a4e-0000-4000-8000-1234567890ab'",
		"170141183460469231731687303715884105727", "340282366920938463463374607431768211455::UHUGEINT",
		"'happy'::ENUM('sad', 'happy')", "MAP {'k': [1, 2], 'l': NULL}", "union_value(num := 2)",
		"{'b': 1, 'a': {'z': [{'q': 'it''s'}]}}", "row(1, 'x')", "[[1, NULL], [], NULL]", "[1, 2, 3]::INTEGER[3]",
		`'{"a": [1, null]}'::JSON`, "{'a': 1}::VARIANT", "'POINT (1 2)'::GEOMETRY", "NULL", "''", "'NULL'",
	}
	for _, v := range values {
		t.Run(v, func(t *testing.T) {
			from := "(SELECT " + v + " AS v, [" + v + "] AS list, {'f': " + v + "} AS struct)"
			assert.Equal(t, d.asVarchar(t, from), d.texts(t, "FROM "+from))
		})
	}
	assert.Equal(t, d.asVarchar(t, "test_all_types()"), d.texts(t, "FROM test_all_types()"))
}

func TestTextFollowsTheTimeZone(t *testing.T) {
	d := openDatabase(t)
	for _, zone := range []string{"America/New_York", "Asia/Kathmandu", "UTC"} {
		d.query(t, "SET TimeZone = '"+zone+"'")
		require.NoError(t, d.Follow("TimeZone", zone))
		from := "(SELECT TIMESTAMPTZ '2024-07-01 12:00:00+00' AS t)"
		assert.Equal(t, d.asVarchar(t, from), d.texts(t, "FROM "+from), zone)
	}
	assert.ErrorContains(t, d.Follow("TimeZone", "Nowhere/At_All"), "Nowhere")
}

func TestTextOfAnyNumberOfRows(t *testing.T) {
	d := openDatabase(t)
	for _, n := range []int{0, 1, 99, 2047, 2048, 2049, 10000} {
		rows := d.texts(t, fmt.Sprintf("SELECT i, CASE WHEN i %% 3 = 0 THEN NULL ELSE 'a text longer than twelve ' || i END FROM range(%d) t(i)", n))
		require.Len(t, rows, n)
		for i, row := range rows {
			require.Equal(t, fmt.Sprint(i), row[0].text)
			require.Equal(t, i%3 == 0, row[1].null)
			if !row[1].null {
				require.Equal(t, fmt.Sprintf("a text longer than twelve %d", i), row[1].text)
			}
		}
	}
}

func TestResultChunksAreNobodyElsesBusiness(t *testing.T) {
	d := openDatabase(t)
	var result mapping.Result
	defer mapping.DestroyResult(&result)
	require.Equal(t, mapping.StateError, mapping.Query(d.conn, "FROM "+chunkFunction+"(1)", &result))
	assert.Contains(t, mapping.ResultError(&result), "own use")
}

func TestRenderStopsAtErrors(t *testing.T) {
	d := openDatabase(t)
	bad := errors.New("page 2: TeamUp said no")
	for _, m := range []Mode{DuckBox, CSV, JSON, Trash} {
		r := d.query(t, "FROM range(10)")
		calls := 0
		next := r.Next
		r.Next = func(ctx context.Context) (mapping.DataChunk, error) {
			if calls++; calls > 1 {
				return mapping.DataChunk{}, bad
			}
			return next(ctx)
		}
		assert.ErrorIs(t, Render(context.Background(), io.Discard, d.Texts, r, inMode(m)), bad, m)

		var out strings.Builder
		r.Next = func(context.Context) (mapping.DataChunk, error) { return mapping.DataChunk{}, bad }
		assert.ErrorIs(t, Render(context.Background(), &out, d.Texts, r, inMode(m)), bad, m)
		assert.Empty(t, out.String(), "a statement that fails prints nothing")
	}
}

type brokenPipe struct{ left int }

func (w *brokenPipe) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

func TestRenderStopsWhenNobodyReads(t *testing.T) {
	d := openDatabase(t)
	r := d.query(t, "FROM range(100000)")
	chunks, next := 0, r.Next
	r.Next = func(ctx context.Context) (mapping.DataChunk, error) { chunks++; return next(ctx) }
	err := Render(context.Background(), &brokenPipe{left: 20000}, d.Texts, r, inMode(CSV))
	assert.ErrorIs(t, err, io.ErrClosedPipe)
	assert.Less(t, chunks, 10)
}

func BenchmarkCSV(b *testing.B) {
	d := openDatabase(b)
	const rows = 100_000
	for b.Loop() {
		r := d.query(b, fmt.Sprintf("SELECT i, 'name ' || i, i / 3, TIMESTAMPTZ '2024-01-01' + INTERVAL (i) MINUTE, {'a': i} FROM range(%d) t(i)", rows))
		require.NoError(b, Render(context.Background(), io.Discard, d.Texts, r, inMode(CSV)))
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}
