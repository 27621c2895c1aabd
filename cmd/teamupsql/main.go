// Command teamupsql runs SQL over TeamUp's reports: one statement after
// another from the command line, a file or standard input, or in a shell.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"github.com/teamupsql/teamupsql/cmd/internal/account"
	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/shell"
	"github.com/teamupsql/teamupsql/httpsource"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// run is the complete program. It returns the exit status.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer, env func(string) string) int {
	if len(args) > 0 && args[0] == exportCommand {
		return runExport(ctx, args[1:], out, errs, env)
	}
	inv, err := parse(args, env)
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	switch {
	case inv.help:
		usage(out, inv.options())
		return 0
	case inv.version:
		fmt.Fprintf(out, "teamupsql %s\n", shell.Version())
		return 0
	}
	inv.cfg.In, inv.cfg.Out, inv.cfg.Err = in, out, errs
	inv.places(env)
	inv.cfg.Terminal = terminal(in, out, errs)
	interactive := inv.cfg.Terminal.In
	if inv.interactive != nil {
		interactive = *inv.interactive
		inv.cfg.Terminal.Err = inv.cfg.Terminal.Err && interactive
	}
	inv.cfg.Typed = interactive && !inv.noStdin
	s, err := shell.New(ctx, inv.cfg)
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	status := shell.Status(inv.execute(ctx, s, interactive))
	if err := s.Close(); err != nil {
		fmt.Fprintln(errs, err)
		return max(status, 1)
	}
	return status
}

// execute runs the init file, the options and the input, in this order.
func (inv *invocation) execute(ctx context.Context, s *shell.Shell, interactive bool) error {
	if err := inv.readInit(ctx, s); err != nil {
		return err
	}
	for _, do := range inv.actions {
		if err := do(ctx, s); err != nil && s.Bails(true) || shell.Ends(err) {
			return err
		}
	}
	switch {
	case inv.noStdin:
		return nil
	case interactive:
		return s.Interact(ctx)
	}
	return s.ReadAll(ctx, inv.cfg.In, shell.Standard)
}

func (inv *invocation) readInit(ctx context.Context, s *shell.Shell) error {
	switch {
	case inv.initFile != "":
		return s.File(ctx, inv.initFile)
	case inv.noInit || inv.cfg.Env("HOME") == "":
		return nil
	}
	file := filepath.Join(inv.cfg.Env("HOME"), ".teamupsqlrc")
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return s.File(ctx, file)
}

// places are the files that the shell keeps, in the folders that the XDG base
// directory specification names.
func (inv *invocation) places(env func(string) string) {
	inv.cfg.Login = account.SystemLogin(env)
	inv.cfg.Secrets = append(inv.cfg.Secrets, env(httpsource.EnvToken))
	inv.cfg.History = account.UserFile(env, "XDG_STATE_HOME", ".local/state", "history")
	if file := env("TEAMUPSQL_HISTORY"); file != "" {
		inv.cfg.History = file
	}
}

// terminal reports which of the streams are terminals.
func terminal(in io.Reader, out, errs io.Writer) shell.Terminal {
	is := func(stream any) bool {
		f, ok := stream.(*os.File)
		return ok && term.IsTerminal(int(f.Fd()))
	}
	t := shell.Terminal{In: is(in), Out: is(out), Err: is(errs)}
	for _, stream := range []any{out, errs} {
		if f, ok := stream.(*os.File); ok && is(f) && t.Size == nil {
			t.Size = func() (width, height int) {
				width, height, _ = term.GetSize(int(f.Fd()))
				return width, height
			}
		}
	}
	if f, ok := in.(*os.File); ok && t.In {
		t.Secret = func(prompt string) (string, error) { return readSecret(f, errs, prompt) }
	}
	return t
}

// usage prints the help.
func usage(out io.Writer, options []option) {
	fmt.Fprint(out, `Usage: teamupsql [OPTIONS] [FILENAME [SQL...]]
       teamupsql export -to DIR [OPTIONS]

Runs SQL over TeamUp's reports, such as the table function teamup_customers(), in
DuckDB. FILENAME is a DuckDB database, created if it does not exist; without it
the database is in memory. Without SQL, -c or -f, statements and dot commands are
read from standard input; on a terminal that is the shell, see .help there.

teamupsql export writes the customers report as Parquet, see teamupsql export -help.

OPTIONS:
`)
	list(out, options)
	fmt.Fprint(out, `
The exit status is 0, or 1 if a statement or command failed. With -c or -f, teamupsql
stops at the first error; when it reads standard input, only if -bail is set.
`)
}

// list prints options with their descriptions.
func list(out io.Writer, options []option) {
	width := 0
	left := func(o option) string { return strings.TrimSpace("-" + o.name + " " + o.value) }
	for _, o := range options {
		width = max(width, len(left(o)))
	}
	for _, o := range options {
		fmt.Fprintf(out, "  %-*s    %s\n", width, left(o), o.doc)
	}
}
