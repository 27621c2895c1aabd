package httpsource

import (
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// Client asks one TeamUp account for its reports. It is safe for
// concurrent use by any number of scans, which share its limits.
type Client struct {
	cfg    Config // with its defaults
	base   *url.URL
	tokens *credentials
	http   *http.Client
	gate   *gate
	log    *slog.Logger

	panicked atomic.Pointer[PanicError] // in the log's handler
}

// New returns a client. It sends no request. The error names every invalid setting. A
// missing token is not an error here, see [ErrNoToken].
func New(cfg Config) (*Client, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	base, err := cfg.parseBase()
	if err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, base: base, tokens: newCredentials(cfg)}
	c.log = slog.New(logHandler{cfg.Logger.Handler(), c.tokens, &c.panicked})
	c.http = &http.Client{}
	if cfg.HTTPClient != nil {
		*c.http = *cfg.HTTPClient
	} else {
		c.http.Transport = newTransport(cfg.Concurrency)
	}
	c.http.CheckRedirect = c.checkRedirect
	c.gate = governorFor(cfg, base.Host).gate(cfg.Concurrency, cfg.rate(base), c.log)
	return c, nil
}

// Close closes idle connections. The client's limits then no longer apply to other clients
// that share them. Close all scans first.
func (c *Client) Close() error {
	c.gate.close()
	return c.tokens.guard(transportName, func() error {
		c.http.CloseIdleConnections()
		return nil
	})
}

const transportName = "the transport of Config.HTTPClient"

// address is the URL of a query.
func (c *Client) address(q report.Query) *url.URL {
	u := *c.base
	u.Path += q.Report.Path
	u.RawQuery = q.Encode()
	return &u
}

// newRequest is a request with everything but its context and token. The provider is the
// client's own where it is 0.
func (c *Client) newRequest(u *url.URL, provider int64) *http.Request {
	orElse(&provider, c.cfg.ProviderID)
	h := http.Header{}
	h.Set("TeamUp-Request-Mode", c.cfg.Mode)
	if provider != 0 {
		h.Set("TeamUp-Provider-ID", strconv.FormatInt(provider, 10))
	}
	h.Set("Accept", "application/json")
	// Asked for by name, the transport leaves unpacking to us, with our bounds.
	h.Set("Accept-Encoding", "gzip")
	h.Set("User-Agent", c.cfg.UserAgent)
	return &http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: h,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
}

// maxRedirects bounds a chain of redirects within the host.
const maxRedirects = 5

// checkRedirect follows redirects within the host only: the token is for nobody
// else, and net/http would carry it to subdomains.
func (c *Client) checkRedirect(next *http.Request, via []*http.Request) error {
	from := via[len(via)-1].URL
	refuse := func(why string) error {
		to := next.URL.Scheme + "://" + next.URL.Host
		return &RedirectError{From: from.Host, To: c.tokens.conceal(to), Reason: why, words: c.cfg.Words}
	}
	switch {
	case next.URL.Host != from.Host:
		return refuse("it leads to another host")
	case next.URL.Scheme != from.Scheme && next.URL.Scheme != "https":
		return refuse("it leads to an address without TLS")
	case len(via) > maxRedirects:
		return refuse("there are too many in a row")
	}
	return nil
}

// since is how long ago t was; zero for the zero time.
func since(t time.Time) time.Duration {
	if t.IsZero() {
		return 0
	}
	return time.Since(t)
}
