package httpsource

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"time"
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

// Config configures a client. The zero value with a Token or a
// TokenSource is right for TeamUp.
//
// A function that panics (TokenSource, Watch, Observer, the Transport, the Logger's handler) fails its
// request or scan with a [*PanicError]. If a log record belongs to no request, the
// client's next request fails.
type Config struct {
	BaseURL string // including /api/v2; "" for DefaultBaseURL
	// Token is sent with each request. Without Token and TokenSource, every scan fails with
	// ErrNoToken before any request.
	Token Token
	// TokenSource returns the token, for tokens that expire, such as those of OAuth. Set it
	// instead of Token. It is called for the first request of the client. The client keeps
	// the token until TeamUp refuses it with status 401. Then it calls TokenSource again,
	// once for all requests that were refused at the same time, and sends each of them again,
	// once. If TokenSource returns the same token, the 401 is the error.
	//
	// The context is that of one of the requests. TokenSource must return when it ends. The
	// other requests then call TokenSource again. RequestTimeout limits each call. An error
	// fails the scan with a [*TokenSourceError]; it is not retried.
	TokenSource func(context.Context) (Token, error)

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
	// RatePerMinute is how many requests all clients of this process with the same
	// RateLimitKey, or else the same token, may send to one host in any minute. The lowest
	// limit among the open clients applies. A burst may use all of them at once. 0 means 240
	// for TeamUp's host and no limit for others. A negative value means no limit.
	RatePerMinute int
	// RateLimitKey names the account whose requests TeamUp counts, for clients with
	// different tokens of one account: the clients of this process with the same key and the
	// same host share one rate limit. It is no secret. Empty means that clients with the
	// same Token share it, and that a client with a TokenSource has its own.
	RateLimitKey string

	RequestTimeout time.Duration // for one try, including the body; 0 for 1 minute, negative for none
	ScanTimeout    time.Duration // for a complete scan; 0 or negative for none
	MaxBody        int64         // uncompressed bytes of one response; 0 for 32 MiB
	Retry          Retry

	// Words set how errors name what the user of this program can change. The zero value
	// names the fields of Config.
	Words Words

	UserAgent string // "" for teamupsql
	// Logger gets the records with the context of the request or scan, so that its handler
	// can add trace ids; nil for none. See [WithStatement] for the number of the statement.
	Logger *slog.Logger
	// Watch is called when a scan starts, with the context of the scan and a function that
	// returns the state of the scan. The function that Watch returns is called when the scan
	// is closed. Both may be nil.
	Watch func(ctx context.Context, stats func() Stats) (done func())
	// Observer is called when a request has ended, by several goroutines, with the context
	// of the request; nil for none.
	Observer func(context.Context, RequestEvent)
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
func ConfigFromEnv() (Config, error) {
	cfg := Config{Token: NewToken(os.Getenv(EnvToken)), BaseURL: os.Getenv(EnvBaseURL)}
	if s := os.Getenv(EnvProviderID); s != "" {
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil || id < 1 {
			return cfg, fmt.Errorf("%s is %q; give the number of the business", EnvProviderID, s)
		}
		cfg.ProviderID = id
	}
	return cfg, nil
}
