package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/term"
)

// readSecret asks on a terminal for a line that is not shown. The echo is off
// before the question comes, however fast the answer is typed or pasted; for that
// the terminal is raw, so the few keys that matter are dealt with here.
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
