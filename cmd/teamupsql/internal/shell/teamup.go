package shell

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// Keyring keeps a token between runs.
type Keyring interface {
	Get() (string, error)
	Set(token string) error
	Delete() error
}

// teamup is the shell's connection to TeamUp: the client of the database and its requests.
type teamup struct {
	requestLog
	config    httpsource.Config // of TeamUp itself, also while the demo is on
	client    atomic.Pointer[httpsource.Client]
	customers int              // of the demo, 0 while TeamUp is used
	demoNow   func() time.Time // the current time of the demo
	secrets   []string         // tokens, never to be shown
	file      string
	keyring   Keyring
	looked    bool // for a saved token
}

func newTeamup(cfg Config) (*teamup, error) {
	t := &teamup{config: cfg.TeamUp, file: cfg.TokenFile, keyring: cfg.Keyring, demoNow: time.Now}
	if text := cfg.Env(demoDayVariable); text != "" {
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is not a date; give one such as 2026-03-15", demoDayVariable, text)
		}
		t.demoNow = func() time.Time { return day.Add(12 * time.Hour) }
	}
	t.config.Observer, t.config.Watch, t.config.Words = t.note, t.watch, words(cfg.Typed)
	for _, secret := range cfg.Secrets {
		t.hide(secret)
	}
	return t, t.use(t.config)
}

func (t *teamup) close() error {
	if c := t.client.Load(); c != nil {
		return c.Close()
	}
	return nil
}

// current returns the client of scans.
func (t *teamup) current() *httpsource.Client { return t.client.Load() }

// clientOf is current for [tablefunc.WithClientFunc].
func (t *teamup) clientOf(context.Context, int64) (*httpsource.Client, error) {
	return t.current(), nil
}

// use changes the configuration of the client.
func (t *teamup) use(cfg httpsource.Config) error {
	fresh, err := httpsource.New(cfg)
	if err != nil {
		return err
	}
	if old := t.client.Swap(fresh); old != nil {
		return old.Close()
	}
	return nil
}

// demoDayVariable is the environment variable with the day that the embedded report shows,
// so that its customers are the same every day. Without it, the report shows today.
const demoDayVariable = "TEAMUPSQL_DEMO_DAY"

// now returns the current time of the report.
func (t *teamup) now() time.Time {
	if t.customers > 0 {
		return t.demoNow()
	}
	return time.Now()
}

// startDemo replaces TeamUp by a demo report with so many customers.
func (t *teamup) startDemo(customers int) error {
	server := teamuptest.New(teamuptest.WithCustomers(customers), teamuptest.WithClock(t.demoNow))
	cfg := t.config
	cfg.BaseURL, cfg.Token, cfg.ProviderID, cfg.RatePerMinute = "", httpsource.NewToken("demo"), 0, -1
	cfg.HTTPClient = &http.Client{Transport: server.Transport()}
	if err := t.use(cfg); err != nil {
		return err
	}
	t.customers = customers
	return nil
}

// stopDemo uses TeamUp again.
func (t *teamup) stopDemo() error {
	t.customers = 0
	return t.use(t.config)
}

// logIn takes a token for this process.
func (t *teamup) logIn(secret string) error {
	cfg := t.config
	cfg.Token = httpsource.NewToken(secret)
	t.customers = 0
	if err := t.use(cfg); err != nil {
		return err
	}
	t.config = cfg
	t.hide(secret)
	return nil
}

// hide keeps a secret out of all that is printed, logged or remembered.
func (t *teamup) hide(secret string) {
	if secret = strings.TrimSpace(secret); secret != "" {
		t.secrets = append(t.secrets, secret)
	}
}

func (t *teamup) conceal(text string) string {
	for _, s := range t.secrets {
		text = strings.ReplaceAll(text, s, "***")
	}
	return text
}

// save stores the token for later runs, in the keyring or else in a file that only the user
// can read. It returns the place.
func (t *teamup) save(secret string) (where string, err error) {
	if t.keyring != nil && t.keyring.Set(secret) == nil {
		return "the keyring", nil
	}
	if t.file == "" {
		return "", errors.New("there is no keyring and no home directory to save the token in")
	}
	if err := os.MkdirAll(filepath.Dir(t.file), 0o700); err != nil {
		return "", err
	}
	// A file that exists keeps its mode, so a new one takes its place.
	if err := os.Remove(t.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return t.file, os.WriteFile(t.file, []byte(secret+"\n"), 0o600)
}

// forget drops the saved token and the one in use.
func (t *teamup) forget() error {
	if t.keyring != nil {
		_ = t.keyring.Delete() // there may be none, in a keyring or at all
	}
	t.config.Token = httpsource.Token{}
	err := t.use(t.config)
	if t.file == "" {
		return err
	}
	if gone := os.Remove(t.file); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
		return errors.Join(err, gone)
	}
	return err
}

// findSaved searches, once, for a token that an earlier run has saved.
func (t *teamup) findSaved() bool {
	if t.looked || !t.config.Token.IsZero() {
		return false
	}
	t.looked = true
	if t.keyring != nil {
		if secret, err := t.keyring.Get(); err == nil && secret != "" {
			return t.logIn(secret) == nil
		}
	}
	secret, err := os.ReadFile(t.file)
	return err == nil && len(secret) > 0 && t.logIn(string(secret)) == nil
}

// where describes the report of the next query.
func (t *teamup) where() string {
	if t.customers > 0 {
		return fmt.Sprintf("the embedded report of %d customers", t.customers)
	}
	if t.config.BaseURL != "" {
		return t.config.BaseURL
	}
	return httpsource.DefaultBaseURL
}
