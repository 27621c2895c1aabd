package teamuptest

import "time"

type config struct {
	customers   int
	seed        uint64
	now         func() time.Time
	latency     time.Duration
	tokens      map[string]bool
	providers   []int64
	maxInFlight int
	rate        float64
	burst       int
	retryAfter  time.Duration
	onlyColumns map[string]bool
	plain       bool
	mutateEvery int
	quirks      Quirks
	rules       []rule
}

// DefaultCustomers is how many customers a business has without WithCustomers.
const DefaultCustomers = 5000

// Option changes a server from its defaults.
type Option func(*config)

// WithCustomers sets how many customers a business has at the start, deleted ones
// included. A million take some hundred megabytes and a second or two.
func WithCustomers(n int) Option { return func(c *config) { c.customers = max(n, 0) } }

// WithSeed sets the seed of the customers; the default is 1. The same seed, position and
// day of the clock at the start give the same customer.
func WithSeed(seed uint64) Option { return func(c *config) { c.seed = seed } }

// WithClock sets the server's current time. The data ends at that time, and ages and
// timeframes are relative to it. The default is a clock that always returns 15 March 2026,
// noon, UTC. Several goroutines may call it.
func WithClock(now func() time.Time) Option { return func(c *config) { c.now = now } }

// WithLatency delays every response. A cancelled request does not wait.
func WithLatency(d time.Duration) Option { return func(c *config) { c.latency = d } }

// WithTokens names the tokens that are accepted. Without it every one is, as long as
// the request has one. The scheme may be Bearer, Token or JWT.
func WithTokens(tokens ...string) Option {
	return func(c *config) {
		c.tokens = map[string]bool{}
		for _, t := range tokens {
			c.tokens[t] = true
		}
	}
}

// WithProviders sets the ids of the businesses. Each has its own customers. If there are
// several, a request must name one. Without this option there is one business, and requests
// may have any id.
func WithProviders(ids ...int64) Option { return func(c *config) { c.providers = ids } }

// WithMaxInFlight sends status 429 for a request that arrives while n are in flight.
func WithMaxInFlight(n int) Option { return func(c *config) { c.maxInFlight = n } }

// WithRate sends status 429 for requests beyond a rate per second, after a first burst.
func WithRate(perSecond float64, burst int) Option {
	return func(c *config) { c.rate, c.burst = perSecond, burst }
}

// WithRetryAfter adds a Retry-After header, in full seconds rounded up, to the 429
// responses of the limits. The default is none, because TeamUp does not document one.
func WithRetryAfter(d time.Duration) Option { return func(c *config) { c.retryAfter = d } }

// WithOnlyColumns refuses, with status 400, requests for other columns than these, or for
// all columns. Use it to test that a client requests only the columns that it needs.
func WithOnlyColumns(keys ...string) Option {
	return func(c *config) {
		c.onlyColumns = map[string]bool{}
		for _, k := range keys {
			c.onlyColumns[k] = true
		}
	}
}

// WithoutGzip sends responses uncompressed, even if the request accepts gzip.
func WithoutGzip() Option { return func(c *config) { c.plain = true } }

// WithQuirks sets how the server differs from the usual one.
func WithQuirks(q Quirks) Option { return func(c *config) { c.quirks = q } }

// WithMutations makes a random change (see [Store.Mutate]) immediately before every n-th
// response with rows.
func WithMutations(n int) Option { return func(c *config) { c.mutateEvery = n } }

// WithFault is [Server.Inject] from the start.
func WithFault(f Fault, when When) Option {
	return func(c *config) { c.rules = append(c.rules, rule{f, when}) }
}

func newConfig(opts []Option) *config {
	standing := time.Date(2026, time.March, 15, 12, 0, 0, 0, time.UTC)
	c := &config{customers: DefaultCustomers, seed: 1, now: func() time.Time { return standing }, burst: 1}
	for _, o := range opts {
		o(c)
	}
	return c
}
