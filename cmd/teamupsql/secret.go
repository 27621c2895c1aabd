package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/term"
)

// readSecret reads a line from a terminal without echo. It turns the echo off before it
// prints the prompt. The terminal is in raw mode, so readSecret handles the few keys that
// matter.
func readSecret(terminal *os.File, prompts io.Writer, prompt string) (string, error) {
	state, err := term.MakeRaw(int(terminal.Fd()))
	if err != nil {
		return "", err
	}
	defer func() { _ = term.Restore(int(terminal.Fd()), state) }()
	fmt.Fprint(prompts, prompt)
	var secret []byte
	key := make([]byte, 1)
	for {
		if _, err := terminal.Read(key); err != nil {
			return "", err
		}
		switch key[0] {
		case '\r', '\n':
			return string(secret), nil
		case 0x03, 0x04: // Ctrl-C, Ctrl-D
			return "", errors.New("no token was given; the one before stays in use")
		case 0x08, 0x7f: // backspace
			_, size := utf8.DecodeLastRune(secret)
			secret = secret[:len(secret)-size]
		case 0x15: // Ctrl-U
			secret = nil
		default:
			secret = append(secret, key[0])
		}
	}
}
