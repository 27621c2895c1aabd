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

// WithSeed sets what the customers are computed from; the default is 1. The same
// seed, position and day of the clock at the start give the same customer.
func WithSeed(seed uint64) Option { return func(c *config) { c.seed = seed } }

// WithClock sets the server's present: the data ends there, and ages and timeframes
// are relative to it. The default is a clock that stands still at noon, UTC, of 15
// March 2026. Several goroutines may call it.
func WithClock(now func() time.Time) Option { return func(c *config) { c.now = now } }

// WithLatency delays every answer; a request that is cancelled waits no longer.
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

// WithProviders sets the ids of the businesses, each with customers of its own. If
// there are several, a request must name one. Without this option there is one
// business, and any id stands for it.
func WithProviders(ids ...int64) Option { return func(c *config) { c.providers = ids } }

// WithMaxInFlight answers 429 to a request that arrives while n are in flight.
func WithMaxInFlight(n int) Option { return func(c *config) { c.maxInFlight = n } }

// WithRate answers 429 to requests beyond so many a second, after a first burst.
func WithRate(perSecond float64, burst int) Option {
	return func(c *config) { c.rate, c.burst = perSecond, burst }
}

// WithRetryAfter adds a Retry-After header, in whole seconds rounded up, to the 429
// answers of the limits. The default is none, as TeamUp promises none.
func WithRetryAfter(d time.Duration) Option { return func(c *config) { c.retryAfter = d } }

// WithOnlyColumns refuses, with status 400, requests that ask for other columns than
// these (or for all, by naming none): a test of what a client does not need.
func WithOnlyColumns(keys ...string) Option {
	return func(c *config) {
		c.onlyColumns = map[string]bool{}
		for _, k := range keys {
			c.onlyColumns[k] = true
		}
	}
}

// WithoutGzip sends answers uncompressed, whatever the request accepts.
func WithoutGzip() Option { return func(c *config) { c.plain = true } }

// WithQuirks sets how the server differs from the usual one.
func WithQuirks(q Quirks) Option { return func(c *config) { c.quirks = q } }

// WithMutations makes a random change (see [Store.Mutate]) right before every n-th
// request that is answered with rows.
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
