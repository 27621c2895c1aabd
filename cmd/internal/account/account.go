// Package account decides where the queries of a program go: to TeamUp, with the user's
// token, or to an embedded server with made-up customers.
package account

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// Account is the current source of the customers. It is safe for concurrent use.
type Account struct {
	mu        sync.Mutex
	config    httpsource.Config // of TeamUp, also during a demonstration
	client    *httpsource.Client
	customers int              // of the embedded server, 0 for TeamUp
	demoNow   func() time.Time // the present of the embedded server
}

// New returns an account that sends requests to TeamUp. demoNow is the present of its
// embedded server, see [DemoClock].
func New(cfg httpsource.Config, demoNow func() time.Time) (*Account, error) {
	a := &Account{demoNow: demoNow}
	return a, a.Configure(cfg)
}

// Close closes the client.
func (a *Account) Close() error { return a.Client().Close() }

// Client returns the current client.
func (a *Account) Client() *httpsource.Client {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.client
}

// ClientOf returns the current client, for a scan of any statement and business.
func (a *Account) ClientOf(context.Context, int64) (*httpsource.Client, error) {
	return a.Client(), nil
}

// Config returns the configuration for TeamUp.
func (a *Account) Config() httpsource.Config {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.config
}

// Configure sends later requests to TeamUp, with this configuration.
func (a *Account) Configure(cfg httpsource.Config) error {
	return a.change(cfg, func() { a.config, a.customers = cfg, 0 })
}

// LogIn sends later requests to TeamUp, with this token.
func (a *Account) LogIn(secret string) error {
	cfg := a.Config()
	cfg.Token = httpsource.NewToken(secret)
	return a.Configure(cfg)
}

// change replaces the client. If cfg is valid, it calls note.
func (a *Account) change(cfg httpsource.Config, note func()) error {
	fresh, err := httpsource.New(cfg)
	if err != nil {
		return err
	}
	a.mu.Lock()
	old := a.client
	a.client = fresh
	note()
	a.mu.Unlock()
	if old != nil {
		return old.Close()
	}
	return nil
}

// DemoCustomers is the usual number of customers of the embedded server.
const DemoCustomers = 5000

// DemoDayVariable is the environment variable with the day that the embedded server shows,
// so that its rows are the same every day. Without it, the server shows today.
const DemoDayVariable = "TEAMUPSQL_DEMO_DAY"

// DemoClock returns the present of the embedded server, as the environment sets it.
func DemoClock(env func(string) string) (now func() time.Time, err error) {
	text := env(DemoDayVariable)
	if text == "" {
		return time.Now, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return nil, fmt.Errorf("%s: %q is not a date; give one such as 2026-03-15", DemoDayVariable, text)
	}
	return func() time.Time { return day.Add(12 * time.Hour) }, nil
}

// Now returns the present of the current source.
func (a *Account) Now() time.Time {
	if a.Demo() > 0 {
		return a.demoNow()
	}
	return time.Now()
}

// Demo returns the number of customers of the embedded server, 0 if requests go to TeamUp.
func (a *Account) Demo() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.customers
}

// StartDemo sends later requests to an embedded server with this many customers.
func (a *Account) StartDemo(customers int) error {
	if customers < 1 || customers > 1_000_000 {
		return fmt.Errorf("%d is not a number of customers from 1 to 1,000,000", customers)
	}
	server := teamuptest.New(teamuptest.WithCustomers(customers), teamuptest.WithClock(a.demoNow))
	cfg := a.Config()
	cfg.BaseURL, cfg.Token, cfg.ProviderID, cfg.RatePerMinute = "", httpsource.NewToken("demo"), 0, -1
	cfg.HTTPClient = &http.Client{Transport: server.Transport()}
	return a.change(cfg, func() { a.customers = customers })
}

// StopDemo sends later requests to TeamUp.
func (a *Account) StopDemo() error { return a.Configure(a.Config()) }

// Where describes the current source.
func (a *Account) Where() string {
	if n := a.Demo(); n > 0 {
		return fmt.Sprintf("the embedded report of %d customers", n)
	}
	if url := a.Config().BaseURL; url != "" {
		return url
	}
	return httpsource.DefaultBaseURL
}
