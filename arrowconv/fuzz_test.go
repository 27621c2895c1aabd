package arrowconv_test

import (
	"errors"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/report"
)

// FuzzDecode holds the decoder to what jsontext says about the same bytes: what
// is taken is JSON, and what is called malformed is not. Errors are of the
// documented types, and no memory is left. Short hand-made bodies are in testdata.
func FuzzDecode(f *testing.F) {
	f.Add(fullPage(2))
	f.Add(narrowPage(3))
	columns := append(report.Customers.Columns, report.Field{Name: "shoe size", Keys: []string{"custom.12"}, Type: report.Type{Kind: report.Varchar}})
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	d, err := arrowconv.NewDecoder(report.Customers, columns, arrowconv.Options{Allocator: mem})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		defer mem.AssertSize(t, 0)
		p, err := d.Decode(body)
		valid := jsontext.Value(body).IsValid()
		var format *arrowconv.FormatError
		var value *arrowconv.ValueError
		var missing *arrowconv.MissingColumnsError
		switch {
		case err == nil:
			defer p.Release()
			if !valid {
				t.Error("took what is no JSON")
			}
			if int(p.Record().NumRows()) != len(p.IDs()) {
				t.Error("not one id for each row")
			}
			p.Slice(len(p.IDs())/2, len(p.IDs())).Release()
		case errors.As(err, &format):
			if format.Malformed() && valid {
				t.Errorf("called JSON malformed: %v", err)
			}
			if format.Offset < 0 || format.Offset > int64(len(body)) {
				t.Errorf("offset %d of %d", format.Offset, len(body))
			}
		case errors.As(err, &missing):
			if !valid {
				t.Error("took what is no JSON")
			}
		case !errors.As(err, &value):
			t.Errorf("error of another type: %v", err)
		}
	})
}

// FuzzValue takes every text for every type: it is right or a ValueError.
func FuzzValue(f *testing.F) {
	var decoders []*arrowconv.Decoder
	for _, kind := range []report.Kind{report.Boolean, report.Integer, report.BigInt, report.Decimal, report.Varchar, report.DateKind, report.TimestampTZ} {
		d, err := arrowconv.NewDecoder(report.Customers, []report.Field{column("c", kind)}, arrowconv.Options{Allocator: memory.DefaultAllocator})
		if err != nil {
			f.Fatal(err)
		}
		decoders = append(decoders, d)
	}
	f.Fuzz(func(t *testing.T, value string) {
		quoted, err := jsontext.AppendQuote(nil, value)
		if err != nil {
			t.Skip("not UTF-8")
		}
		bodies := []string{rows(`{"id":1,"c":` + string(quoted) + `}`)}
		if jsontext.Value(value).IsValid() {
			bodies = append(bodies, rows(`{"id":1,"c":`+value+`}`))
		}
		for _, body := range bodies {
			for _, d := range decoders {
				p, err := d.Decode([]byte(body))
				if bad := (*arrowconv.ValueError)(nil); err != nil && !errors.As(err, &bad) {
					t.Errorf("%s: %v", body, err)
				}
				if err == nil {
					p.Release()
				}
			}
		}
	})
}
