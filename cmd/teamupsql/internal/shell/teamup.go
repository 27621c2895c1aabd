package shell

import (
	"errors"
	"strings"

	"github.com/teamupsql/teamupsql/cmd/internal/account"
)

// teamup is the account that the shell queries, with the requests that it has sent.
type teamup struct {
	requestLog
	*account.Account
	login   account.Login
	secrets []string // tokens, never to be shown
}

func newTeamup(cfg Config) (t *teamup, err error) {
	demo, err := account.DemoClock(cfg.Env)
	if err != nil {
		return nil, err
	}
	t = &teamup{login: cfg.Login}
	for _, secret := range cfg.Secrets {
		t.hide(secret)
	}
	config := cfg.TeamUp
	config.Observer, config.Watch, config.Words = t.note, t.watch, words(cfg.Typed)
	t.Account, err = account.New(config, demo)
	return t, err
}

// logIn uses a token in this process.
func (t *teamup) logIn(secret string) error {
	if err := t.LogIn(secret); err != nil {
		return err
	}
	t.hide(secret)
	return nil
}

// forget removes the saved token and the current one.
func (t *teamup) forget() error { return errors.Join(t.login.Forget(), t.LogIn("")) }

// findSaved searches for a token that an earlier run has saved, if there is no token.
func (t *teamup) findSaved() bool {
	if !t.Config().Token.IsZero() {
		return false
	}
	secret := t.login.Find()
	return secret != "" && t.logIn(secret) == nil
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
