package main

import (
	"context"
	"sync"

	"github.com/teamupsql/teamupsql/cmd/internal/account"
	"github.com/teamupsql/teamupsql/httpsource"
)

// source is the account of one database.
type source struct {
	*account.Account
	env     func(string) string
	finding sync.Mutex // held while a token is searched for
}

// newSource takes the configuration from the environment.
func newSource(env func(string) string) (*source, error) {
	s := &source{env: env}
	cfg, err := s.read()
	if err != nil {
		return nil, err
	}
	demo, err := account.DemoClock(env)
	if err != nil {
		return nil, err
	}
	s.Account, err = account.New(cfg, demo)
	return s, err
}

// read returns the configuration in the environment.
func (s *source) read() (httpsource.Config, error) {
	cfg, err := httpsource.ConfigFrom(s.env)
	cfg.Words = words
	return cfg, err
}

// clientOf returns the client of a scan. As long as there is no token, it searches for one:
// the program may have set a variable, or the user may have saved a token with the shell.
func (s *source) clientOf(context.Context, int64) (*httpsource.Client, error) {
	s.finding.Lock()
	defer s.finding.Unlock()
	if s.Demo() == 0 && s.Config().Token.IsZero() {
		if err := s.findToken(); err != nil {
			return nil, err
		}
	}
	return s.Client(), nil
}

// findToken keeps the account without a token if it finds none. The scan then fails with an
// error that says what to do. A saved token goes to TeamUp's own address only.
func (s *source) findToken() error {
	cfg, err := s.read()
	if err != nil {
		return err
	}
	if cfg.Token.IsZero() && cfg.BaseURL == "" {
		cfg.Token = httpsource.NewToken(account.SystemLogin(s.env).Find())
	}
	if cfg.Token.IsZero() {
		return nil
	}
	return s.Configure(cfg)
}

// words name what a user of the extension can change.
var words = httpsource.Words{
	Remedies: map[httpsource.Remedy]string{
		httpsource.GiveToken:    "set " + httpsource.EnvToken + " in the environment, save a token with the program teamupsql (.login -save), or CALL " + demoName + "() for made-up customers",
		httpsource.CheckToken:   "check the token (" + httpsource.EnvToken + ", or .login -save of the program teamupsql)",
		httpsource.CheckAccess:  "check " + setting + " and whether the token may read the report",
		httpsource.GiveBusiness: "choose the business with SET " + setting + " = N",
		httpsource.CheckBaseURL: "check " + httpsource.EnvBaseURL + ", which ends with /api/v2, and whether a proxy or login page responds instead",
		httpsource.CheckNetwork: "check the network and " + httpsource.EnvBaseURL,
		httpsource.EncryptToken: "use an https:// address",
		httpsource.AllowMore:    "select fewer columns",
		httpsource.SlowDown:     "try again later, or see what else uses this token",
	},
	Settings: map[string]string{
		"BaseURL":    httpsource.EnvBaseURL,
		"ProviderID": httpsource.EnvProviderID,
		"Token":      httpsource.EnvToken,
	},
}
