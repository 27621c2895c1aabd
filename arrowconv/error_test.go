package arrowconv_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/report"
)

func TestBodyOfAnotherFormat(t *testing.T) {
	deep := func(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }
	for body, want := range map[string]struct {
		reason    string
		offset    int64
		malformed bool
	}{
		"":                                       {"the response ends too early", 0, true},
		" \n ":                                   {"the response ends too early", 3, true},
		"\n<!DOCTYPE html><html>":                {"HTML or XML where JSON was expected", 1, true},
		"Service unavailable":                    {"expected a value", 0, true},
		"\ufeff{}":                               {"expected a value", 0, true},
		"null":                                   {"the response is not a JSON object", 0, false},
		"[]":                                     {"the response is not a JSON object", 0, false},
		"nil":                                    {"expected null", 1, true},
		`{}`:                                     {"the response has no rows", 0, false},
		`{"type":"x","message":"no"}`:            {"the response has no rows", 0, false},
		`{"rows":null}`:                          {"rows is not an array", 8, false},
		`{"rows":{}}`:                            {"rows is not an array", 8, false},
		`{"rows":?}`:                             {"expected a value", 8, true},
		`{"rows":[]`:                             {"the response ends too early", 10, true},
		`{"rows":[]} {}`:                         {"data after the response", 12, true},
		"{\"rows\":[]}\x00":                      {"data after the response", 11, true},
		`{"rows":[],}`:                           {"expected a name in quotes", 11, true},
		`{"rows":[],"rows":[]}`:                  {"duplicate name", 11, true},
		`{"x":1,"x":2,"rows":[]}`:                {"duplicate name", 7, true},
		`{"rows" []}`:                            {"expected a colon", 8, true},
		`{"rows":[] "total":1}`:                  {"expected a comma or }", 11, true},
		`{"rows":[],"total":"many"}`:             {"total is not a number of rows", 19, false},
		`{"rows":[],"total":-1}`:                 {"total is not a number of rows", 19, false},
		`{"rows":[],"total":1.5}`:                {"total is not a number of rows", 19, false},
		`{"rows":[],"total":[]}`:                 {"total is not a number of rows", 19, false},
		`{"rows":[],"total":01}`:                 {"expected a comma or }", 20, true},
		`{"rows":[],"total":1.}`:                 {"expected a value", 21, true},
		`{"rows":[],"total":1e}`:                 {"expected a value", 21, true},
		`{"rows":[],"total":-`:                   {"the response ends too early", 20, true},
		`{"rows":[null]}`:                        {"a row is not an object", 9, false},
		`{"rows":[7]}`:                           {"a row is not an object", 9, false},
		`{"rows":[{"id":1},]}`:                   {"expected a value", 18, true},
		`{"rows":[{"id":1} {"id":2}]}`:           {"expected a comma or ]", 18, true},
		`{"rows":[{"id":1,"id":1}]}`:             {"duplicate name", 17, true},
		`{"rows":[{"id":1,"\u0069d":1}]}`:        {"duplicate name", 17, true},
		`{"rows":[{"id":1,"x":1,"x":1}]}`:        {"duplicate name", 23, true},
		`{"rows":[{"id":1,"x":{"y":1,"y":2}}]}`:  {"duplicate name", 28, true},
		`{"rows":[{"id":1,"venue":{"id":1,"id":`: {"duplicate name", 33, true},
		`{"rows":[{"id":1,"venue":{"id"`:         {"the response ends too early", 30, true},
		`{"rows":[{"id":1,"x":{"y":[1,`:          {"the response ends too early", 29, true},
		`{"rows":[{"id":1,"x":{"y":tru`:          {"the response ends too early", 29, true},
		`{"rows":[{"id":1,"x":"\u12`:             {"the response ends too early", 26, true},
		`{"rows":[{"id":1,"x":"\`:                {"the response ends too early", 23, true},
		`{"rows":[{"id":1,"venue_id":1,"venue":{"id":1}}]}`:   {"a second name for the value of id", 39, false},
		`{"rows":[{"id":1,"venue_id":1,"venue.id":1}]}`:       {"a second name for the value of venue.id", 30, false},
		`{"rows":[{"id":1,"email":"\ud800"}]}`:                {"invalid string", 25, true},
		`{"rows":[{"id":1,"email":"\udc00\ud800"}]}`:          {"invalid string", 25, true},
		`{"rows":[{"id":1,"email":"\x"}]}`:                    {"invalid string", 25, true},
		"{\"rows\":[{\"id\":1,\"email\":\"1234567\xff\"}]}":   {"invalid UTF-8 in a string", 25, true},
		"{\"rows\":[{\"id\":1,\"email\":\"\xed\xa0\x80\"}]}":  {"invalid UTF-8 in a string", 25, true},
		"{\"rows\":[{\"id\":1,\"email\":\"\\n\xff\"}]}":       {"invalid string", 25, true},
		"{\"rows\":[{\"id\":1,\"\xff\":1}]}":                  {"invalid UTF-8 in a string", 17, true},
		"{\"rows\":[{\"id\":1,\"x\":[\"\xff\"]}]}":            {"invalid UTF-8", 23, true},
		"{\"rows\":[{\"id\":1,\"email\":\"a\x00b\"}]}":        {"control character in a string", 27, true},
		"{\"rows\":[{\"id\":1,\"email\":\"12345678901\n\"}]}": {"control character in a string", 37, true},
		`{"rows":[{"id":1,"x":` + deep(10_001) + `}]}`:        {"exceeded max depth", 10_021, true},
		`{"rows":[{"id":1,"email":[}]}`:                       {"invalid character '}' at start of value", 26, true},
	} {
		name := body[:min(len(body), 50)]
		d := newDecoder(t, fieldsOf(t, "email", "venue")...)
		var bad *arrowconv.FormatError
		require.ErrorAs(t, decodeError(t, d, body), &bad, name)
		require.Equal(t, want.reason, bad.Reason, name)
		require.Equal(t, want.offset, bad.Offset, name)
		require.Equal(t, want.malformed, bad.Malformed(), name)
		require.LessOrEqual(t, len([]rune(bad.Excerpt)), 61, name)
	}
}

// Names of no interest are looked at for duplicates however many there are, and
// whether or not earlier objects had them.
func TestManyUnknownNames(t *testing.T) {
	d := newDecoder(t, fieldsOf(t, "email")...)
	var row strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&row, `"x%d":[%d],`, i, i)
	}
	long := `"` + strings.Repeat("x", 1000) + `":1,`
	many := row.String() + long
	decode(t, d, rows(`{`+many+`"id":1},{`+many+`"email":"a","id":2}`))
	for _, twice := range []string{`"x0":1,`, `"x999":1,`, long} {
		var bad *arrowconv.FormatError
		require.ErrorAs(t, decodeError(t, d, rows(`{"id":1},{`+many+twice+`"id":2}`)), &bad)
		require.Equal(t, "duplicate name", bad.Reason)
	}
}

func TestEveryTruncationIsMalformed(t *testing.T) {
	d := newDecoder(t, report.Customers.Columns...)
	body := fullPage(2)
	for n := range len(body) {
		_, err := d.Decode(body[:n])
		var bad *arrowconv.FormatError
		require.ErrorAs(t, err, &bad)
		require.True(t, bad.Malformed())
		require.Equal(t, "the response ends too early", bad.Reason)
	}
}

func TestRowsAreBounded(t *testing.T) {
	three := rows(`{"id":1},{"id":2},{"id":3}`)
	for most, ok := range map[int]bool{0: true, -1: true, 3: true, 2: false} {
		d, err := arrowconv.NewDecoder(report.Customers, nil, arrowconv.Options{MaxRows: most})
		require.NoError(t, err)
		p, err := d.Decode([]byte(three))
		if ok {
			require.NoError(t, err)
			p.Release()
			continue
		}
		var bad *arrowconv.FormatError
		require.ErrorAs(t, err, &bad)
		require.Equal(t, "more than 2 rows", bad.Reason)
		require.False(t, bad.Malformed())
	}
}

func TestWrongValueNamesTheCulprit(t *testing.T) {
	long := strings.Repeat("ë", 100)
	columns := fieldsOf(t, "age", "created_at", "family", "active_customer_memberships")
	family, memberships := columns[2], columns[3]
	d := newDecoder(t, columns...)
	for row, want := range map[string]arrowconv.ValueError{
		`{"id":5,"age":"old"}`:                    {Column: "age", Want: "INTEGER", Text: `"old"`, ID: 5, HasID: true},
		`{"age":"old","x":{"id":4},"id":5}`:       {Column: "age", Want: "INTEGER", Text: `"old"`, ID: 5, HasID: true},
		`{"age":"old","id":"5"}`:                  {Column: "age", Want: "INTEGER", Text: `"old"`, ID: 5, HasID: true},
		`{"age":"old","id":null}`:                 {Column: "age", Want: "INTEGER", Text: `"old"`},
		`{"age":"old"}`:                           {Column: "age", Want: "INTEGER", Text: `"old"`},
		`{"age":"old","x":?`:                      {Column: "age", Want: "INTEGER", Text: `"old"`},
		`{"age":"old","id":[}`:                    {Column: "age", Want: "INTEGER", Text: `"old"`},
		`{"age":1}`:                               {Column: "id", Want: "BIGINT"},
		`{"id":null}`:                             {Column: "id", Want: "BIGINT", Text: "null"},
		`{"id":1.5}`:                              {Column: "id", Want: "BIGINT", Text: "1.5"},
		`{"id":5,"created_at":"` + long + `"}`:    {Column: "created_at", Want: "TIMESTAMP WITH TIME ZONE", Text: `"` + long[:120] + `…"`, ID: 5, HasID: true},
		`{"id":5,"created_at":"\u001b[2J\ndrop"}`: {Column: "created_at", Want: "TIMESTAMP WITH TIME ZONE", Text: "\"\ufffd[2J\ufffddrop\"", ID: 5, HasID: true},
		`{"id":5,"family":"Bee"}`: {Column: "family", Want: family.Type.SQL(),
			Text: `"Bee"`, ID: 5, HasID: true},
		`{"id":5,"family":{"managers":{"id":1}}}`:    {Column: "family.managers", Want: family.Type.Fields[3].Type.SQL(), Text: `{"id":1}`, ID: 5, HasID: true},
		`{"id":5,"family_managers":[{"id":true}]}`:   {Column: "family.managers.id", Want: "BIGINT", Text: `true`, ID: 5, HasID: true},
		`{"id":5,"family.id":"x"}`:                   {Column: "family.id", Want: "BIGINT", Text: `"x"`, ID: 5, HasID: true},
		`{"id":5,"active_customer_memberships":[7]}`: {Column: "active_customer_memberships", Want: memberships.Type.Elem.SQL(), Text: `7`, ID: 5, HasID: true},
	} {
		want.Row, want.RowName = 1, "customer"
		var bad *arrowconv.ValueError
		require.ErrorAs(t, decodeError(t, d, rows(`{"id":4},`+row)), &bad, row)
		require.Equal(t, want, *bad, row)
	}
}

func TestErrorTexts(t *testing.T) {
	d := newDecoder(t, fieldsOf(t, "age")...)
	for body, want := range map[string]string{
		rows(`{"age":"old","id":5}`): `column age of customer 5 holds "old", which is not a valid INTEGER`,
		rows(`{"age":3}`):            `column id in row 0 of the page has no value, want BIGINT`,
		"<html>\n<p>Sorry":           "HTML or XML where JSON was expected at byte 0 of the response: <html>\ufffd<p>Sorry",
		`{"rows":[`:                  `the response ends too early at byte 9 of the response`,
	} {
		require.EqualError(t, decodeError(t, d, body), want)
	}
}

// noMemory is an allocator that must not be asked.
type noMemory struct{ memory.Allocator }

func (noMemory) Allocate(int) []byte { panic("allocated") }

func TestFailureInTheMiddleAllocatesNothing(t *testing.T) {
	d, err := arrowconv.NewDecoder(report.Customers, report.Customers.Columns, arrowconv.Options{Allocator: noMemory{}})
	require.NoError(t, err)
	good := string(fullPage(50))
	for _, bad := range []string{good[:len(good)/2], strings.Replace(good, `"age":`, `"age":"x","aged":`, 1), good + "x"} {
		_, err := d.Decode([]byte(bad))
		require.Error(t, err)
	}
}

func TestDecoderIsSoundAfterAFailure(t *testing.T) {
	d := newDecoder(t, report.Customers.Columns...)
	body := string(fullPage(20))
	want := text(t, decode(t, d, body).Record())
	for n := 1; n < len(body); n += 997 {
		_, err := d.Decode([]byte(body[:n]))
		require.Error(t, err)
		p, err := d.Decode([]byte(body))
		require.NoError(t, err)
		require.Equal(t, want, text(t, p.Record()))
		p.Release()
	}
}

func TestColumnsThatCannotBe(t *testing.T) {
	varchar := report.Type{Kind: report.Varchar}
	for about, columns := range map[string][]report.Field{
		"twice":              {column("email", report.Varchar), column("email", report.Varchar)},
		"same key":           {{Name: "a", Type: varchar, Keys: []string{"x"}}, {Name: "b", Type: varchar, Keys: []string{"x"}}},
		"struct and part":    {fieldsOf(t, "venue")[0], {Name: "v", Type: varchar, Keys: []string{"venue.name"}}},
		"inside a value":     {column("venue", report.Varchar), {Name: "v", Type: varchar, Keys: []string{"venue.x"}}},
		"no kind":            {{Name: "a"}},
		"no kind in a list":  {{Name: "a", Type: report.Type{Kind: report.List, Elem: &report.Type{}}}},
		"list of nothing":    {{Name: "a", Type: report.Type{Kind: report.List}}},
		"struct of nothing":  {{Name: "a", Type: report.Type{Kind: report.Struct}}},
		"no kind in a part":  {{Name: "a", Type: report.Type{Kind: report.Struct, Fields: []report.Field{{Name: "b"}}}}},
		"parts of one name":  {{Name: "a", Type: report.Type{Kind: report.Struct, Fields: []report.Field{column("b", report.Varchar), column("b", report.Varchar)}}}},
		"id of another type": {column("id", report.Varchar)},
		"not UTF-8":          {column("\xff", report.Varchar)},
	} {
		_, err := arrowconv.NewDecoder(report.Customers, columns, arrowconv.Options{})
		require.ErrorContains(t, err, "arrowconv: ", about)
	}
}
