package arrowconv_test

import (
	"encoding/json"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/report"
)

// newDecoder makes a decoder whose memory is all given back by the test's end.
func newDecoder(t testing.TB, columns ...report.Field) *arrowconv.Decoder {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	t.Cleanup(func() { mem.AssertSize(t, 0) })
	d, err := arrowconv.NewDecoder(report.Customers, columns, arrowconv.Options{Allocator: mem})
	require.NoError(t, err)
	return d
}

// newOptionalDecoder makes one whose columns may be absent.
func newOptionalDecoder(t testing.TB, columns ...report.Field) *arrowconv.Decoder {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	t.Cleanup(func() { mem.AssertSize(t, 0) })
	d, err := arrowconv.NewDecoder(report.Customers, columns, arrowconv.Options{Allocator: mem, Requested: []string{}})
	require.NoError(t, err)
	return d
}

// decode decodes a body that is right; the page lives as long as the test.
func decode(t testing.TB, d *arrowconv.Decoder, body string) *arrowconv.Page {
	t.Helper()
	p, err := d.Decode([]byte(body))
	require.NoError(t, err)
	t.Cleanup(p.Release)
	return p
}

// decodeError decodes a body that is wrong.
func decodeError(t testing.TB, d *arrowconv.Decoder, body string) error {
	t.Helper()
	p, err := d.Decode([]byte(body))
	require.Nil(t, p)
	require.Error(t, err)
	return err
}

// text is a batch as a JSON array of rows.
func text(t testing.TB, batch arrow.RecordBatch) string {
	t.Helper()
	out, err := json.Marshal(batch)
	require.NoError(t, err)
	return string(out)
}

// rows is an answer that holds the rows.
func rows(list string) string { return `{"total":1,"rows":[` + list + `]}` }

func fieldsOf(t testing.TB, names ...string) []report.Field {
	t.Helper()
	fields := make([]report.Field, len(names))
	for i, n := range names {
		f, ok := report.Customers.Column(n)
		require.True(t, ok, n)
		fields[i] = f
	}
	return fields
}

// pruned is a struct column with only these parts.
func pruned(t testing.TB, column string, parts ...string) report.Field {
	t.Helper()
	f := fieldsOf(t, column)[0]
	var kept []report.Field
	for _, p := range f.Type.Fields {
		for _, name := range parts {
			if p.Name == name {
				kept = append(kept, p)
			}
		}
	}
	require.Len(t, kept, len(parts))
	f.Type.Fields = kept
	return f
}

func column(name string, kind report.Kind) report.Field {
	return report.Field{Name: name, Type: report.Type{Kind: kind}}
}
