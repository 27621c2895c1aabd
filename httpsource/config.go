package httpsource

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/teamupsql/teamupsql/report"
)

// DefaultBaseURL is TeamUp's own API, as the vendor's reference gives it.
const DefaultBaseURL = "https://goteamup.com/api/v2"

// Authorization schemes: the vendor's guide says Bearer for OAuth and M2M tokens,
// its generated reference also lists the other two.
const (
	SchemeBearer = "Bearer"
	SchemeToken  = "Token"
	SchemeJWT    = "JWT"
)

// Values of the TeamUp-Request-Mode header.
const (
	ModeProvider = "provider"
	ModeCustomer = "customer"
)

// Environment variables read by [ConfigFromEnv].
const (
	EnvToken      = "TEAMUP_TOKEN"
	EnvProviderID = "TEAMUP_PROVIDER_ID"
	EnvBaseURL    = "TEAMUP_BASE_URL"
)

const (
	defaultConcurrency    = 8
	maxConcurrency        = 64
	defaultRequestTimeout = time.Minute
	defaultMaxBody        = 32 << 20
	// defaultRate leaves a margin below the 250 requests a minute that the vendor
	// allows a caller, for requests that overtake each other on their way.
	defaultRate = 240
)

// Config configures a client. The zero value with a Token is right for TeamUp.
//
// A function that panics (Watch, Observer, the Transport, the Logger's handler) fails its
// request or scan with a [*PanicError]. If a log record belongs to no request, the
// client's next request fails.
type Config struct {
	BaseURL    string // including /api/v2; "" for DefaultBaseURL
	Token      Token  // if zero, every scan fails with ErrNoToken before any request
	Scheme     string // SchemeBearer, SchemeToken or SchemeJWT; "" for SchemeBearer
	ProviderID int64  // the business; 0 if the token has only one
	Mode       string // ModeProvider or ModeCustomer; "" for ModeProvider

	// HTTPClient sends the requests. Set its Transport for a proxy, for tracing, or for a
	// server in the same process. Nil means a client of this package that keeps a
	// connection for every request in flight. CheckRedirect is not used.
	HTTPClient *http.Client
	// AllowInsecure permits sending the token over http:// to other machines.
	AllowInsecure bool

	Concurrency int // requests in flight, 1 to 64; 0 for 8
	PageSize    int // rows per request, 2 to 100; 0 for 100
	// RatePerMinute is how many requests all clients of this process with the same token
	// may send in any minute. The lowest limit among the open clients applies. A burst may
	// use all of them at once. 0 means 240 for TeamUp's host and no limit for others. A
	// negative value means no limit.
	RatePerMinute int

	RequestTimeout time.Duration // for one try, including the body; 0 for 1 minute, negative for none
	ScanTimeout    time.Duration // for a complete scan; 0 or negative for none
	MaxBody        int64         // uncompressed bytes of one response; 0 for 32 MiB
	Retry          Retry

	// Words set how errors name what the user of this program can change. The zero value
	// names the fields of Config.
	Words Words

	UserAgent string       // "" for teamupsql
	Logger    *slog.Logger // nil for none
	// Watch is called when a scan starts, with a function that returns the state of the
	// scan. The function that Watch returns is called when the scan is closed. Both may be
	// nil.
	Watch func(stats func() Stats) (done func())
	// Observer is called when a request has ended, by several goroutines; nil for none.
	Observer func(RequestEvent)
}

// Retry limits the tries and the time for one page.
type Retry struct {
	Tries   int           // failed tries after which the scan fails, not counting 429; 0 for 5
	Elapsed time.Duration // from a page's first request to its last try, including 429; 0 for 5 minutes
	Wait    time.Duration // mean wait after the first failure, doubled after each; 0 for 500 ms
	MaxWait time.Duration // longest mean wait; 0 for 30 s. Retry-After may be longer
}

// ConfigFromEnv returns a Config with the values of TEAMUP_TOKEN, TEAMUP_PROVIDER_ID and
// TEAMUP_BASE_URL. If a variable is unset or empty, its field is zero.
func ConfigFromEnv() (Config, error) { return ConfigFrom(os.Getenv) }

// ConfigFrom is [ConfigFromEnv] with a function that returns the variables.
func ConfigFrom(getenv func(string) string) (Config, error) {
	cfg := Config{Token: NewToken(getenv(EnvToken)), BaseURL: getenv(EnvBaseURL)}
	if s := getenv(EnvProviderID); s != "" {
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil || id < 1 {
			return cfg, fmt.Errorf("%s is %q; give the number of the business", EnvProviderID, s)
		}
		cfg.ProviderID = id
	}
	return cfg, nil
}

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
