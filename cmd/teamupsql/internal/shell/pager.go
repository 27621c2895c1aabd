package shell

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
)

// pagerMode determines when results are printed through a pager.
type pagerMode uint8

const (
	pagerOff pagerMode = iota
	pagerOn            // when a result is taller than the screen
)

// usualPager prints short results directly and keeps colours.
const usualPager = "less -SRFX"

func (s *Shell) pagerCommand(_ context.Context, args []string) error {
	switch {
	case len(args) == 0:
		s.printf("Pager mode: %s\nPager command: %s\n", map[pagerMode]string{pagerOff: "off", pagerOn: "on"}[s.pager], s.pagerLine())
		return nil
	case len(args) == 1 && args[0] == "off":
		s.pager = pagerOff
		return nil
	case len(args) == 1 && (args[0] == "on" || args[0] == "automatic"):
	default:
		s.pagerCmd = strings.Join(args, " ")
	}
	s.pager = pagerOn
	return nil
}

func (s *Shell) pagerLine() string {
	for _, line := range []string{s.pagerCmd, s.cfg.Env("TEAMUPSQL_PAGER"), s.cfg.Env("PAGER")} {
		if line != "" {
			return line
		}
	}
	return usualPager
}

// paged returns the writer for a result, and a function to call at its end. With a pager,
// the result is buffered until its height is known.
func (s *Shell) paged(out io.Writer) (io.Writer, func() error) {
	if s.pager == pagerOff || !s.console() || !s.cfg.Terminal.In {
		return out, func() error { return nil }
	}
	var held bytes.Buffer
	return &held, func() error {
		if _, height := s.size(); bytes.Count(held.Bytes(), []byte("\n")) < height {
			_, err := out.Write(held.Bytes())
			return err
		}
		cmd := shellCommand(s.pagerLine())
		cmd.Stdin, cmd.Stdout, cmd.Stderr = &held, s.cfg.Out, s.cfg.Err // without wrappers, because a pager needs the terminal
		if err := cmd.Run(); err != nil {
			return errors.New("the pager " + s.pagerLine() + " ended with " + err.Error())
		}
		return nil
	}
}
