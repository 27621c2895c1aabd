package arrowconv_test

import (
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/report"
)

// contractCase is an answer to a request for keys: its headers' keys, its rows, and
// the keys that it lacks. Lists are separated by blanks.
type contractCase struct {
	requested string // "" for all columns of the decoder
	headers   string // "-" for none
	rows      string
	missing   string
}

// flat are the columns of the cases without a struct.
var flatCases = map[string]contractCase{
	"all in the rows":             {"", "-", `{"id":1,"email":"a","is_active":true}`, ""},
	"null in the rows":            {"", "-", `{"id":1,"email":null,"is_active":null}`, ""},
	"each in some row":            {"", "-", `{"id":1,"email":"a"},{"id":2,"is_active":null}`, ""},
	"in the headers":              {"", "id email is_active", `{"id":1},{"id":2}`, ""},
	"one each way":                {"", "id email", `{"id":1,"is_active":false}`, ""},
	"id alone":                    {"", "id", `{"id":1},{"id":2}`, "email is_active"},
	"id alone without headers":    {"", "-", `{"id":1}`, "email is_active"},
	"a name with an escape":       {"", "id is_active", `{"id":1,"e\u006dail":"a"}`, ""},
	"another name":                {"", "id e_mail is_active", `{"id":1,"e_mail":"a","is_active":true}`, "email"},
	"inside of another column":    {"", "id is_active", `{"id":1,"is_active":true,"x":{"email":"a"}}`, "email"},
	"no rows":                     {"", "-", ``, ""},
	"no rows, other headers":      {"", "customer.id", ``, ""},
	"not requested":               {"id is_active", "id is_active", `{"id":1,"is_active":true}`, ""},
	"requested is another":        {"id full_name is_active", "id", `{"id":1}`, "is_active"},
	"a custom field's key":        {"custom.12", "id custom.12", `{"id":1}`, ""},
	"a custom field nested":       {"custom.12", "-", `{"id":1,"custom":{"12":"a"}}`, ""},
	"a custom field flattened":    {"custom.12", "-", `{"id":1,"custom.12":"a"}`, ""},
	"a custom field is gone":      {"custom.12", "id custom.13", `{"id":1,"custom":{"13":"a"}}`, "custom.12"},
	"a custom field of no object": {"custom.12", "id", `{"id":1,"custom":null}`, "custom.12"},
}

var structCases = map[string]contractCase{
	"whole":                          {"family", "id family", `{"id":1,"family":{"id":1,"name":"Bee"}}`, ""},
	"whole without headers":          {"family", "-", `{"id":1,"family":{"id":1}}`, ""},
	"whole is NULL":                  {"family", "-", `{"id":1,"family":null}`, ""},
	"whole in the headers":           {"family", "id family", `{"id":1}`, ""},
	"whole is missing":               {"family", "id", `{"id":1}`, "family"},
	"whole flattened":                {"family", "-", `{"id":1,"family.id":1,"family_name":"Bee","family.role":null,"family_managers":[]}`, ""},
	"whole flattened, in headers":    {"family", "id family.id family.name family_role family.managers", `{"id":1}`, ""},
	"whole flattened, one is not":    {"family", "id family.id family.name family.role", `{"id":1,"family.id":1}`, "family.managers"},
	"flattened rows lack a part":     {"family", "-", `{"id":1,"family.id":1,"family.name":"Bee","family.role":null}`, "family.managers"},
	"all columns, but one has parts": {"", "id family.id family.name", `{"id":1,"family":{"id":1,"name":"Bee"}}`, "family.role family.managers"},

	"parts nested":                  {"family.id family.name", "id family.id family.name", `{"id":1,"family":{"id":1,"name":"Bee"}}`, ""},
	"parts nested, no headers":      {"family.id family.name", "-", `{"id":1,"family":{"id":1}},{"id":2,"family":{"name":"Bee"}}`, ""},
	"parts flattened":               {"family.id family.name", "-", `{"id":1,"family.id":1,"family.name":"Bee"}`, ""},
	"parts by their aliases":        {"family.id family_name", "id family_id", `{"id":1,"family_name":"Bee"}`, ""},
	"parts in the headers":          {"family.id family.name", "id family.id family_name", `{"id":1}`, ""},
	"parts under the struct":        {"family.id family.name", "id family", `{"id":1,"family":{"id":1,"name":"Bee"}}`, ""},
	"the struct is NULL":            {"family.id family.name", "-", `{"id":1,"family":null}`, ""},
	"the struct is absent":          {"family.id family.name", "id family", `{"id":1}`, ""},
	"a part is missing":             {"family.id family.name", "id family.id", `{"id":1,"family":{"id":1}}`, "family.name"},
	"a flattened part is missing":   {"family.id family.name", "id family.id", `{"id":1,"family.id":1}`, "family.name"},
	"the objects lack a part":       {"family.id family.name", "id family", `{"id":1,"family":null},{"id":2,"family":{"id":1}}`, "family.name"},
	"an alias is missing":           {"family.id family_name", "id family.id", `{"id":1,"family.id":1}`, "family_name"},
	"all parts are missing":         {"family.id family.name", "id", `{"id":1}`, "family.id family.name"},
	"another part is not requested": {"family.id", "id family.id", `{"id":1,"family":{"id":1}}`, ""},
}

// Every requested key is in a row or in a header, in whichever of the shapes that the
// report may choose, or it is an error that names the key.
func TestRequestedKeysAreInTheAnswer(t *testing.T) {
	custom := report.Field{Name: "custom.12", Type: report.Type{Kind: report.AnyText}}
	flat, family := fieldsOf(t, "email", "is_active"), fieldsOf(t, "id", "family")
	for about, c := range flatCases {
		columns := flat
		if strings.HasPrefix(c.requested, "custom") {
			columns = append(fieldsOf(t, "email"), custom)
		}
		t.Run(about, func(t *testing.T) { c.run(t, columns) })
	}
	for about, c := range structCases {
		t.Run(about, func(t *testing.T) { c.run(t, family) })
	}
}

func (c contractCase) run(t *testing.T, columns []report.Field) {
	options := arrowconv.Options{Allocator: memory.DefaultAllocator}
	if c.requested != "" {
		options.Requested = strings.Fields(c.requested)
	}
	d, err := arrowconv.NewDecoder(report.Customers, columns, options)
	require.NoError(t, err)
	full := contractCase{headers: "id", rows: `{"id":1,"email":"a","is_active":true,"custom.12":"b","family":{"id":1,"name":"Bee","role":"x","managers":[]}}`}
	for range 2 { // what an answer has shown counts for that answer alone
		page, err := d.Decode(full.body())
		require.NoError(t, err)
		page.Release()
		page, err = d.Decode(c.body())
		if c.missing == "" {
			require.NoError(t, err)
			page.Release()
			continue
		}
		var missing *arrowconv.MissingColumnsError
		require.ErrorAs(t, err, &missing)
		require.Equal(t, strings.Fields(c.missing), missing.Keys)
		require.ErrorContains(t, err, strings.Join(missing.Keys, ", "))
	}
}

func (c contractCase) body() []byte {
	headers := ""
	if c.headers != "-" {
		headers = `"column_headers":[{"label":"x","key":"` + strings.ReplaceAll(c.headers, " ", `"},{"key":"`) + `"}],`
	}
	return []byte(`{` + headers + `"rows":[` + c.rows + `],"total":5}`)
}

// Headers that cannot be read are the error where they had to be.
func TestHeadersThatCannotBeReadNameNothing(t *testing.T) {
	d := newDecoder(t, fieldsOf(t, "email")...)
	decode(t, d, `{"column_headers":{"key":"email"},"rows":[{"id":1,"email":"a"}]}`)
	var bad *arrowconv.FormatError
	require.ErrorAs(t, decodeError(t, d, `{"column_headers":{"key":"email"},"rows":[{"id":1}]}`), &bad)
	require.False(t, bad.Malformed())
}
