package shell

import (
	"context"
	"errors"
	"os/exec"
	"strconv"
	"strings"
)

// shellCommands are about the shell itself.
var shellCommands = []command{
	{name: "help", usage: "?-all? ?PATTERN?", doc: "Show help text for PATTERN", args: -1, run: (*Shell).help},
	{name: "quit", doc: "Exit this program", args: -1,
		run: func(*Shell, context.Context, []string) error { return &ExitError{} }},
	{name: "exit", usage: "?CODE?", doc: "Exit this program with return-code CODE", args: -1,
		run: func(_ *Shell, _ context.Context, args []string) error {
			switch len(args) {
			case 0:
				return &ExitError{}
			case 1:
				if n, err := strconv.Atoi(args[0]); err == nil {
					return &ExitError{n}
				}
			}
			return errUsage
		}},
	{name: "bail", usage: "on|off|auto", doc: "Stop after an error (default auto: in files)", args: 1, least: 3,
		run: func(s *Shell, _ context.Context, args []string) error {
			if args[0] == "auto" {
				s.bail = bailAuto
				return nil
			}
			on, err := boolean(args[0])
			if err == nil {
				s.bail = map[bool]bail{true: bailOn, false: bailOff}[on]
			}
			return err
		}},
	{name: "prompt", usage: "MAIN ?CONTINUE?", doc: "Replace the prompts", args: -1,
		run: func(s *Shell, _ context.Context, args []string) error {
			switch len(args) {
			case 2:
				s.more = args[1]
				fallthrough
			case 1:
				s.prompt = args[0]
				return nil
			}
			return errUsage
		}},
	{name: "safe_mode", doc: "Turn safe mode on, until the shell ends",
		run: func(s *Shell, ctx context.Context, _ []string) error { return s.makeSafe(ctx) }},
	{name: "shell", usage: "CMD ARGS...", doc: "Run CMD ARGS... in a system shell", args: -1, unsafe: true, raw: true, run: (*Shell).system},
	{name: "system", usage: "CMD ARGS...", doc: "Run CMD ARGS... in a system shell", args: -1, unsafe: true, raw: true, run: (*Shell).system},
	{name: "version", doc: "Show the version", run: (*Shell).version},
}

func (s *Shell) system(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	cmd := shellCommand(args[0])
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.cfg.In, s.out, s.cfg.Err
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return errors.New("System command returns " + strconv.Itoa(exit.ExitCode()))
	}
	return err
}

func (s *Shell) version(ctx context.Context, _ []string) error {
	texts, err := s.texts(ctx, "SELECT concat_ws(' ', 'DuckDB', library_version, '(' || codename || ')', source_id) FROM pragma_version()")
	s.printf("teamupsql %s\n%s\n", Version(), strings.Join(texts, "\n"))
	return err
}
