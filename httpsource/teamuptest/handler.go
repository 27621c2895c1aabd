package teamuptest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// The headers by which a request chooses the business and the role.
const (
	headerProvider = "TeamUp-Provider-ID"
	headerMode     = "TeamUp-Request-Mode"
)

// ServeHTTP responds as TeamUp does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	entry := s.log.arrive(r, s.authorized(r))
	x := &exchange{ResponseWriter: w, server: s, r: r, entry: entry}
	defer x.settle()
	if wait, ok := s.admit(entry); !ok {
		throttled(wait).send(x)
		return
	}
	if !s.pause(r.Context(), s.config.latency) {
		panic(http.ErrAbortHandler) // the client has closed the request
	}
	store, q, bad := s.understand(r, entry.Authorized)
	if bad == nil {
		bad = s.answer(x, store, q)
	}
	if bad != nil {
		bad.send(x)
	}
}

// admit applies the limits. If it refuses the request, retryAfter is the value of the
// Retry-After header.
func (s *Server) admit(entry *Request) (retryAfter string, ok bool) {
	c := s.config
	busy := c.maxInFlight > 0 && entry.InFlight > c.maxInFlight
	if !busy && (s.limiter == nil || s.limiter.allow()) {
		return "", true
	}
	if c.retryAfter > 0 {
		retryAfter = strconv.Itoa(int((c.retryAfter + time.Second - 1) / time.Second))
	}
	return retryAfter, false
}

// understand checks a request in the order in which TeamUp can: path and method,
// credentials, business, parameters.
func (s *Server) understand(r *http.Request, authorized bool) (*Store, report.Query, *problem) {
	path, below := strings.CutPrefix(r.URL.Path, basePath)
	served := servedAt(path)
	switch {
	case !below || served == nil:
		return nil, report.Query{}, &problem{status: http.StatusNotFound, Code: "not_found", Message: "There is nothing at this address."}
	case r.Method != http.MethodGet:
		return nil, report.Query{}, &problem{status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Message: "Method " + strconv.Quote(r.Method) + " not allowed."}
	case !authorized:
		return nil, report.Query{}, unauthenticated()
	}
	store, bad := s.business(r.Header)
	if bad != nil {
		return nil, report.Query{}, bad
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, report.Query{}, invalid(err)
	}
	values.Del(s.config.quirks.Ignore)
	q, err := served.report.Parse(values)
	if err == nil {
		err = s.checkColumns(q)
	}
	return store, q, invalid(err)
}

func (s *Server) authorized(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch strings.ToLower(scheme) {
	case "bearer", "token", "jwt":
		return token != "" && (s.config.tokens == nil || s.config.tokens[token])
	}
	return false
}

func (s *Server) business(h http.Header) (*Store, *problem) {
	if mode := h.Get(headerMode); mode != "" && mode != "provider" {
		return nil, &problem{status: http.StatusForbidden, Code: "mode_not_allowed", Message: "The report is for providers only."}
	}
	text := h.Get(headerProvider)
	if text == "" {
		if s.only == nil {
			return nil, &problem{status: http.StatusBadRequest, Code: "provider_header_missing", Message: "Set the " + headerProvider + " header."}
		}
		return s.only, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return nil, &problem{status: http.StatusBadRequest, Code: "provider_header_invalid", Message: "The " + headerProvider + " header is not a provider's id."}
	}
	switch store := s.stores[id]; {
	case store != nil:
		return store, nil
	case len(s.stores) == 0:
		return s.only, nil
	}
	return nil, &problem{status: http.StatusForbidden, Code: "provider_invalid", Message: "You have no access to this provider."}
}

// checkColumns refuses columns that the report does not have, and those that
// WithOnlyColumns excludes.
func (s *Server) checkColumns(q report.Query) error {
	var errs []error
	roles := q.Report.Roles
	for _, id := range report.Value[[]int64](q, roles.Fields) {
		if id > customFields {
			errs = append(errs, &report.ParameterError{Parameter: roles.Fields, Value: strconv.FormatInt(id, 10), Want: fmt.Sprintf("fields 1 to %d", customFields)})
		}
	}
	if only := s.config.onlyColumns; only != nil {
		if !q.Has(roles.Columns) {
			errs = append(errs, &report.ParameterError{Parameter: roles.Columns, Value: "none", Want: "the columns of WithOnlyColumns"})
		}
		for _, key := range report.Value[[]string](q, roles.Columns) {
			if !only[key] {
				errs = append(errs, &report.ParameterError{Parameter: roles.Columns, Value: key, Want: "the columns of WithOnlyColumns"})
			}
		}
	}
	return errors.Join(errs...)
}
