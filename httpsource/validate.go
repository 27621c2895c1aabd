package httpsource

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/teamupsql/teamupsql/report"
)

// withDefaults fills in what was left zero.
func (cfg Config) withDefaults() Config {
	orElse(&cfg.BaseURL, DefaultBaseURL)
	orElse(&cfg.Scheme, SchemeBearer)
	orElse(&cfg.Mode, ModeProvider)
	orElse(&cfg.Concurrency, defaultConcurrency)
	orElse(&cfg.PageSize, report.MaxLimit)
	orElse(&cfg.RequestTimeout, defaultRequestTimeout)
	orElse(&cfg.MaxBody, defaultMaxBody)
	orElse(&cfg.Retry.Tries, 5)
	orElse(&cfg.Retry.Elapsed, 5*time.Minute)
	orElse(&cfg.Retry.Wait, 500*time.Millisecond)
	orElse(&cfg.Retry.MaxWait, 30*time.Second)
	orElse(&cfg.UserAgent, "teamupsql")
	orElse(&cfg.Logger, slog.New(slog.DiscardHandler))
	return cfg
}

func orElse[T comparable](field *T, fallback T) {
	var zero T
	if *field == zero {
		*field = fallback
	}
}

// validate reports all that is wrong with a config that has its defaults.
func (cfg Config) validate() error {
	var errs []error
	check := func(ok bool, field, problem, want string) {
		if !ok {
			errs = append(errs, cfg.wrong(field, problem, want))
		}
	}
	is := func(value any) string { return fmt.Sprintf("is %v", value) }
	check(cfg.Scheme == SchemeBearer || cfg.Scheme == SchemeToken || cfg.Scheme == SchemeJWT,
		"Scheme", is(strconv.Quote(cfg.Scheme)), "Bearer, Token or JWT")
	check(cfg.Mode == ModeProvider || cfg.Mode == ModeCustomer,
		"Mode", is(strconv.Quote(cfg.Mode)), "provider or customer")
	check(cfg.ProviderID >= 0, "ProviderID", is(cfg.ProviderID), "the number of the business")
	check(cfg.Concurrency >= 1 && cfg.Concurrency <= maxConcurrency,
		"Concurrency", is(cfg.Concurrency), fmt.Sprintf("1 to %d requests in flight", maxConcurrency))
	// With one row to a page there is no row to spare for the overlap.
	check(cfg.PageSize >= 2 && cfg.PageSize <= report.MaxLimit,
		"PageSize", is(cfg.PageSize), fmt.Sprintf("2 to %d rows", report.MaxLimit))
	check(cfg.MaxBody > 0, "MaxBody", is(cfg.MaxBody), "a positive number of bytes")
	check(cfg.Retry.Tries > 0 && cfg.Retry.Elapsed > 0 && cfg.Retry.Wait > 0 && cfg.Retry.MaxWait > 0,
		"Retry", fmt.Sprintf("is %+v", cfg.Retry), "positive limits")
	check(strings.IndexFunc(cfg.Token.secret(), unprintable) < 0,
		"Token", "contains a control character or a space", "it without quotes, line breaks and the word Bearer")
	check(cfg.Token.IsZero() || cfg.TokenSource == nil, "TokenSource", "is set in addition to Token", "one of the two")
	check(strings.IndexFunc(cfg.UserAgent, unicode.IsControl) < 0, "UserAgent", "contains a control character", "plain text")
	return errors.Join(errs...)
}

// wrong is the error for a setting, which may contain the token by mistake.
func (cfg Config) wrong(field, problem, want string) error {
	return &ConfigError{Field: field, Problem: cfg.Token.conceal(problem), Want: want, words: cfg.Words}
}

// unprintable is what has no place in a token: RFC 6750 allows visible ASCII only.
func unprintable(r rune) bool { return r <= ' ' || r > '~' }

// parseBase reads the base URL and refuses one that is not fit to carry a token.
func (cfg Config) parseBase() (*url.URL, error) {
	u, err := url.Parse(cfg.BaseURL)
	wrong := func(problem string) (*url.URL, error) {
		return nil, cfg.wrong("BaseURL", problem, "one like "+DefaultBaseURL)
	}
	switch {
	case err != nil:
		// What url.Parse says repeats the address, which may hold a password.
		return wrong("is not a URL")
	case u.User != nil:
		return wrong("contains a user name or password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return wrong("contains a query or fragment")
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return wrong("is " + strconv.Quote(cfg.BaseURL))
	case u.Scheme == "http" && !cfg.AllowInsecure && !isLoopback(u.Hostname()):
		return nil, &InsecureURLError{Host: u.Host, words: cfg.Words}
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// rate is the budget of requests a minute for a host; 0 for none.
func (cfg Config) rate(base *url.URL) int {
	own, _ := url.Parse(DefaultBaseURL)
	switch {
	case cfg.RatePerMinute < 0:
		return 0
	case cfg.RatePerMinute == 0 && strings.EqualFold(base.Hostname(), own.Hostname()):
		return defaultRate
	}
	return cfg.RatePerMinute
}

// newTransport keeps a connection for each request in flight: the default of two
// would close and open connections all the time.
func newTransport(concurrency int) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns = concurrency
	t.MaxIdleConnsPerHost = concurrency
	t.DialContext = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	return t
}
