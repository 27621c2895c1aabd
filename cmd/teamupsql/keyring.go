package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"

	"github.com/zalando/go-keyring"
)

// systemKeyring keeps the token in the operating system's keyring.
type systemKeyring struct{ env func(string) string }

const keyringService, keyringUser = "teamupsql", "token"

var errNoKeyring = errors.New("there is no keyring in this session")

// there reports whether a keyring can be reached. It checks for a session bus first,
// because a query would start one.
func (k systemKeyring) there() bool {
	switch runtime.GOOS {
	case "darwin", "windows":
		return true
	}
	if k.env("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	_, err := os.Stat(filepath.Join(k.env("XDG_RUNTIME_DIR"), "bus"))
	return k.env("XDG_RUNTIME_DIR") != "" && err == nil
}

// Get is the saved token.
func (k systemKeyring) Get() (string, error) {
	if !k.there() {
		return "", errNoKeyring
	}
	return keyring.Get(keyringService, keyringUser)
}

// Set saves the token.
func (k systemKeyring) Set(token string) error {
	if !k.there() {
		return errNoKeyring
	}
	return keyring.Set(keyringService, keyringUser, token)
}

// Delete drops the saved token.
func (k systemKeyring) Delete() error {
	if !k.there() {
		return errNoKeyring
	}
	return keyring.Delete(keyringService, keyringUser)
}
