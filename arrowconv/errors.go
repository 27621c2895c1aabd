package arrowconv

import (
	"fmt"
	"strings"
	"unicode"
)

// ValueError indicates that a value does not fit the SQL type of its column. Another
// request will not help, because the report contains this value.
type ValueError struct {
	Column  string // dotted, for example "family.managers.id"
	Want    string // the SQL type, for example "BIGINT"
	Text    string // the value as JSON, at most about 60 characters; "" if there is none
	Row     int    // index in the page
	RowName string // what the report's rows are, for example "customer"
	ID      int64  // the row's key, if HasID
	HasID   bool
}

// Error names the column, the row, the value and the type.
func (e *ValueError) Error() string {
	who := fmt.Sprintf("in row %d of the page", e.Row)
	if e.HasID {
		who = fmt.Sprintf("of %s %d", e.RowName, e.ID)
	}
	if e.Text == "" {
		return fmt.Sprintf("column %s %s has no value, want %s", e.Column, who, e.Want)
	}
	return fmt.Sprintf("column %s %s holds %s, which is not a valid %s", e.Column, who, e.Text, e.Want)
}

// MissingColumnsError indicates that a response lacks requested columns: neither a row nor
// a column header contains them. Another request will not help.
type MissingColumnsError struct {
	Keys []string // as they were requested, for example "email" or "family.name"
}

// Error names the columns.
func (e *MissingColumnsError) Error() string {
	columns := "column "
	if len(e.Keys) > 1 {
		columns = "columns "
	}
	return "arrowconv: neither the rows nor the headers of the response contain the requested " + columns + strings.Join(e.Keys, ", ")
}

// FormatError indicates that the body is not a response of the report.
type FormatError struct {
	Reason  string // what is wrong
	Offset  int64  // the byte at or after which it is wrong
	Excerpt string // the text there, at most about 60 characters

	malformed bool
}

// Malformed reports whether the body is not valid JSON (damaged, cut off, an HTML page),
// so that another request may succeed. It returns false for valid JSON that is not a
// response of the report, because another request would return the same.
func (e *FormatError) Malformed() bool { return e.malformed }

// Error returns the reason, its position and an excerpt.
func (e *FormatError) Error() string {
	msg := fmt.Sprintf("%s at byte %d of the response", e.Reason, e.Offset)
	if e.Excerpt != "" {
		msg += ": " + e.Excerpt
	}
	return msg
}

// shorten returns the text in a form for messages: short, with only printable characters.
func shorten(text []byte) string {
	const mostRunes, mostBytes = 60, 4 * 60
	cut := len(text) > mostBytes
	if cut {
		text = text[:mostBytes]
	}
	runes := []rune(string(text))
	if len(runes) > mostRunes {
		runes, cut = runes[:mostRunes], true
	}
	for i, r := range runes {
		if !unicode.IsPrint(r) {
			runes[i] = unicode.ReplacementChar
		}
	}
	if cut {
		return string(runes) + "…"
	}
	return string(runes)
}
