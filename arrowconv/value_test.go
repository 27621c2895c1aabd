package arrowconv_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/report"
)

// wrong stands in the table below for a ValueError.
const wrong = "wrong"

func TestValues(t *testing.T) {
	for kind, cases := range map[report.Kind]map[string]string{
		report.Boolean: {
			`true`: `true`, `false`: `false`, `"true"`: `true`, `"false"`: `false`, `null`: `null`,
			`1`: wrong, `"yes"`: wrong, `""`: wrong, `[]`: wrong, `{}`: wrong, `"True"`: wrong,
		},
		report.Integer: {
			`0`: `0`, `-0`: `0`, `12`: `12`, `"12"`: `12`, `12.0`: `12`, `12.000e0`: `12`, `1.2e1`: `12`, `"1200E-2"`: `12`,
			`2147483647`: `2147483647`, `-2147483648`: `-2147483648`, `null`: `null`, `0e999999999999`: `0`,
			`2147483648`: wrong, `-2147483649`: wrong, `12.5`: wrong, `1e-1`: wrong, `"twelve"`: wrong, `""`: wrong, `" 12"`: wrong, `"012"`: wrong,
			`"+12"`: wrong, `"12 "`: wrong, `"0x12"`: wrong, `true`: wrong, `[12]`: wrong, `1e10`: wrong, `1e999999999999`: wrong, `1e-999999999999`: wrong,
		},
		report.BigInt: {
			`9223372036854775807`: `9223372036854775807`, `-9223372036854775808`: `-9223372036854775808`, `1e18`: `1000000000000000000`,
			`100000000000000000000000000000e-28`: `10`, `1.00000000000000000000000000000000000000`: `1`,
			`9223372036854775808`: wrong, `-9223372036854775809`: wrong, `18446744073709551616`: wrong, `99999999999999999999999`: wrong, `1e19`: wrong,
			`18446744073709551617e-1`: wrong,
		},
		report.Decimal: {
			`0`: `"0"`, `45`: `"45"`, `45.5`: `"45.5"`, `"45.50"`: `"45.5"`, `4.55e1`: `"45.5"`, `-0.0001`: `"-0.0001"`, `0.1`: `"0.1"`, `455E-1`: `"45.5"`,
			`99999999999999.9999`: `"99999999999999.9999"`, `-99999999999999.9999`: `"-99999999999999.9999"`, `1.230000000000000000000`: `"1.23"`,
			`0.00000000000000000000000000000000001e35`: `"1"`, `1e13`: `"10000000000000"`,
			`100000000000000`: wrong, `-100000000000000`: wrong, `0.00001`: wrong, `1.00005`: wrong, `1e15`: wrong, `1e300`: wrong, `"£45"`: wrong, `""`: wrong, `"NaN"`: wrong,
		},
		report.Varchar: {
			`"x"`: `"x"`, `""`: `""`, `12`: `"12"`, `1.50e3`: `"1.50e3"`, `true`: `"true"`, `false`: `"false"`, `null`: `null`, `"null"`: `"null"`,
			`"\u00e9\n\"\\\/"`: `"é\n\"\\/"`, `"\ud83d\ude00"`: `"😀"`, `"😀 Zoë 李伟"`: `"😀 Zoë 李伟"`, `"a\u0000b"`: `"a\u0000b"`,
			`"1234567"`: `"1234567"`, `"12345678"`: `"12345678"`, `"1234567\t"`: `"1234567\t"`, `"1234567ë"`: `"1234567ë"`, `"12345678ë9"`: `"12345678ë9"`,
			`{}`: wrong, `["x"]`: wrong,
		},
		report.Double: {
			`0`: `0`, `12`: `12`, `1.5`: `1.5`, `"1.5"`: `1.5`, `-2.5e-3`: `-0.0025`, `9007199254740991`: `9007199254740991`, `1e300`: `1e+300`, `0.1`: `0.1`, `null`: `null`,
			`9007199254740992`: wrong, `9007199254740993`: wrong, `1234567890123456789012345`: wrong, `1e999`: wrong, `true`: wrong, `"x"`: wrong, `""`: wrong, `"NaN"`: wrong, `[1]`: wrong,
		},
		report.AnyText: {
			`"x"`: `"x"`, `12`: `"12"`, `true`: `"true"`, `null`: `null`, `{"a": [1, "ë"]}`: `"{\"a\": [1, \"ë\"]}"`, `[]`: `"[]"`, `["x"]`: `"[\"x\"]"`,
		},
		report.DateKind: {
			`"2026-01-31"`: `"2026-01-31"`, `"2024-02-29"`: `"2024-02-29"`, `"2000-02-29"`: `"2000-02-29"`, `"0001-01-01"`: `"0001-01-01"`, `"9999-12-31"`: `"9999-12-31"`,
			`"1969-12-31"`: `"1969-12-31"`, `"1990-02-28T00:00:00Z"`: `"1990-02-28"`, `"1990-02-28 00:00:00.000+02:00"`: `"1990-02-28"`,
			`"0000-00-00"`: wrong, `"2026-02-29"`: wrong, `"1900-02-29"`: wrong, `"2026-13-01"`: wrong, `"2026-00-01"`: wrong, `"2026-04-31"`: wrong, `"2026-01-00"`: wrong,
			`"31/01/2026"`: wrong, `"2026-1-31"`: wrong, `""`: wrong, `20260131`: wrong, `"1990-02-28T00:00:01Z"`: wrong, `"2026-01-31x"`: wrong,
		},
		report.TimestampTZ: {
			`"2026-01-31T18:30:00Z"`: `"2026-01-31T18:30:00Z"`, `"2026-01-31T18:30:00.123456Z"`: `"2026-01-31T18:30:00.123456Z"`, `"2026-01-31t18:30:00z"`: `"2026-01-31T18:30:00Z"`,
			`"2026-01-31 18:30:00"`: `"2026-01-31T18:30:00Z"`, `"2026-01-31T18:30"`: `"2026-01-31T18:30:00Z"`, `"2026-01-31"`: `"2026-01-31T00:00:00Z"`,
			`"2026-01-31T18:30:00+02:00"`: `"2026-01-31T16:30:00Z"`, `"2026-01-31T18:30:00-0530"`: `"2026-02-01T00:00:00Z"`, `"2026-01-31T18:30:00+14"`: `"2026-01-31T04:30:00Z"`,
			`"2026-01-31T18:30:00.1Z"`: `"2026-01-31T18:30:00.1Z"`, `"2026-01-31T18:30:00.123456789+00:00"`: `"2026-01-31T18:30:00.123456Z"`, `"1969-12-31T23:59:59.9999999Z"`: `"1969-12-31T23:59:59.999999Z"`,
			`"0000-00-00 00:00:00"`: wrong, `"2026-01-31T24:00:00Z"`: wrong, `"2026-01-31T18:60:00Z"`: wrong, `"2026-01-31T23:59:60Z"`: wrong, `"2026-01-31T18:30:00+24:00"`: wrong,
			`"2026-01-31T18:30:00.Z"`: wrong, `"2026-01-31T18:30:00+2:00"`: wrong, `"2026-01-31T"`: wrong, `"2026-01-31T18"`: wrong, `"2026-01-31T18:3"`: wrong, `"2026-01-31T18:30:0"`: wrong,
			`"2026-01-31T18:30:00ZZ"`: wrong, `"2026-01-31T18:30:00+02:0"`: wrong, `"2026-01-31T18:30:00+02:000"`: wrong, `"2026-01-31_18:30:00"`: wrong, `1769884200`: wrong, `"now"`: wrong, `"2026-01-31T18:30:00+0a:00"`: wrong,
		},
	} {
		sql := report.Type{Kind: kind}.SQL()
		t.Run(sql, func(t *testing.T) {
			d := newDecoder(t, column("c", kind))
			for value, want := range cases {
				body := rows(`{"id":7,"c":` + value + `}`)
				if want == wrong {
					var bad *arrowconv.ValueError
					require.ErrorAs(t, decodeError(t, d, body), &bad, value)
					require.Equal(t, arrowconv.ValueError{Column: "c", Want: sql, Text: value, RowName: "customer", ID: 7, HasID: true}, *bad)
					continue
				}
				require.Equal(t, `[{"c":`+want+`}]`, strings.TrimSpace(text(t, decode(t, d, body).Record())), value)
			}
		})
	}
}

func TestMissingIsNull(t *testing.T) {
	list, err := json.Marshal(headers())
	require.NoError(t, err)
	body := `{"column_headers":` + string(list) + `,"rows":[{"id":1},{"id":2,"nothing":"known"}]}`
	batch := decode(t, newDecoder(t, report.Customers.Columns...), body).Record()
	for i, c := range batch.Columns() {
		if batch.ColumnName(i) != "id" {
			require.Equal(t, 2, c.NullN(), batch.ColumnName(i))
		}
	}
}

func TestShapes(t *testing.T) {
	family, venue := fieldsOf(t, "family")[0], fieldsOf(t, "venue")[0]
	deep := report.Field{Name: "a", Type: report.Type{Kind: report.Struct, Fields: []report.Field{
		{Name: "b", Type: report.Type{Kind: report.Struct, Fields: []report.Field{column("c", report.Varchar)}}},
	}}}
	texts := report.Field{Name: "tags", Type: report.Type{Kind: report.List, Elem: &report.Type{Kind: report.Varchar}}}
	custom := report.Field{Name: "shoe size", Keys: []string{"custom.12"}, Type: report.Type{Kind: report.Varchar}}
	other := report.Field{Name: "locker", Keys: []string{"custom.13"}, Type: report.Type{Kind: report.Varchar}}
	for _, c := range []struct {
		about  string
		column report.Field
		row    string
		want   string
	}{
		{"nested", venue, `"venue":{"id":1,"name":"Hall"}`, `{"id":1,"name":"Hall"}`},
		{"unknown part, other order", venue, `"venue":{"name":"Hall","x":[{}],"id":1}`, `{"id":1,"name":"Hall"}`},
		{"empty", venue, `"venue":{}`, `{"id":null,"name":null}`},
		{"null", venue, `"venue":null`, `null`},
		{"flattened", venue, `"venue.id":1,"venue.name":"Hall"`, `{"id":1,"name":"Hall"}`},
		{"alias", venue, `"venue_id":1`, `{"id":1,"name":null}`},
		{"flattened nulls", venue, `"venue.id":null,"venue_name":null`, `null`},
		{"null and flattened", venue, `"venue":null,"venue_name":"Hall"`, `{"id":null,"name":"Hall"}`},
		{"misspelt alias", fieldsOf(t, "referring_member")[0], `"referrering_member_name":"Jo"`, `{"id":null,"name":"Jo"}`},
		{"without documented keys", fieldsOf(t, "account_credit_balance")[0], `"account_credit_balance.string":"£4"`,
			`{"currency_symbol":null,"currency_symbol_position":null,"decimal":null,"iso_currency_code":null,"string":"£4"}`},
		{"list in a struct", family, `"family":{"managers":[{"id":1},null,{"id":2,"name":"Bo"}]}`, `{"id":null,"managers":[{"id":1,"name":null},null,{"id":2,"name":"Bo"}],"name":null,"role":null}`},
		{"list flattened", pruned(t, "family", "managers"), `"family_managers":[]`, `{"managers":[]}`},
		{"list null flattened", pruned(t, "family", "managers"), `"family_managers":null`, `null`},
		{"pruned", pruned(t, "family", "name"), `"family":{"id":"no number, not wanted","name":"Bee"}`, `{"name":"Bee"}`},
		{"pruned, alias", pruned(t, "family", "name"), `"family_id":1,"family_name":"Bee"`, `{"name":"Bee"}`},
		{"list of structs", fieldsOf(t, "active_customer_memberships")[0], `"active_customer_memberships":[{"id":1,"membership":{"name":"Gold","id":2}},{"membership":null},{"id":3,"membership.id":4}]`,
			`[{"id":1,"membership":{"id":2,"name":"Gold"}},{"id":null,"membership":null},{"id":3,"membership":{"id":4,"name":null}}]`},
		{"list of texts", texts, `"tags":["a",null,1]`, `["a",null,"1"]`},
		{"struct in a struct", deep, `"a":{"b":{"c":"x"}}`, `{"b":{"c":"x"}}`},
		{"struct in a struct, half flattened", deep, `"a.b":{"c":"x"}`, `{"b":{"c":"x"}}`},
		{"struct in a struct, half flattened inside", deep, `"a":{"b.c":"x"}`, `{"b":{"c":"x"}}`},
		{"struct in a struct, flattened", deep, `"a.b.c":"x"`, `{"b":{"c":"x"}}`},
		{"custom field by key", custom, `"custom.12":"44"`, `"44"`},
		{"custom field nested", custom, `"custom":{"11":{},"12":"44"}`, `"44"`},
		{"custom field by name", custom, `"shoe size":44`, `"44"`},
		{"custom field of no object", custom, `"custom":"none"`, `null`},
		{"names with escapes", venue, `"v\u0065nue":{"\u0069d":1}`, `{"id":1,"name":null}`},
		{"white space", venue, " \n\t\r\"venue\" : { \"id\" : 1 , \"name\" : \"Hall\" } ", `{"id":1,"name":"Hall"}`},
	} {
		t.Run(c.about, func(t *testing.T) {
			d := newOptionalDecoder(t, c.column, other)
			p := decode(t, d, rows(`{"id":1,`+c.row+`},{"id":2},{`+c.row+`,"id":3}`))
			value := text(t, p.Record())
			one := `"` + c.column.Name + `":` + c.want
			if c.column.Name < other.Name {
				require.Equal(t, `[{`+one+`,"locker":null},{"`+c.column.Name+`":null,"locker":null},{`+one+`,"locker":null}]`, strings.TrimSpace(value))
			} else {
				require.Equal(t, `[{"locker":null,`+one+`},{"locker":null,"`+c.column.Name+`":null},{"locker":null,`+one+`}]`, strings.TrimSpace(value))
			}
			require.Equal(t, []int64{1, 2, 3}, p.IDs())
		})
	}
}
