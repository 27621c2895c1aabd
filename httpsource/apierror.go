package httpsource

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// APIError indicates that TeamUp refused a request. Its texts are TeamUp's own, shortened,
// with the token replaced.
type APIError struct {
	Status      int                 // HTTP status
	Type        string              // such as invalid_request_error; "" if absent
	Code        string              // such as authentication_failed; "" if absent
	Message     string              // "" if absent
	FieldErrors map[string][]string // by parameter; non_field_errors for the rest
	URL         string              // of the request; contains no secret
	RetryAfter  time.Duration       // the wait that the response requests; 0 if none
	Tries       int                 // requests sent for this page so far, from 1

	words Words
}

// Error returns TeamUp's message and what to do.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "TeamUp answered %d %s", e.Status, http.StatusText(e.Status))
	if e.Code != "" {
		fmt.Fprintf(&b, " (%s)", e.Code)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	for _, field := range slices.Sorted(maps.Keys(e.FieldErrors)) {
		fmt.Fprintf(&b, "; %s: %s", field, strings.Join(e.FieldErrors[field], ", "))
	}
	if advice := e.advice(); advice != "" {
		text := strings.TrimRight(b.String(), ".")
		b.Reset()
		b.WriteString(text + "; " + advice)
	}
	fmt.Fprintf(&b, " [GET %s]", shorten(e.URL, 300))
	return b.String()
}

func (e *APIError) advice() string {
	switch e.Status {
	case http.StatusBadRequest:
		if strings.HasPrefix(e.Code, "provider_header") {
			return e.words.remedy(GiveBusiness)
		}
		return "the report rejects the parameters of the request"
	case http.StatusUnauthorized:
		return e.words.remedy(CheckToken)
	case http.StatusForbidden:
		return e.words.remedy(CheckAccess)
	case http.StatusNotFound:
		return e.words.remedy(CheckBaseURL)
	case http.StatusTooManyRequests:
		return "TeamUp allows 250 requests a minute"
	}
	if e.Status >= 500 {
		return "TeamUp has a problem; try again later"
	}
	return ""
}

// maxExcerpt is the most characters of a server's text that an error quotes.
const maxExcerpt = 300

// newAPIError parses the documented error envelope. If the body is not one, the message is
// the beginning of the body.
func newAPIError(status int, contentType string, body []byte, conceal func(string) string) *APIError {
	e := &APIError{Status: status}
	var envelope struct {
		Type        string                     `json:"type"`
		Code        string                     `json:"code"`
		Message     string                     `json:"message"`
		Detail      string                     `json:"detail"` // set by TeamUp's web framework
		FieldErrors map[string]json.RawMessage `json:"field_errors"`
	}
	// If one field has a wrong type, the others are still set.
	_ = json.Unmarshal(body, &envelope)
	clean := func(s string) string { return shorten(conceal(printable(s)), maxExcerpt) }
	e.Type, e.Code = clean(envelope.Type), clean(envelope.Code)
	e.Message = clean(envelope.Message)
	orElse(&e.Message, clean(envelope.Detail))
	for field, raw := range envelope.FieldErrors {
		if e.FieldErrors == nil {
			e.FieldErrors = map[string][]string{}
		}
		for _, s := range texts(raw) {
			e.FieldErrors[clean(field)] = append(e.FieldErrors[clean(field)], clean(s))
		}
	}
	if e.Message == "" && e.FieldErrors == nil && e.Code == "" {
		e.Message = excerpt(contentType, body, conceal)
	}
	return e
}

// texts parses a list of strings or a single string; it returns other values as JSON.
func texts(raw json.RawMessage) []string {
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}
	}
	return []string{string(raw)}
}

// excerpt returns the title of an HTML page, or the beginning of another body.
func excerpt(contentType string, body []byte, conceal func(string) string) string {
	s := string(body[:min(len(body), 64<<10)])
	if isHTML(contentType, body) {
		lower := strings.ToLower(s)
		// If ToLower changes the length, its indexes are not valid in s.
		if start := strings.Index(lower, "<title"); start >= 0 && len(lower) == len(s) {
			if open := strings.IndexByte(s[start:], '>'); open >= 0 {
				title := s[start+open+1:]
				title, _, _ = strings.Cut(title, "<")
				s = title
			}
		}
	}
	return shorten(conceal(printable(s)), maxExcerpt)
}

func isHTML(contentType string, body []byte) bool {
	return strings.Contains(contentType, "html") || strings.HasPrefix(strings.TrimSpace(string(body[:min(len(body), 512)])), "<")
}

// printable returns s as one line of valid, visible text.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

func shorten(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
