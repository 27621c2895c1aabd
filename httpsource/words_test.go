package httpsource_test

import (
	"context"
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

// answers is a server with one answer.
func answers(status int, contentType, body string, header ...string) handler {
	return func(r *http.Request) (*http.Response, error) {
		res := respond(r, status, contentType, body)
		for i := 0; i+1 < len(header); i += 2 {
			res.Header.Set(header[i], header[i+1])
		}
		return res, nil
	}
}

// Every error that a program's user can do something about says so in the program's
// words, and in those of package httpsource if the program has none.
func TestErrorsUseTheWordsOfTheProgram(t *testing.T) {
	none := answers(200, "application/json", "{}")
	for name, c := range map[string]struct {
		remedy httpsource.Remedy
		plain  string // in the default words
		change func(*httpsource.Config)
		server http.RoundTripper
	}{
		"no token":      {httpsource.GiveToken, "no TeamUp token yet: set TEAMUP_TOKEN, httpsource.Config.Token or httpsource.Config.TokenSource", func(c *httpsource.Config) { c.Token = httpsource.Token{} }, none},
		"wrong token":   {httpsource.CheckToken, "check TEAMUP_TOKEN, httpsource.Config.Token or httpsource.Config.TokenSource", nil, answers(401, "", "{}")},
		"no access":     {httpsource.CheckAccess, "check TEAMUP_PROVIDER_ID or httpsource.Config.ProviderID", nil, answers(403, "", "{}")},
		"which one":     {httpsource.GiveBusiness, "set TEAMUP_PROVIDER_ID", nil, answers(400, "", `{"code":"provider_header_missing"}`)},
		"not found":     {httpsource.CheckBaseURL, "httpsource.Config.BaseURL", nil, answers(404, "", "{}")},
		"login page":    {httpsource.CheckBaseURL, "httpsource.Config.BaseURL", nil, answers(200, "text/html", "<html>")},
		"redirect":      {httpsource.CheckBaseURL, "httpsource.Config.BaseURL", nil, answers(302, "", "", "Location", "https://evil.test/")},
		"large":         {httpsource.AllowMore, "raise httpsource.Config.MaxBody", func(c *httpsource.Config) { c.MaxBody = 3 }, answers(200, "", "{   }")},
		"rate limit":    {httpsource.SlowDown, "lower httpsource.Config.RatePerMinute", nil, answers(429, "", "{}", "Retry-After", "3600")},
		"no connection": {httpsource.CheckNetwork, "check the network", func(c *httpsource.Config) { c.Retry.Tries = 1 }, handler(func(*http.Request) (*http.Response, error) { return nil, context.DeadlineExceeded })},
	} {
		t.Run(name, func(t *testing.T) {
			for _, own := range []bool{false, true} {
				client := inProcess(t, c.server, func(cfg *httpsource.Config) {
					cfg.Retry.Elapsed = time.Minute
					if c.change != nil {
						c.change(cfg)
					}
					if own {
						cfg.Words.Remedies = map[httpsource.Remedy]string{c.remedy: "press the red button"}
					}
				})
				err := readAll(t, client, whole(report.Customers.Query())).err
				if own {
					require.ErrorContains(t, err, "press the red button")
					assert.NotContains(t, err.Error(), "Config")
				} else {
					require.ErrorContains(t, err, c.plain)
				}
				assert.NotContains(t, err.Error(), "httpsource:")
			}
		})
	}
}

func TestSettingsAreNamedInTheWordsOfTheProgram(t *testing.T) {
	cfg := httpsource.Config{Concurrency: 1000, BaseURL: "http://10.0.0.1", Words: httpsource.Words{
		Settings: map[string]string{"Concurrency": "-concurrency"},
		Remedies: map[httpsource.Remedy]string{httpsource.EncryptToken: "use https"}}}
	_, err := httpsource.New(cfg)
	require.EqualError(t, err, "-concurrency is 1000; give 1 to 64 requests in flight")
	cfg.Concurrency = 0
	_, err = httpsource.New(cfg)
	require.EqualError(t, err, "refusing to send the token to 10.0.0.1 over unencrypted http; use https")
}

// A text names each place once.
func TestErrorsRepeatNothing(t *testing.T) {
	server := teamuptest.New(teamuptest.WithCustomers(10), teamuptest.WithFault(teamuptest.Status(503, ""), teamuptest.Always))
	err := readAll(t, inProcess(t, server.Transport()), whole(report.Customers.Query())).err
	require.Error(t, err)
	assert.Equal(t, 1, strings.Count(err.Error(), "customers report"), err)
}
