package arrowconv_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/report"
)

func BenchmarkDecode(b *testing.B) {
	full, narrow := fullPage(100), narrowPage(100)
	four := fieldsOf(b, "id", "email", "is_active", "created_at")
	for _, c := range []struct {
		name    string
		body    []byte
		columns []report.Field
	}{
		{"41-of-41", full, report.Columns()},
		{"4-of-4", narrow, four},
		{"4-of-41", full, four},
		{"0-of-41", full, nil},
	} {
		b.Run(c.name, func(b *testing.B) {
			d, err := arrowconv.NewDecoder(c.columns, arrowconv.Options{})
			require.NoError(b, err)
			b.SetBytes(int64(len(c.body)))
			b.ReportAllocs()
			for b.Loop() {
				page, err := d.Decode(c.body)
				if err != nil {
					b.Fatal(err)
				}
				page.Release()
			}
		})
	}
}

// BenchmarkBaseline is the same page through encoding/json: the usual ways, before
// anything is made into columns.
func BenchmarkBaseline(b *testing.B) {
	type ref struct {
		ID   *int64
		Name *string
	}
	type membership struct {
		ID         *int64
		Membership ref
	}
	type money struct {
		Decimal                json.Number
		String                 string
		ISOCurrencyCode        string `json:"iso_currency_code"`
		CurrencySymbol         string `json:"currency_symbol"`
		CurrencySymbolPosition string `json:"currency_symbol_position"`
	}
	_ = money{}
	body := fullPage(100)
	for name, into := range map[string]func() any{
		"maps": func() any { return new(map[string]any) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if err := json.Unmarshal(body, into()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
