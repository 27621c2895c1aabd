package tablefunc

import (
	"errors"
	"log/slog"
	"time"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/internal/requestlog"
	"github.com/teamupsql/teamupsql/internal/scan"
)

// Option changes how a database is opened, see [Open]. A nil Option changes nothing.
//
// If a function of the program panics (of [WithClientFunc], [WithClock] or [WithSummary],
// or the handler of [WithLogger]), the statement that it was called for releases what it
// holds and returns a [*httpsource.PanicError]. On a connection of duckdb-go, see
// [Register], the text of DuckDB's error says so.
type Option func(*settings)

// WithClient sets the client that asks TeamUp. Without it the environment says
// where and as whom to ask, see [httpsource.ConfigFromEnv]. A nil client is an error of
// [Open].
func WithClient(c *httpsource.Client) Option {
	return func(s *settings) {
		if s.ClientOf = func() *httpsource.Client { return c }; c == nil {
			s.refuse("WithClient needs a client")
		}
	}
}

// WithClientFunc is [WithClient] for a program that changes whom it asks: the
// function is called for every scan, by several goroutines. A nil function is an error of
// [Open]. If the function returns nil, the statement fails.
func WithClientFunc(f func() *httpsource.Client) Option {
	return func(s *settings) {
		if s.ClientOf = f; f == nil {
			s.refuse("WithClientFunc needs a function")
		}
	}
}

// WithoutPushdown switches rules off, or all of them where none is named: a scan
// then reads what its named parameters allow, and DuckDB does the rest. It is there
// to compare answers.
func WithoutPushdown(rules ...Rule) Option {
	if len(rules) == 0 {
		rules = Rules()
	}
	return func(s *settings) { s.Off = append(s.Off, rules...) }
}

// WithClock sets the present by which predicates on age are translated; the
// default, also for nil, is time.Now. It belongs with a report whose clock stands still.
func WithClock(now func() time.Time) Option {
	return func(s *settings) { s.Now = now }
}

// WithLogger has each statement that scans the function logged with what it cost, and
// why its WHERE could not be pushed down, where that is so. Requests are logged by
// the client, see [httpsource.Config]. With nil, the default, nothing is logged.
func WithLogger(l *slog.Logger) Option {
	return func(s *settings) { s.Log = l }
}

// settings are what all connections of a connector share.
type settings struct {
	scan.Env
	own     *httpsource.Client // made from the environment, to be closed with the connector
	refused error              // what is wrong with the options
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
		s.own, s.ClientOf = client, func() *httpsource.Client { return client }
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

// Rule is a way in which a plan saves requests. None changes an answer; each can
// be switched off, see [WithoutPushdown].
type Rule = requestlog.Rule

// The rules.
const (
	RuleWhere = requestlog.RuleWhere // predicates become parameters of the report; the others build on it
	RuleParts = requestlog.RuleParts // of a struct, only the parts that are read are asked for
	RuleCount = requestlog.RuleCount // rows that are only counted are not read: the report tells their number
	RuleLimit = requestlog.RuleLimit // a LIMIT asks for no larger page than it needs
	RuleKeys  = requestlog.RuleKeys  // a join on id asks for the ids on its other side, where that takes fewer requests
	RuleShare = requestlog.RuleShare // scans of one statement that ask for the same customers read them once
	RuleTop   = requestlog.RuleTop   // ORDER BY id or created_at with a LIMIT reads just these rows
)

// Rules lists all rules.
func Rules() []Rule { return requestlog.Rules() }
