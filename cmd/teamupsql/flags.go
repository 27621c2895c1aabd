package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/shell"
	"github.com/teamupsql/teamupsql/httpsource"
)

// action is what an option does after the database is open. Actions run in the order of the
// command line.
type action func(ctx context.Context, s *shell.Shell) error

// invocation is a command line as understood.
type invocation struct {
	cfg         shell.Config
	initFile    string
	noInit      bool
	actions     []action
	noStdin     bool // the actions are all there is to do
	interactive *bool
	explain     bool
	help        bool
	version     bool
}

// option is a flag with its description for -help.
type option struct {
	name, value, doc string
	set              func(value string) error
}

// parse understands the arguments. Options may follow the names.
func parse(args []string, env func(string) string) (*invocation, error) {
	inv := &invocation{}
	var err error
	if inv.cfg.TeamUp, err = httpsource.ConfigFromEnv(); err != nil {
		return nil, err
	}
	inv.cfg.Env = env
	names, err := read(args, inv.options(), "teamupsql")
	if err != nil && slices.Contains(args, exportCommand) {
		return nil, shell.Message(err.Error() + "\nAn export begins with its name: teamupsql export -to DIR [OPTIONS]")
	}
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		if i == 0 {
			inv.cfg.Path = name
			continue
		}
		inv.noStdin = true
		inv.command(name)
	}
	return inv, nil
}

// read sets the options in the arguments, in their order, and returns the other arguments.
// command is the command whose -help lists the options.
func read(args []string, options []option, command string) (names []string, err error) {
	fs := flag.NewFlagSet(command, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	for _, o := range options {
		if o.value == "" {
			fs.BoolFunc(o.name, o.doc, func(v string) error {
				if v != "true" {
					return fmt.Errorf("-%s takes no value", o.name)
				}
				return o.set("")
			})
		} else {
			fs.Func(o.name, o.doc, o.set)
		}
	}
	for {
		if err := fs.Parse(args); err != nil {
			return nil, optionError(err, options, command)
		}
		if fs.NArg() == 0 {
			return names, nil
		}
		names, args = append(names, fs.Arg(0)), fs.Args()[1:]
	}
}

// optionError returns an error with the wording of the DuckDB command line.
func optionError(err error, options []option, command string) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	unknown, found := strings.CutPrefix(err.Error(), "flag provided but not defined: ")
	if !found {
		return shell.Message(err.Error() + "\nRun '" + command + " -help' for a list of options.")
	}
	var names []string
	for _, o := range options {
		names = append(names, o.name)
	}
	message := "Unknown Option Error: Unrecognized option '" + unknown + "'"
	if like := shell.Similar(strings.TrimLeft(unknown, "-"), names); len(like) > 0 {
		message += "\nDid you mean: \"-" + strings.Join(like, `", "-`) + `"`
	}
	return shell.Message(message + "\nRun '" + command + " -help' for a list of options.")
}

// command adds a line to be run.
func (inv *invocation) command(line string) {
	inv.actions = append(inv.actions, func(ctx context.Context, s *shell.Shell) error {
		if inv.explain && !strings.HasPrefix(line, ".") {
			line = ".explain " + line
		}
		return s.Command(ctx, line)
	})
}

func (inv *invocation) options() []option {
	flag := func(at *bool) func(string) error { return func(string) error { *at = true; return nil } }
	text := func(at *string) func(string) error { return func(v string) error { *at = v; return nil } }
	run := func(v string) error {
		inv.noStdin = true
		inv.command(v)
		return nil
	}
	on, off := true, false
	options := []option{
		{"c", "COMMAND", "run COMMAND and exit; may be repeated", run},
		{"s", "COMMAND", "run COMMAND and exit", run},
		{"f", "FILENAME", "run the file and exit", func(v string) error {
			inv.noStdin = true
			inv.actions = append(inv.actions, func(ctx context.Context, s *shell.Shell) error { return s.File(ctx, v) })
			return nil
		}},
		{"cmd", "COMMAND", "run COMMAND before reading standard input", func(v string) error { inv.command(v); return nil }},
		{"init", "FILENAME", "run the file instead of ~/.teamupsqlrc", text(&inv.initFile)},
		{"no-init", "", "run no ~/.teamupsqlrc", flag(&inv.noInit)},
		{"no-stdin", "", "exit after the options instead of reading standard input", flag(&inv.noStdin)},
		{"batch", "", "force batch input: no prompt, no progress", func(string) error { inv.interactive = &off; return nil }},
		{"interactive", "", "prompt, and continue after errors, even if the input is not a terminal", func(string) error { inv.interactive = &on; return nil }},
		{"readonly", "", "open the database read-only", flag(&inv.cfg.ReadOnly)},
		{"safe", "", "allow no files, no programs, and no address other than TeamUp's", flag(&inv.cfg.Safe)},
		{"version", "", "show the version", flag(&inv.version)},
		{"help", "", "show this help", flag(&inv.help)},
		{"h", "", "show this help", flag(&inv.help)},
	}
	for _, o := range shell.Options {
		options = append(options, option{o.Name, o.Value, o.Doc, func(v string) error {
			inv.actions = append(inv.actions, func(_ context.Context, s *shell.Shell) error { s.Set(o, v); return nil })
			return nil
		}})
	}
	return append(options, inv.teamupOptions()...)
}

// teamupOptions returns the options for the connection to TeamUp.
func (inv *invocation) teamupOptions() []option {
	teamup := &inv.cfg.TeamUp
	return []option{
		{"demo", "", "use an embedded server with made-up customers instead of TeamUp", func(string) error { inv.cfg.Demo = shell.DemoCustomers; return nil }},
		{"explain", "", "show the requests of the SQL of -c, and send nothing", func(string) error { inv.explain = true; return nil }},
		{"token-file", "FILE", "read the token from FILE; default $TEAMUP_TOKEN, then the token that .login -save stored", func(v string) error {
			secret, err := os.ReadFile(v)
			teamup.Token = httpsource.NewToken(string(secret))
			if err == nil && teamup.Token.IsZero() {
				err = fmt.Errorf("%s contains no token", v)
			}
			inv.cfg.Secrets = append(inv.cfg.Secrets, string(secret))
			return err
		}},
		{"provider-id", "N", "business, if the token can read several; default $TEAMUP_PROVIDER_ID", number(1, &teamup.ProviderID)},
		{"base-url", "URL", "base URL, including /api/v2; default $TEAMUP_BASE_URL, then TeamUp's", func(v string) error { teamup.BaseURL = v; return nil }},
		{"auth-scheme", "NAME", "Bearer, Token or JWT, default Bearer", func(v string) error { teamup.Scheme = v; return nil }},
		{"request-mode", "NAME", "provider or customer, default provider", func(v string) error { teamup.Mode = v; return nil }},
		{"concurrency", "N", "requests in flight, 1 to 64, default 8", number(1, &teamup.Concurrency)},
		{"rate", "N", "requests per minute, default 240 for TeamUp's address, 0 for no limit", func(v string) error {
			err := number(0, &teamup.RatePerMinute)(v)
			if teamup.RatePerMinute == 0 {
				teamup.RatePerMinute = -1
			}
			return err
		}},
		{"timeout", "DURATION", "time limit of one request, such as 30s, default 1m", func(v string) error {
			d, err := time.ParseDuration(v)
			if err != nil || d <= 0 {
				return errors.New("give a time such as 30s or 2m")
			}
			teamup.RequestTimeout = d
			return nil
		}},
	}
}

func number[T int | int64](least T, at *T) func(string) error {
	return func(v string) error {
		var n T
		if _, err := fmt.Sscanf(v+"\n", "%d\n", &n); err != nil || n < least {
			return fmt.Errorf("give a whole number of %d or more", least)
		}
		*at = n
		return nil
	}
}
