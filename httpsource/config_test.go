package httpsource_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

func TestTokenPrintsAsStars(t *testing.T) {
	token := httpsource.NewToken(" " + secret + "\n")
	type holder struct {
		Token  httpsource.Token
		hidden httpsource.Token
	}
	h := holder{token, token}
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	logger.Info("x", "token", token, "holder", h, "pointer", &h)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "token", token, "holder", h)
	for _, verb := range strings.Split("v +v #v s q x X d t p T c U e", " ") {
		fmt.Fprintf(&log, "%"+verb+" ", token)
		fmt.Fprintf(&log, "%"+verb+" ", &token)
		fmt.Fprintf(&log, "%"+verb+" ", h)
		fmt.Fprintf(&log, "%"+verb+" ", []httpsource.Token{token})
	}
	text, err := json.Marshal(map[string]any{"token": token, "holder": h})
	require.NoError(t, err)
	assert.JSONEq(t, `{"token":"***","holder":{"Token":"***"}}`, string(text))
	for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret)} {
		assert.NotContains(t, log.String(), form)
	}
	assert.Equal(t, "***", fmt.Sprint(token))
	assert.False(t, token.IsZero())
	assert.True(t, httpsource.NewToken(" \n").IsZero())
}

func TestConfigIsChecked(t *testing.T) {
	good := httpsource.Config{Token: httpsource.NewToken(secret)}
	for want, change := range map[string]func(*httpsource.Config){
		"":                               func(*httpsource.Config) {},
		`Config.Scheme is "Basic"; give`: func(c *httpsource.Config) { c.Scheme = "Basic" },
		`Config.Scheme is "***"; give`:   func(c *httpsource.Config) { c.Scheme = secret },
		`Config.Mode is "admin"; give`:   func(c *httpsource.Config) { c.Mode = "admin" },
		"Config.Concurrency is 65;":      func(c *httpsource.Config) { c.Concurrency = 65 },
		"Config.Concurrency is -1;":      func(c *httpsource.Config) { c.Concurrency = -1 },
		"Config.PageSize is 101;":        func(c *httpsource.Config) { c.PageSize = 101 },
		"Config.PageSize is 1;":          func(c *httpsource.Config) { c.PageSize = 1 },
		"Config.ProviderID is -2;":       func(c *httpsource.Config) { c.ProviderID = -2 },
		"positive limits":                func(c *httpsource.Config) { c.Retry.Tries = -1 },
		"Config.MaxBody is -1;":          func(c *httpsource.Config) { c.MaxBody = -1 },
		"control character or a sp":      func(c *httpsource.Config) { c.Token = httpsource.NewToken(secret + "\r\nX: y") },
		"word Bearer":                    func(c *httpsource.Config) { c.Token = httpsource.NewToken("Bearer " + secret) },
		"Config.UserAgent contains":      func(c *httpsource.Config) { c.UserAgent = "a\nb" },
		"user name or password":          func(c *httpsource.Config) { c.BaseURL = "https://" + secret + "@goteamup.com/api/v2" },
		"query or fragment":              func(c *httpsource.Config) { c.BaseURL = "https://goteamup.com/api/v2?token=" + secret },
		"give one like":                  func(c *httpsource.Config) { c.BaseURL = "ftp://goteamup.com/" + secret },
		"is not a URL":                   func(c *httpsource.Config) { c.BaseURL = "https://u:" + secret + "@%zz" },
	} {
		cfg := good
		change(&cfg)
		c, err := httpsource.New(cfg)
		if want == "" {
			require.NoError(t, err)
			require.NoError(t, c.Close())
			continue
		}
		require.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), secret)
		var wrong *httpsource.ConfigError
		require.ErrorAs(t, err, &wrong)
		assert.True(t, strings.HasPrefix(err.Error(), "httpsource.Config."+wrong.Field+" "), err)
	}
	cfg := good
	cfg.Scheme, cfg.PageSize = "x", 1000
	_, err := httpsource.New(cfg)
	assert.ErrorContains(t, err, "Config.Scheme")
	assert.ErrorContains(t, err, "Config.PageSize", "everything that is wrong is said")
}

func TestTokenTravelsEncrypted(t *testing.T) {
	cfg := httpsource.Config{Token: httpsource.NewToken(secret)}
	for address, allowed := range map[string]bool{
		"http://goteamup.com/api/v2": false, "http://10.0.0.1/api/v2": false, "http://localhost.evil.test/api/v2": false,
		"http://localhost:8080/api/v2": true, "http://127.0.0.1/api/v2": true, "http://[::1]:80/api/v2": true, "https://10.0.0.1/api/v2/": true,
	} {
		cfg.BaseURL = address
		c, err := httpsource.New(cfg)
		if allowed {
			require.NoError(t, err, address)
			require.NoError(t, c.Close())
			continue
		}
		var e *httpsource.InsecureURLError
		require.ErrorAs(t, err, &e, address)
	}
	cfg.BaseURL, cfg.AllowInsecure = "http://10.0.0.1/api/v2", true
	c, err := httpsource.New(cfg)
	require.NoError(t, err)
	require.NoError(t, c.Close())
}

func TestConfigFromEnv(t *testing.T) {
	t.Setenv(httpsource.EnvToken, secret+"\n")
	t.Setenv(httpsource.EnvProviderID, "7")
	t.Setenv(httpsource.EnvBaseURL, "http://localhost:1/api/v2")
	cfg, err := httpsource.ConfigFromEnv()
	require.NoError(t, err)
	assert.False(t, cfg.Token.IsZero())
	assert.Equal(t, int64(7), cfg.ProviderID)
	assert.Equal(t, "http://localhost:1/api/v2", cfg.BaseURL)
	t.Setenv(httpsource.EnvProviderID, "seven")
	_, err = httpsource.ConfigFromEnv()
	assert.ErrorContains(t, err, `TEAMUP_PROVIDER_ID is "seven"`)
}

func TestNoToken(t *testing.T) {
	server := teamuptest.New()
	c := inProcess(t, server.Transport(), func(cfg *httpsource.Config) { cfg.Token = httpsource.Token{} })
	r := readAll(t, c, whole(report.Customers.Query()))
	require.ErrorIs(t, r.err, httpsource.ErrNoToken)
	assert.ErrorContains(t, r.err, "TEAMUP_TOKEN")
	assert.Empty(t, server.Requests())
}

func TestUnreachableHost(t *testing.T) {
	server := teamuptest.NewServer()
	address := server.URL()
	server.Close()
	c := inProcess(t, nil, func(cfg *httpsource.Config) { cfg.BaseURL, cfg.HTTPClient = address, nil })
	r := readAll(t, c, whole(report.Customers.Query()))
	var e *httpsource.RetryError
	require.ErrorAs(t, r.err, &e)
	assert.Equal(t, 5, e.Tries)
	assert.ErrorContains(t, r.err, "connection refused")
	assert.NotContains(t, r.err.Error(), "columns=", "what net/http says of the URL is left out")
}

// Redirects within the host are followed, with all headers.
func TestRedirectWithinHost(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(5))
	inner := server.Transport()
	c := inProcess(t, handler(func(r *http.Request) (*http.Response, error) {
		if strings.HasPrefix(r.URL.Path, "/old/") {
			res := respond(r, http.StatusMovedPermanently, "", "")
			res.Header.Set("Location", "/api/v2"+strings.TrimPrefix(r.URL.RequestURI(), "/old"))
			return res, nil
		}
		return inner.RoundTrip(r)
	}), func(cfg *httpsource.Config) { cfg.BaseURL = "https://teamup.test/old" })
	q := report.Customers.Query().With("include_deleted", true)
	r := readAll(t, c, whole(q))
	require.NoError(t, r.err)
	assert.Equal(t, expected(t, server, q), r.ids)
}

func TestRedirectsRefused(t *testing.T) {
	for from, to := range map[string]string{
		"https://teamup.test/api/v2":      "https://sub.teamup.test/",
		"https://teamup.test:444/api/v2":  "https://teamup.test/",
		"https://teamup.test:4443/api/v2": "http://teamup.test:4443/",
	} {
		asked := 0
		c := inProcess(t, handler(func(r *http.Request) (*http.Response, error) {
			asked++
			res := respond(r, http.StatusTemporaryRedirect, "", "")
			res.Header.Set("Location", to+"?token="+secret)
			return res, nil
		}), func(cfg *httpsource.Config) { cfg.BaseURL = from })
		r := readAll(t, c, whole(report.Customers.Query()))
		var e *httpsource.RedirectError
		require.ErrorAs(t, r.err, &e)
		assert.Equal(t, strings.TrimSuffix(to, "/"), e.To)
		assert.Equal(t, 1, asked)
	}
}

// endless is a body that never ends, and counts what is read of it.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.read += int64(len(p))
	return len(p), nil
}

func TestBodiesAreBounded(t *testing.T) {
	for status, limit := range map[int]int64{200: 2 << 20, 400: 128 << 10} {
		body := &endless{}
		c := inProcess(t, handler(func(r *http.Request) (*http.Response, error) {
			res := respond(r, status, "application/json", "")
			res.Body, res.ContentLength = io.NopCloser(body), -1
			return res, nil
		}), func(cfg *httpsource.Config) { cfg.MaxBody = 1 << 20 })
		r := readAll(t, c, whole(report.Customers.Query()))
		require.Error(t, r.err)
		assert.Less(t, body.read, limit)
	}
}

// An answer without JSON's label is JSON by its looks.
func TestContentTypes(t *testing.T) {
	for _, test := range []struct {
		contentType, body string
		ok                bool
	}{
		{"application/json", `{"total":0,"rows":[]}`, true},
		{"application/vnd.api+json; charset=utf-8", ` {"total":0,"rows":[]}`, true},
		{"text/html", `{"total":0,"rows":[]}`, true},
		{"", `{"total":0,"rows":[]}`, true},
		{"application/json", `<!DOCTYPE html><title> Log
		 in </title>`, false},
		{"text/csv", "id,email\n1,a@b.c\n", false},
		{"", "<html>", false},
	} {
		c := inProcess(t, handler(func(r *http.Request) (*http.Response, error) {
			return respond(r, 200, test.contentType, test.body), nil
		}))
		r := readAll(t, c, whole(report.Customers.Query()))
		if test.ok {
			require.NoError(t, r.err)
			continue
		}
		var e *httpsource.NotJSONError
		require.ErrorAs(t, r.err, &e, test.body)
		if strings.Contains(test.body, "title") {
			assert.Equal(t, "Log in", e.Excerpt)
		}
	}
}

func TestTimeoutsCanBeSwitchedOff(t *testing.T) {
	l := newList(3)
	l.delay = time.Millisecond
	c := inProcess(t, l, func(cfg *httpsource.Config) { cfg.RequestTimeout, cfg.ScanTimeout, cfg.RatePerMinute = -1, -1, -1 })
	require.NoError(t, readAll(t, c, whole(report.Customers.Query())).err)
}
