package tablefunc

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/internal/scan"
	"github.com/teamupsql/teamupsql/requests"
)

// Option changes how a database is opened, see [Open]. A nil Option changes nothing.
//
// If a function of the program panics (of [WithClientFunc], [WithClock] or
// [WithStatementObserver], or the handler of [WithLogger]), the statement that it was called for releases what it
// holds and returns a [*httpsource.PanicError]. On a connection of duckdb-go, see
// [Register], the text of DuckDB's error says so.
type Option func(*settings)

// WithClient sets the client that asks TeamUp. Without it the environment says
// where and as whom to ask, see [httpsource.ConfigFromEnv]. A nil client is an error of
// [Open].
func WithClient(c *httpsource.Client) Option {
	return func(s *settings) {
		if s.ClientOf = fixed(c); c == nil {
			s.refuse("WithClient needs a client")
		}
	}
}

// fixed is a function for WithClientFunc that always returns c.
func fixed(c *httpsource.Client) func(context.Context, int64) (*httpsource.Client, error) {
	return func(context.Context, int64) (*httpsource.Client, error) { return c, nil }
}

// WithClientFunc is [WithClient] for a program that chooses the client for each scan, for
// example because each of its tenants has a token of its own. The function gets the context
// of the statement and the business that is about to be read, as the parameters provider_id
// and provider_ids name it; 0 is the client's own. It is called for each scan and business,
// also to find custom fields and for [Explain], by several goroutines. It should return the
// same client for the same business, because a client keeps connections, the rate limit and
// what is known of custom fields.
//
// The function must not use the statement's connection. teamup_requests() shows the requests
// of all statements of the connector, whichever client sent them.
//
// If the function returns an error, the statement fails with that error, which errors.Is
// and errors.As find. If it returns neither a client nor an error, the statement fails. A
// nil function is an error of [Open].
func WithClientFunc(f func(ctx context.Context, provider int64) (*httpsource.Client, error)) Option {
	return func(s *settings) {
		if s.ClientOf = f; f == nil {
			s.refuse("WithClientFunc needs a function")
		}
	}
}

// WithoutPushdown switches rules off, or all of them where none is named: a scan
// then reads what its named parameters allow, and DuckDB does the rest. It is there
// to compare answers.
func WithoutPushdown(rules ...requests.Rule) Option {
	if len(rules) == 0 {
		rules = requests.Rules()
	}
	return func(s *settings) { s.Off = append(s.Off, rules...) }
}

// WithClock sets the present by which predicates on age are translated; the
// default, also for nil, is time.Now. It belongs with a report whose clock stands still.
func WithClock(now func() time.Time) Option {
	return func(s *settings) { s.Now = now }
}

// WithLogger has each statement that scans the function logged with what it cost, and
// why its WHERE could not be pushed down, where that is so. Requests are logged by the
// client, see [httpsource.Config]. Records have the context of the statement. With nil, the
// default, nothing is logged.
func WithLogger(l *slog.Logger) Option {
	return func(s *settings) { s.Log = l }
}

// WithStatementObserver has f called for each statement that scans a report, once, when it
// ends, whether or not it fails, with the context of the statement and what it cost. It is
// called before Exec or Query return (Query has computed its complete result by then), and
// in Close for QueryChunks and the reader of [QueryArrow].
// Each statement of a text and each execution of a prepared statement counts. Statements of
// several connections call f at the same time. f must not use the statement's connection.
// If f panics, the statement, which has run, returns a [*httpsource.PanicError]. With nil,
// the default, nothing is called.
//
// On a connection of duckdb-go, see [Register], a statement ends with its last scan, and its
// error is not that of f.
func WithStatementObserver(f func(context.Context, requests.Summary)) Option {
	return func(s *settings) { s.observe = f }
}

// settings are what all connections of a connector share.
type settings struct {
	scan.Env
	observe func(context.Context, requests.Summary) // see WithStatementObserver, may be nil
	own     *httpsource.Client                      // made from the environment, to be closed with the connector
	refused error                                   // what is wrong with the options
}

func newSettings(options []Option) (*settings, error) {
	s := &settings{}
	for _, o := range options {
		if o != nil {
			o(s)
		}
	}
	if s.refused != nil {
		return nil, s.refused
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.ClientOf == nil {
		cfg, err := httpsource.ConfigFromEnv()
		if err != nil {
			return nil, err
		}
		client, err := httpsource.New(cfg)
		if err != nil {
			return nil, err
		}
		s.own, s.ClientOf = client, fixed(client)
	}
	return s, nil
}

func (s *settings) refuse(what string) {
	s.refused = errors.Join(s.refused, errors.New("tablefunc: "+what))
}

// close closes what the settings made.
func (s *settings) close() error {
	if s.own == nil {
		return nil
	}
	return s.own.Close()
}
