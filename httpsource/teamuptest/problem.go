package teamuptest

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/teamupsql/teamupsql/report"
)

// problem is a response in TeamUp's error envelope.
type problem struct {
	status      int
	retryAfter  string
	Type        string              `json:"type"`
	Code        string              `json:"code"`
	Message     string              `json:"message"`
	FieldErrors map[string][]string `json:"field_errors"`
}

// send sends a copy, because a fault sends the same problem from several goroutines.
func (p problem) send(x *exchange) {
	if p.Type == "" {
		p.Type = "invalid_request_error"
	}
	if p.FieldErrors == nil {
		p.FieldErrors = map[string][]string{}
	}
	switch p.status {
	case http.StatusUnauthorized:
		x.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusMethodNotAllowed:
		x.Header().Set("Allow", http.MethodGet)
	}
	if p.retryAfter != "" {
		x.Header().Set("Retry-After", p.retryAfter)
	}
	body, _ := json.Marshal(&p) // texts and maps of texts always marshal
	x.send(p.status, "application/json", body)
}

func unauthenticated() *problem {
	return &problem{status: http.StatusUnauthorized, Code: "authentication_failed", Message: "Invalid or missing credentials."}
}

// throttled is the response of a server beyond its limits; retryAfter may be "".
func throttled(retryAfter string) *problem {
	return &problem{status: http.StatusTooManyRequests, retryAfter: retryAfter, Code: "throttled", Message: "Request was throttled."}
}

// invalid turns ParameterErrors, perhaps joined, into a problem; nil for nil.
func invalid(err error) *problem {
	if err == nil {
		return nil
	}
	p := &problem{status: http.StatusBadRequest, Code: "parameter_invalid", Message: "A parameter is not valid.", FieldErrors: map[string][]string{}}
	for _, e := range flatten(err) {
		field, text := "non_field_errors", e.Error()
		var bad *report.ParameterError
		if errors.As(e, &bad) {
			field, text = bad.Parameter, bad.Value+" is not allowed; give "+bad.Want
		}
		p.FieldErrors[field] = append(p.FieldErrors[field], text)
	}
	return p
}

func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, flatten(e)...)
	}
	return all
}
