package httpsource

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Token is a secret that prints as *** with every verb and in JSON, text and slog. The
// zero value is no token. It is safe for concurrent use.
type Token struct {
	// A function, because nothing that walks a value by reflection (fmt on an
	// unexported field, a test's diff) can look into one.
	reveal func() string
}

// hidden is what a token prints as.
const hidden = "***"

// NewToken returns a token without the white space around the secret, such as the newline
// at the end of a file.
func NewToken(secret string) Token {
	secret = strings.TrimSpace(secret)
	if secret == "" {
		return Token{}
	}
	return Token{reveal: func() string { return secret }}
}

// IsZero reports whether there is no token.
func (t Token) IsZero() bool { return t.reveal == nil }

func (t Token) secret() string {
	if t.reveal == nil {
		return ""
	}
	return t.reveal()
}

// conceal takes the token out of a text that somebody else wrote.
func (t Token) conceal(s string) string {
	if t.reveal == nil {
		return s
	}
	for _, form := range writtenForms(t.reveal()) {
		s = strings.ReplaceAll(s, form, hidden)
	}
	return s
}

var percentCode = regexp.MustCompile("%[0-9A-F]{2}")

// writtenForms are a secret as it is and as it stands in URLs, JSON, Go strings and
// HTML, the longest first, as one may contain another.
func writtenForms(secret string) []string {
	inJSON, _ := json.Marshal(secret)
	quoted := strconv.Quote(secret)
	forms := []string{secret, url.QueryEscape(secret), url.PathEscape(secret),
		string(inJSON[1 : len(inJSON)-1]), quoted[1 : len(quoted)-1], html.EscapeString(secret)}
	for _, f := range forms[1:3] {
		forms = append(forms, percentCode.ReplaceAllStringFunc(f, strings.ToLower))
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(forms)
}

// Format prints *** for every verb; [fmt.Stringer] alone would miss %d and %#v.
func (Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// String returns ***.
func (Token) String() string { return hidden }

// MarshalText returns ***, for JSON and all other encodings that use it.
func (Token) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue returns ***.
func (Token) LogValue() slog.Value { return slog.StringValue(hidden) }
