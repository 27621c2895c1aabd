package teamuptest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Faults is the catalogue: every kind of fault once, under a name of its own. The
// slice is the caller's own.
func Faults() []Fault {
	return slices.Concat(connectionFaults(), statusFaults(), bodyFaults(), valueFaults(), pagingFaults(), redirectFaults())
}

// FaultByName finds a fault of the catalogue.
func FaultByName(name string) (Fault, bool) {
	for _, f := range Faults() {
		if f.Name == name {
			return f, true
		}
	}
	return Fault{}, false
}

// named sets the name and the description of a fault in the catalogue.
func named(name, doc string, f Fault) Fault {
	f.Name, f.Doc = name, doc
	return f
}

// Answer returns a fault that calls h instead of the report. The log has the request as
// done only when h returns, which may be after the client has read the response.
func Answer(h http.Handler) Fault {
	return Fault{Name: "answer", Doc: "another response", send: func(x *exchange, _ []byte) { h.ServeHTTP(x, x.r) }}
}

// Body returns a fault that sends the result of change for an uncompressed body. change
// must not keep the body.
func Body(change func(body []byte) []byte) Fault {
	return Fault{Name: "body", Doc: "a changed body", send: func(x *exchange, body []byte) {
		x.send(http.StatusOK, x.contentType, change(body))
	}}
}

// Status returns a fault that sends only a status, with its text as HTML, and a Retry-After
// header unless retryAfter is "".
func Status(status int, retryAfter string) Fault {
	return Fault{Name: "status", Doc: http.StatusText(status), send: func(x *exchange, _ []byte) {
		if retryAfter != "" {
			x.Header().Set("Retry-After", retryAfter)
		}
		x.send(status, "text/html; charset=utf-8", []byte("<html><body><h1>"+http.StatusText(status)+"</h1></body></html>\n"))
	}}
}

// Delay returns a fault that delays the response by d.
func Delay(d time.Duration) Fault {
	return Fault{Name: "delay", Doc: "the response is late", send: func(x *exchange, body []byte) {
		if !x.server.pause(x.r.Context(), d) {
			panic(http.ErrAbortHandler)
		}
		x.send(http.StatusOK, x.contentType, body)
	}}
}

func envelope(p problem) Fault {
	return Fault{send: func(x *exchange, _ []byte) { p.send(x) }}
}

func statusFaults() []Fault {
	list := []Fault{
		named("429", "too many requests, without Retry-After", envelope(*throttled(""))),
		named("429_seconds", "too many requests, with Retry-After: 1", envelope(*throttled("1"))),
		named("429_date", "too many requests, with a Retry-After date of a second or two from now", Fault{send: func(x *exchange, _ []byte) {
			throttled(time.Now().Add(2 * time.Second).UTC().Format(http.TimeFormat)).send(x)
		}}),
		named("503_seconds", "service unavailable, with Retry-After: 1", Status(http.StatusServiceUnavailable, "1")),
		named("400", "a parameter is refused", envelope(problem{status: 400, Code: "parameter_invalid", Message: "A parameter is not valid.",
			FieldErrors: map[string][]string{"columns": {"This column is retired."}, "non_field_errors": {"Try another one."}}})),
		named("401", "the credentials are refused", envelope(*unauthenticated())),
		named("403", "the report is forbidden", envelope(problem{status: 403, Code: "permission_denied", Message: "You may not see this report."})),
		named("404", "the report is gone", envelope(problem{status: 404, Code: "not_found", Message: "There is nothing at this address."})),
		named("409", "the report is busy", envelope(problem{status: 409, Type: "conflict", Code: "conflict", Message: "The report is being rebuilt."})),
	}
	for _, status := range []string{"500", "502", "503", "504"} {
		code := int(status[0]-'0')*100 + int(status[2]-'0')
		list = append(list, named(status, strings.ToLower(http.StatusText(code))+", as HTML", Status(code, "")))
	}
	return list
}

func redirectFaults() []Fault {
	return []Fault{
		named("redirect_other_host", "a redirect to another host name of this server, which serves it", Fault{send: func(x *exchange, body []byte) {
			host, port, hasPort := strings.Cut(x.r.Host, ":")
			if host == "localhost" {
				x.send(http.StatusOK, x.contentType, body)
				return
			}
			other := "http://localhost"
			if hasPort {
				other += ":" + port
			}
			x.redirect(other + x.r.URL.RequestURI())
		}}),
		named("redirect_loop", "a redirect to the same address", Fault{send: func(x *exchange, _ []byte) {
			x.redirect(x.r.URL.RequestURI())
		}}),
	}
}

func (x *exchange) redirect(to string) {
	x.Header().Set("Location", to)
	x.sendRaw(http.StatusFound, nil)
}
