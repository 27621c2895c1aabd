package httpsource_test

import (
	"io"
	"net/http"
	"strings"
)

func newBody(s string) io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }

// handler answers in this process with a function.
type handler func(r *http.Request) (*http.Response, error)

func (h handler) RoundTrip(r *http.Request) (*http.Response, error) { return h(r) }

func textproto(name string) string { return http.CanonicalHeaderKey(name) }
