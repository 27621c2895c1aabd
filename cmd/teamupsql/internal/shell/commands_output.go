package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/render"
)

// outputCommands set the form and the destination of results.
var outputCommands = []command{
	{name: "mode", usage: "MODE ?TABLE?", doc: "Set the output mode", args: -1, more: modesHelp(),
		run: (*Shell).modeCommand},
	{name: "headers", usage: "on|off", doc: "Turn display of headers on or off", args: 1,
		run: toggle(func(s *Shell) *bool { return &s.headers })},
	{name: "nullvalue", usage: "STRING", doc: "Use STRING in place of NULL values", args: 1,
		run: func(s *Shell, _ context.Context, args []string) error { s.null = args[0]; return nil }},
	{name: "separator", usage: "COL ?ROW?", doc: "Change the column and row separators", args: -1,
		run: func(s *Shell, _ context.Context, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return errUsage
			}
			s.column = args[0]
			if len(args) == 2 {
				s.row = args[1]
			}
			return nil
		}},
	{name: "maxrows", usage: "COUNT", doc: "Rows that duckbox shows, the middle ones are left out (default: 40, 0: all)", args: -1,
		run: count("max rows", func(s *Shell) *int { return &s.maxRows })},
	{name: "maxwidth", usage: "COUNT", doc: "Width of duckbox in characters (default 0: the terminal's)", args: -1,
		run: count("max width", func(s *Shell) *int { return &s.maxWidth })},
	{name: "timer", usage: "on|off", doc: "Print the time and the requests that each statement takes", args: 1,
		run: toggle(func(s *Shell) *bool { return &s.timer })},
	{name: "changes", usage: "on|off", doc: "Show the number of rows changed by SQL", args: 1, least: 3,
		run: toggle(func(s *Shell) *bool { return &s.changes })},
	{name: "echo", usage: "on|off", doc: "Print statements before they run", args: 1, least: 3,
		run: toggle(func(s *Shell) *bool { return &s.echo })},
	{name: "output", usage: "?FILE?", doc: "Send output to FILE, or to stdout without FILE", args: -1, unsafe: true,
		more: "|COMMAND\tas FILE sends the output to a command",
		run:  func(s *Shell, _ context.Context, args []string) error { return s.sendOutput(args, false) }},
	{name: "once", usage: "FILE", doc: "Send the output of the next statement alone to FILE", args: -1, unsafe: true,
		more: "|COMMAND\tas FILE sends the output to a command",
		run:  func(s *Shell, _ context.Context, args []string) error { return s.sendOutput(args, true) }},
	{name: "pager", usage: "on|off|COMMAND", doc: "Show results that are taller than the screen in a pager (default off)", args: -1, unsafe: true,
		more: "COMMAND\tdefaults to $TEAMUPSQL_PAGER, $PAGER or less -SRFX",
		run:  (*Shell).pagerCommand},
	{name: "print", usage: "STRING...", doc: "Print STRING as it is", args: -1, least: 3,
		run: func(s *Shell, _ context.Context, args []string) error {
			_, err := io.WriteString(s.out, strings.Join(args, " ")+"\n") // even to a terminal: the user wrote it
			return err
		}},
	{name: "show", doc: "Show the current settings",
		run: func(s *Shell, _ context.Context, _ []string) error { s.showSettings(); return nil }},
}

func modesHelp() string {
	lines := []string{"MODE is one of:"}
	for _, m := range render.Modes {
		lines = append(lines, "  "+string(m.Mode)+"\t"+m.Doc)
	}
	return strings.Join(lines, "\n")
}

func toggle(at func(*Shell) *bool) func(*Shell, context.Context, []string) error {
	return func(s *Shell, _ context.Context, args []string) error {
		on, err := boolean(args[0])
		if err == nil {
			*at(s) = on
		}
		return err
	}
}

func count(what string, at func(*Shell) *int) func(*Shell, context.Context, []string) error {
	return func(s *Shell, _ context.Context, args []string) error {
		switch len(args) {
		case 0:
			s.printf("current %s: %d\n", what, *at(s))
			return nil
		case 1:
			n, err := strconv.Atoi(args[0])
			if err != nil || n < 0 {
				return fmt.Errorf("%q is not a number of 0 or more", args[0])
			}
			*at(s) = n
			return nil
		}
		return errUsage
	}
}

func (s *Shell) modeCommand(_ context.Context, args []string) error {
	switch len(args) {
	case 0:
		s.printf("current output mode: %s\n", s.mode)
		return nil
	case 1, 2:
		before := s.settings
		if err := s.setMode(args[0]); err != nil {
			return err
		}
		if len(args) == 2 {
			if s.mode != render.Insert {
				s.settings = before
				return errors.New("TABLE argument can only be used with .mode insert")
			}
			s.table = args[1]
		} else {
			s.table = "table"
		}
		return nil
	}
	return errUsage
}

func (s *Shell) sendOutput(args []string, once bool) error {
	if once && len(args) == 0 {
		return errUsage
	}
	return s.out.send(strings.Join(args, " "), once, s.cfg.Err)
}

func (s *Shell) showSettings() {
	onOff := map[bool]string{true: "on", false: "off"}
	for _, line := range [][2]string{
		{"echo", onOff[s.echo]}, {"headers", onOff[s.headers]}, {"mode", string(s.mode)},
		{"nullvalue", strconv.Quote(s.null)}, {"output", s.out.name},
		{"colseparator", strconv.Quote(s.column)}, {"rowseparator", strconv.Quote(s.row)},
		{"maxrows", strconv.Itoa(s.maxRows)}, {"maxwidth", strconv.Itoa(s.maxWidth)},
		{"filename", s.db.path}, {"report", s.teamup.where()},
	} {
		s.printf("%12s: %s\n", line[0], line[1])
	}
}
