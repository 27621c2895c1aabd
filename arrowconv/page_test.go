package arrowconv_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/cdata"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The interface that the pages' consumer wants, with its type parameter filled in.
var _ interface {
	Total() (total int64, known bool)
	IDs() []int64
	Slice(from, to int) *arrowconv.Page
	Release()
} = (*arrowconv.Page)(nil)

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestSchemaOfTheReport(t *testing.T) {
	var lines strings.Builder
	schema := arrowconv.Schema(report.Customers.Columns)
	require.True(t, schema.Equal(newDecoder(t, report.Customers.Columns...).Schema()))
	for _, f := range schema.Fields() {
		require.True(t, f.Nullable)
		doc, ok := f.Metadata.GetValue(arrowconv.MetadataComment)
		require.True(t, ok, f.Name)
		fmt.Fprintf(&lines, "%s %s -- %s\n", f.Name, plain(f.Type), doc)
	}
	golden(t, "testdata/schema.golden", lines.String())
}

// plain writes a type without the metadata of its fields.
func plain(t arrow.DataType) string {
	switch t := t.(type) {
	case *arrow.StructType:
		var parts []string
		for _, f := range t.Fields() {
			parts = append(parts, f.Name+" "+plain(f.Type))
		}
		return "struct<" + strings.Join(parts, ", ") + ">"
	case *arrow.ListType:
		return "list<" + plain(t.Elem()) + ">"
	}
	return t.String()
}

// The example of the vendor's documentation, with times where it has "string".
func TestDocumentedExample(t *testing.T) {
	body, err := os.ReadFile("testdata/documented.json")
	require.NoError(t, err)
	p := decode(t, newDecoder(t, report.Customers.Columns...), string(body))
	total, known := p.Total()
	require.True(t, known)
	require.Zero(t, total)
	require.Equal(t, []int64{0}, p.IDs())
	indented, err := json.MarshalIndent(json.RawMessage(text(t, p.Record())), "", "  ")
	require.NoError(t, err)
	golden(t, "testdata/documented.golden", string(indented)+"\n")

	headers, err := p.Headers()
	require.NoError(t, err)
	require.Equal(t, []arrowconv.Header{{Label: "Customer ID", Key: "customer.id", Sortable: true, HoldsCustomerID: true,
		Sorted: &arrowconv.Sorted{Order: "desc"}, Required: true}}, headers)
}

// What encoding/json finds in a page is what the batch holds.
func TestPageEqualsItsJSON(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 99, 100, 101, 2047, 2048, 2049} {
		body, columns := fullPage(n), report.Customers.Columns
		if n > 101 {
			body, columns = narrowPage(n), fieldsOf(t, "id", "email", "is_active", "created_at")
		}
		p := decode(t, newDecoder(t, columns...), string(body))
		require.EqualValues(t, n, p.Record().NumRows())
		require.Len(t, p.IDs(), n)
		var want struct{ Rows []any }
		plainDecimals := json.NewDecoder(strings.NewReader(string(body)))
		plainDecimals.UseNumber()
		require.NoError(t, plainDecimals.Decode(&want))
		var got []any
		numbers := json.NewDecoder(strings.NewReader(text(t, p.Record())))
		numbers.UseNumber()
		require.NoError(t, numbers.Decode(&got))
		for i := range n {
			row := want.Rows[i].(map[string]any)
			for _, money := range []string{"account_credit_balance", "last_payment_amount"} {
				if m, ok := row[money].(map[string]any); ok {
					m["decimal"] = strings.TrimSuffix(strings.TrimRight(string(m["decimal"].(json.Number)), "0"), ".")
				}
			}
			require.Equal(t, row, got[i])
		}
	}
}

func TestTotal(t *testing.T) {
	d := newDecoder(t)
	for body, want := range map[string]struct {
		total int64
		known bool
	}{
		`{"total":5,"rows":[]}`:                         {5, true},
		`{"rows":[{"id":1}],"x":{"total":1},"total":0}`: {0, true},
		`{"total":"5","rows":[]}`:                       {5, true},
		`{"total":5.0,"rows":[]}`:                       {5, true},
		`{"total":null,"rows":[]}`:                      {0, false},
		`{"rows":[]}`:                                   {0, false},
	} {
		total, known := decode(t, d, body).Total()
		require.Equal(t, want.total, total, body)
		require.Equal(t, want.known, known, body)
	}
}

func TestIDsComeWithoutBeingAColumn(t *testing.T) {
	body := rows(`{"email":"a","id":3},{"id":"9007199254740993"},{"id":-1}`)
	for _, columns := range [][]report.Field{nil, fieldsOf(t, "email"), fieldsOf(t, "email", "id")} {
		p := decode(t, newDecoder(t, columns...), body)
		require.Equal(t, []int64{3, 9007199254740993, -1}, p.IDs())
		require.EqualValues(t, 3, p.Record().NumRows())
		require.EqualValues(t, len(columns), p.Record().NumCols())
	}
}

func TestHeadersOfAnotherShape(t *testing.T) {
	d := newDecoder(t)
	none, err := decode(t, d, `{"rows":[]}`).Headers()
	require.NoError(t, err)
	require.Empty(t, none)
	_, err = decode(t, d, `{"rows":[],"column_headers":{"key":"id"}}`).Headers()
	var bad *arrowconv.FormatError
	require.ErrorAs(t, err, &bad)
	require.False(t, bad.Malformed())
}

func TestReleaseMayBeRepeated(t *testing.T) {
	p := decode(t, newDecoder(t, report.Customers.Columns...), string(fullPage(3)))
	batch := p.Record()
	batch.Retain()
	p.Release()
	p.Release()
	require.Nil(t, p.Record())
	require.Equal(t, []int64{1, 2, 3}, p.IDs())
	require.Contains(t, text(t, batch), "customer3@example.com")
	batch.Release()
}

func TestSliceIsAPageOfItsOwn(t *testing.T) {
	const n = 20
	p := decode(t, newDecoder(t, report.Customers.Columns...), string(fullPage(n)))
	var whole []json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(text(t, p.Record())), &whole))
	for from := range n + 1 {
		for to := from; to <= n; to++ {
			s := p.Slice(from, to)
			again := s.Slice(0, to-from)
			s.Release()
			want, err := json.Marshal(whole[from:to])
			require.NoError(t, err)
			require.JSONEq(t, string(want), text(t, again.Record()))
			require.Len(t, again.IDs(), to-from)
			total, _ := again.Total()
			require.EqualValues(t, 50_000, total)
			again.Release()
		}
	}
	require.Panics(t, func() { p.Slice(1, n+1) })
	require.Panics(t, func() { p.Slice(2, 1) })
	require.Panics(t, func() { p.Slice(-1, 1) })
	p.Release()
	require.Panics(t, func() { p.Slice(0, 0) })
}

// The other side of the C interface has to see the slice, not its neighbours, as
// arrow-go's own export of the batch shows it and as the page's.
func TestSliceSurvivesExport(t *testing.T) {
	before := arrowconv.AllocatedBytes()
	for _, columns := range [][]report.Field{report.Customers.Columns, nil} {
		d, err := arrowconv.NewDecoder(report.Customers, columns, arrowconv.Options{})
		require.NoError(t, err)
		for _, rows := range []int{0, 1, 20, 150} {
			p, err := d.Decode(fullPage(rows))
			require.NoError(t, err)
			for from := 0; from <= rows; from += 1 + rows/13 {
				for to := from; to <= rows; to += 1 + rows/7 {
					wide := p.Slice(from, rows)
					s := wide.Slice(0, to-from)
					wide.Release()
					for _, back := range []arrow.RecordBatch{throughArrow(t, s), exported(t, s)} {
						require.True(t, array.RecordEqual(s.Record(), back))
						require.JSONEq(t, text(t, s.Record()), text(t, back))
						back.Release()
					}
					s.Release()
				}
			}
			p.Release()
		}
	}
	require.Equal(t, before, arrowconv.AllocatedBytes())
}

// throughArrow hands the batch out and in again.
func throughArrow(t *testing.T, p *arrowconv.Page) arrow.RecordBatch {
	var carray cdata.CArrowArray
	var cschema cdata.CArrowSchema
	cdata.ExportArrowRecordBatch(p.Record(), &carray, &cschema)
	back, err := cdata.ImportCRecordBatch(&carray, &cschema)
	require.NoError(t, err)
	return back
}

// exported hands the page out and takes it in as a batch.
func exported(t *testing.T, p *arrowconv.Page) arrow.RecordBatch {
	var carray cdata.CArrowArray
	p.Export(unsafe.Pointer(&carray))
	back, err := cdata.ImportCRecordBatchWithSchema(&carray, p.Record().Schema())
	require.NoError(t, err)
	return back
}

// What is exported outlives its page, and gives all back when it is released.
func TestExportOutlivesThePage(t *testing.T) {
	before := arrowconv.AllocatedBytes()
	d, err := arrowconv.NewDecoder(report.Customers, report.Customers.Columns, arrowconv.Options{})
	require.NoError(t, err)
	p, err := d.Decode(fullPage(10))
	require.NoError(t, err)
	want := text(t, p.Record())
	back := exported(t, p)
	p.Release()
	require.Panics(t, func() { exported(t, p) })
	other, err := d.Decode(fullPage(10)) // which would take the same memory again
	require.NoError(t, err)
	defer other.Release()
	held := arrowconv.AllocatedBytes()
	require.JSONEq(t, want, text(t, back))
	back.Release()
	require.Equal(t, held-before, 2*(held-arrowconv.AllocatedBytes()))

	var unread cdata.CArrowArray
	other.Export(unsafe.Pointer(&unread))
	cdata.ReleaseCArrowArray(&unread)
	other.Release()
	require.Equal(t, before, arrowconv.AllocatedBytes())
}

// A page costs a handful of allocations, however many rows and columns it has.
func TestAllocationsDoNotGrowWithRows(t *testing.T) {
	for _, columns := range [][]report.Field{report.Customers.Columns, fieldsOf(t, "id", "email")} {
		d, err := arrowconv.NewDecoder(report.Customers, columns, arrowconv.Options{})
		require.NoError(t, err)
		var unread cdata.CArrowArray
		body := fullPage(100)
		least := math.Inf(1) // a pool may be emptied in between
		for range 20 {
			least = min(least, testing.AllocsPerRun(1, func() {
				p, err := d.Decode(body)
				if err != nil {
					t.Fatal(err)
				}
				rest := p.Slice(1, 100)
				p.Release()
				rest.Export(unsafe.Pointer(&unread))
				rest.Release()
				cdata.ReleaseCArrowArray(&unread)
			}))
		}
		require.Less(t, least, 20.0)
	}
}

func TestSeveralFetchersShareADecoder(t *testing.T) {
	d := newDecoder(t, report.Customers.Columns...)
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			body := fullPage(n)
			for range 20 {
				p, err := d.Decode(body)
				if err != nil || p.Record().NumRows() != int64(n) {
					t.Errorf("%d rows: %v", n, err)
					return
				}
				p.Release()
				if _, err := d.Decode(body[:len(body)/2]); err == nil {
					t.Error("half a page was taken")
				}
			}
		})
	}
	group.Wait()
}
