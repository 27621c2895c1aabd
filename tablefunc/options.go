package tablefunc

import (
	"log/slog"
	"time"

	"github.com/teamupsql/teamupsql/httpsource"
)

// Option changes how a database is opened, see [Open].
type Option func(*settings)

// WithClient sets the client that asks TeamUp. Without it the environment says
// where and as whom to ask, see [httpsource.ConfigFromEnv].
func WithClient(c *httpsource.Client) Option {
	return WithClientFunc(func() *httpsource.Client { return c })
}

// WithClientFunc is [WithClient] for a program that changes whom it asks: the
// function is called for every scan, by several goroutines.
func WithClientFunc(f func() *httpsource.Client) Option {
	return func(s *settings) { s.client = f }
}

// WithoutPushdown switches rules off, or all of them where none is named: a scan
// then reads what its named parameters allow, and DuckDB does the rest. It is there
// to compare answers.
func WithoutPushdown(rules ...Rule) Option {
	if len(rules) == 0 {
		rules = Rules()
	}
	return func(s *settings) { s.off = append(s.off, rules...) }
}

// WithClock sets the present by which predicates on age are translated; the
// default is time.Now. It belongs with a report whose clock stands still.
func WithClock(now func() time.Time) Option {
	return func(s *settings) { s.now = now }
}

// WithLogger has each statement that scans the function logged with what it cost, and
// why its WHERE could not be pushed down, where that is so. Requests are logged by
// the client, see [httpsource.Config].
func WithLogger(l *slog.Logger) Option {
	return func(s *settings) { s.log = l }
}

// settings are what all connections of a connector share.
type settings struct {
	client func() *httpsource.Client
	own    *httpsource.Client // made from the environment, to be closed with the connector
	now    func() time.Time
	off    []Rule // that are switched off
	log    *slog.Logger

	populations populations
	fields      fieldCache
}

func newSettings(options []Option) (*settings, error) {
	s := &settings{now: time.Now, log: slog.New(slog.DiscardHandler)}
	for _, o := range options {
		o(s)
	}
	if s.client == nil {
		cfg, err := httpsource.ConfigFromEnv()
		if err != nil {
			return nil, err
		}
		client, err := httpsource.New(cfg)
		if err != nil {
			return nil, err
		}
		s.own, s.client = client, func() *httpsource.Client { return client }
	}
	return s, nil
}

// close closes what the settings made.
func (s *settings) close() error {
	if s.own == nil {
		return nil
	}
	return s.own.Close()
}
