package httpsource

import (
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
)

// Token is a secret that prints as *** with every verb, in JSON, text and slog.
// The zero value is no token. It is safe for concurrent use.
type Token struct {
	// A function, because nothing that walks a value by reflection (fmt on an
	// unexported field, a test's diff) can look into one.
	reveal func() string
}

// hidden is what a token prints as.
const hidden = "***"

// NewToken wraps a secret. White space around it, such as the newline at the end
// of a token file, is not part of it.
func NewToken(secret string) Token {
	secret = strings.TrimSpace(secret)
	if secret == "" {
		return Token{}
	}
	return Token{reveal: func() string { return secret }}
}

// IsZero says that there is no token.
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
	s = strings.ReplaceAll(s, t.reveal(), hidden)
	return strings.ReplaceAll(s, url.QueryEscape(t.reveal()), hidden)
}

// Format prints *** for every verb; [fmt.Stringer] alone would miss %d and %#v.
func (Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// String is ***.
func (Token) String() string { return hidden }

// MarshalText is ***, and so are JSON and every other encoding built on it.
func (Token) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue is ***.
func (Token) LogValue() slog.Value { return slog.StringValue(hidden) }
