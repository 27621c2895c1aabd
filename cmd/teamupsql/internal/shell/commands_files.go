package shell

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/teamupsql/teamupsql/internal/sqltext"
)

// fileCommands read, write and open files.
var fileCommands = []command{
	{name: "read", usage: "FILE", doc: "Read input from FILE", args: 1, least: 3, unsafe: true,
		run: func(s *Shell, ctx context.Context, args []string) error { return s.ReadFile(ctx, args[0]) }},
	{name: "open", usage: "?OPTIONS? ?FILE?", doc: "Close the database and open FILE, or one in memory", args: -1, least: 2, unsafe: true,
		more: "--new\tDelete FILE first\n--readonly\tOpen FILE read-only",
		run:  (*Shell).openCommand},
	{name: "import", usage: "FILE TABLE", doc: "Import data from FILE into TABLE", args: -1, unsafe: true,
		more: "--csv, --json, --parquet\tThe kind of FILE, which else its name tells\n--PARAMETER VALUE\tA parameter of DuckDB's reader\n" +
			"TABLE is created if it does not exist.",
		run: (*Shell).importCommand},
	{name: "cd", usage: "DIRECTORY", doc: "Change the working directory", args: 1, unsafe: true,
		run: func(_ *Shell, _ context.Context, args []string) error {
			if err := os.Chdir(args[0]); err != nil {
				return fmt.Errorf("cannot change to directory %q", args[0])
			}
			return nil
		}},
	{name: "log", usage: "FILE|off", doc: "Log statements and requests to FILE, stderr or stdout", args: 1, unsafe: true,
		run: func(s *Shell, _ context.Context, args []string) error {
			return s.log.open(args[0], s.cfg.Out, s.cfg.Err)
		}},
}

func (s *Shell) openCommand(ctx context.Context, args []string) error {
	var path string
	var fresh, readOnly bool
	for _, a := range args {
		switch option := "-" + strings.TrimLeft(a, "-"); {
		case option == "-new" && a != "new":
			fresh = true
		case option == "-readonly" && a != "readonly":
			readOnly = true
		case strings.HasPrefix(a, "-"):
			return fmt.Errorf("unknown option: %s", a)
		case path != "":
			return errUsage
		default:
			path = a
		}
	}
	if err := s.db.close(); err != nil {
		return err
	}
	if fresh && path != "" {
		if err := removeDatabase(path); err != nil {
			return err
		}
	}
	err := s.open(ctx, path, readOnly)
	if err != nil {
		// As DuckDB's shell does: there is always a database.
		return errors.Join(fmt.Errorf("cannot open %q: %w", path, err), s.open(ctx, "", false))
	}
	return nil
}

// readers are DuckDB's readers by the end of a file's name.
var readers = map[string]string{
	".parquet": "read_parquet", ".json": "read_json", ".jsonl": "read_json", ".ndjson": "read_json",
}

func (s *Shell) importCommand(ctx context.Context, args []string) error {
	var names, parameters []string
	reader := ""
	for i := 0; i < len(args); i++ {
		option := strings.TrimLeft(args[i], "-")
		switch {
		case option == args[i]:
			names = append(names, args[i])
		case slices.Contains([]string{"csv", "json", "parquet"}, option):
			reader = "read_" + option
		case i+1 == len(args):
			return fmt.Errorf("expected a value for the parameter %q", option)
		default:
			i++
			parameters = append(parameters, sqltext.QuoteName(option)+" = "+sqltext.QuoteText(args[i]))
		}
	}
	if len(names) != 2 {
		return errUsage
	}
	file, table := names[0], names[1]
	if reader == "" {
		reader = readerOf(file)
	}
	return s.importFile(ctx, file, table, reader, parameters)
}

func (s *Shell) importFile(ctx context.Context, file, table, reader string, parameters []string) error {
	from := "SELECT * FROM " + reader + "(" + strings.Join(append([]string{sqltext.QuoteText(file)}, parameters...), ", ") + ")"
	var known int
	err := s.db.user.QueryRowContext(ctx,
		"SELECT count(*) FROM duckdb_tables() WHERE table_name = $1 AND database_name IN (current_database(), 'temp')", table).Scan(&known)
	if err != nil {
		return err
	}
	into := "CREATE TABLE " + sqltext.QuoteName(table) + " AS "
	if known > 0 {
		into = "INSERT INTO " + sqltext.QuoteName(table) + " "
	}
	if _, err := s.db.user.ExecContext(ctx, into+from); err != nil {
		return fmt.Errorf("failed to import from file %q: %w", file, err)
	}
	return nil
}

func readerOf(file string) string {
	for _, packed := range []string{".gz", ".zst"} {
		file = strings.TrimSuffix(file, packed)
	}
	for end, reader := range readers {
		if strings.HasSuffix(file, end) {
			return reader
		}
	}
	return "read_csv"
}
