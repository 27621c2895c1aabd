// Command extension builds the table functions of TeamUp's reports as an extension that
// other DuckDB programs load: DuckDB's own shell, Python, R, Node, Java.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

const usage = `Usage: go run ./cmd/extension build [-o DIR]

Builds DIR/teamup.duckdb_extension for this machine and one version of DuckDB, the one in
go.mod. It needs a C compiler. See docs/extension.md.

  -o DIR    directory of the file, default dist
`

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program. It returns the exit status.
func run(arguments []string, out, errs io.Writer) int {
	options := flag.NewFlagSet("extension", flag.ContinueOnError)
	options.SetOutput(io.Discard)
	err := options.Parse(arguments)
	dir := options.String("o", "dist", "")
	switch {
	case err != nil:
	case options.NArg() == 0:
		err = errors.New("missing command build")
	case options.Arg(0) != "build":
		err = fmt.Errorf("unknown command %q", options.Arg(0))
	default:
		if err = options.Parse(options.Args()[1:]); err == nil && options.NArg() > 0 {
			err = fmt.Errorf("unknown argument %q", options.Arg(0))
		}
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(out, usage)
		return 0
	case err != nil:
		fmt.Fprintf(errs, "extension: %v\n\n%s", err, usage)
		return 2
	}
	path, err := build(*dir)
	if err != nil {
		fmt.Fprintf(errs, "extension: %v\n", err)
		return 1
	}
	fmt.Fprintln(out, path)
	return 0
}
