package account

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Keyring stores a token between runs.
type Keyring interface {
	Get() (string, error)
	Set(token string) error
	Delete() error
}

// Login stores a token between runs: in the keyring or, if there is none, in a file that
// only the user can read.
type Login struct {
	Keyring Keyring // nil for none
	File    string  // "" for none
}

// SystemLogin returns the user's login. env returns the variables of the environment.
func SystemLogin(env func(string) string) Login {
	return Login{systemKeyring{env}, UserFile(env, "XDG_CONFIG_HOME", ".config", "token")}
}

// UserFile returns the path of a file of teamupsql in a directory of the XDG base directory
// specification, "" if the user has no home directory. fallback is the directory's default
// in the home directory.
func UserFile(env func(string) string, variable, fallback, name string) string {
	dir := env(variable)
	if !filepath.IsAbs(dir) {
		if env("HOME") == "" {
			return ""
		}
		dir = filepath.Join(env("HOME"), fallback)
	}
	return filepath.Join(dir, "teamupsql", name)
}

// Find returns the stored token, "" if there is none.
func (l Login) Find() string {
	if l.Keyring != nil {
		if secret, err := l.Keyring.Get(); err == nil && secret != "" {
			return secret
		}
	}
	if l.File == "" {
		return ""
	}
	secret, err := os.ReadFile(l.File)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(secret))
}

// Save stores the token and returns where.
func (l Login) Save(secret string) (where string, err error) {
	if l.Keyring != nil && l.Keyring.Set(secret) == nil {
		return "the keyring", nil
	}
	if l.File == "" {
		return "", errors.New("there is no keyring and no home directory to save the token in")
	}
	if err := os.MkdirAll(filepath.Dir(l.File), 0o700); err != nil {
		return "", err
	}
	// A file that exists keeps its mode, so a new one takes its place.
	if err := l.removeFile(); err != nil {
		return "", err
	}
	return l.File, os.WriteFile(l.File, []byte(secret+"\n"), 0o600)
}

// Forget removes the stored token.
func (l Login) Forget() error {
	if l.Keyring != nil {
		_ = l.Keyring.Delete() // fails if there is no keyring or no token in it
	}
	return l.removeFile()
}

func (l Login) removeFile() error {
	if l.File == "" {
		return nil
	}
	if err := os.Remove(l.File); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
