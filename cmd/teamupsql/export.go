package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/export"
	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/shell"
	"github.com/teamupsql/teamupsql/httpsource"
)

// exportCommand is the first argument that makes the rest options of an export. A
// database of that name is reached as ./export.
const exportCommand = "export"

// exportJob is the command line of an export as understood.
type exportJob struct {
	invocation
	job        export.Job
	full       bool
	partitions []string
}

// runExport runs the command export with its arguments.
func runExport(ctx context.Context, args []string, out, errs io.Writer, env func(string) string) int {
	e, err := parseExport(args, env)
	switch {
	case err != nil:
		fmt.Fprintln(errs, err)
		return 1
	case e.help:
		exportUsage(out, e.options())
		return 0
	}
	e.cfg.Out, e.cfg.Err = out, errs
	e.places(env)
	e.cfg.Terminal = terminal(nil, out, errs)
	e.cfg.Observe = export.Observe
	s, err := shell.New(ctx, e.cfg)
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	var result export.Result
	failed := s.Do(ctx, func(ctx context.Context, db *sql.DB) (err error) {
		result, err = export.Run(ctx, db, e.job)
		return err
	})
	if failed == nil {
		fmt.Fprintln(out, result)
	}
	if err := s.Close(); err != nil {
		fmt.Fprintln(errs, err)
		return max(shell.Status(failed), 1)
	}
	return shell.Status(failed)
}

// parseExport understands the arguments.
func parseExport(args []string, env func(string) string) (*exportJob, error) {
	e := &exportJob{job: export.Job{Keep: 1}}
	var err error
	if e.cfg.TeamUp, err = httpsource.ConfigFromEnv(); err != nil {
		return nil, err
	}
	e.cfg.Env = env
	names, err := read(args, e.options(), "teamupsql "+exportCommand)
	switch {
	case err != nil || e.help:
		return e, err
	case len(names) > 0:
		return nil, shell.Message(fmt.Sprintf("teamupsql export takes options only, not %q; the directory is -to DIR", names[0]))
	case e.job.Dir == "":
		return nil, shell.Message("missing option -to; use: teamupsql export -to DIR\nRun 'teamupsql export -help' for a list of options.")
	case e.full && e.job.Incremental:
		return nil, shell.Message("give -full or -incremental, not both")
	case e.cfg.TeamUp.ProviderID != 0 && e.job.Providers != nil:
		return nil, shell.Message("give -provider-id (or $TEAMUP_PROVIDER_ID) or -provider-ids, not both")
	}
	e.job.Source = e.source()
	e.job.Partitions, err = partitions(e.partitions)
	return e, err
}

// noPartitions is the value of -partition-by for no partitions.
const noPartitions = "none"

func partitions(given []string) (list []export.Partition, err error) {
	switch {
	case len(given) == 0:
		return []export.Partition{export.DefaultPartition}, nil
	case len(given) == 1 && given[0] == noPartitions:
		return nil, nil
	}
	for _, text := range given {
		p, err := export.ParsePartition(text)
		if err != nil {
			return nil, fmt.Errorf("-partition-by: %w", err)
		}
		list = append(list, p)
	}
	return list, nil
}

// source names the business whose customers the export contains.
func (e *exportJob) source() string {
	source := e.cfg.TeamUp.BaseURL
	switch {
	case e.cfg.Demo > 0:
		source = "the embedded report of " + strconv.Itoa(e.cfg.Demo) + " customers"
	case source == "":
		source = httpsource.DefaultBaseURL
	}
	if id := e.cfg.TeamUp.ProviderID; id != 0 {
		source += ", provider " + strconv.FormatInt(id, 10)
	}
	return source
}

func (e *exportJob) options() []option {
	flag := func(at *bool) func(string) error { return func(string) error { *at = true; return nil } }
	text := func(at *string) func(string) error {
		return func(v string) error {
			if *at = strings.TrimSpace(v); *at == "" {
				return errors.New("it is empty")
			}
			return nil
		}
	}
	options := []option{
		{"to", "DIR", "directory of the export; readers read DIR/current", text(&e.job.Dir)},
		{"full", "", "read all customers (default)", flag(&e.full)},
		{"incremental", "", "add customers with larger ids than those in the snapshot; keep the others as they were read", flag(&e.job.Incremental)},
		{"columns", "NAMES", "columns to write, separated by commas, default all; id is always written", func(v string) error {
			for _, name := range strings.Split(v, ",") {
				if name = strings.TrimSpace(name); name == "" {
					return errors.New("give names separated by commas")
				}
				e.job.Columns = append(e.job.Columns, name)
			}
			return nil
		}},
		{"where", "SQL", "write only customers that satisfy this condition", text(&e.job.Where)},
		{"extra-customer-fields", "IDS", "ids of custom fields to add as columns, separated by commas", ids(&e.job.Fields)},
		{"provider-ids", "IDS", "several businesses, separated by commas, with a column provider_id; only with -full", ids(&e.job.Providers)},
		{"include-deleted", "", "include deleted customers", flag(&e.job.IncludeDeleted)},
		{"partition-by", "NAME=SQL", "add a level of directories NAME=value, default " + export.DefaultPartition.String() + "; may be repeated, or " + noPartitions,
			func(v string) error { e.partitions = append(e.partitions, v); return nil }},
		{"compression", "NAME", "snappy, gzip, lz4, brotli, uncompressed or zstd, default zstd", func(v string) error {
			if e.job.Compression = strings.ToLower(v); !slices.Contains(compressions, e.job.Compression) {
				return errors.New("give one of " + strings.Join(compressions, ", "))
			}
			return nil
		}},
		{"keep", "N", "number of previous snapshots to keep for running readers, default 1", number(0, &e.job.Keep)},
		{"help", "", "show this help", flag(&e.help)},
		{"h", "", "show this help", flag(&e.help)},
	}
	for _, o := range e.teamupOptions() {
		if o.name != "explain" {
			options = append(options, o)
		}
	}
	return options
}

// ids reads a list of ids.
func ids(at *[]int64) func(string) error {
	return func(v string) error {
		for _, text := range strings.Split(v, ",") {
			id, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
			if err != nil || id < 1 {
				return errors.New("give whole numbers of 1 or more, separated by commas")
			}
			*at = append(*at, id)
		}
		return nil
	}
}

var compressions = []string{"snappy", "gzip", "lz4", "brotli", "uncompressed", "zstd"}

// exportUsage prints the help.
func exportUsage(out io.Writer, options []option) {
	fmt.Fprint(out, `Usage: teamupsql export -to DIR [OPTIONS]

Writes the customers report as partitioned Parquet, for engines that read files.
Readers read DIR/current: the new snapshot when a run has ended, the previous one
until then and after a run that failed. The command prints one line with the result.

OPTIONS:
`)
	list(out, options)
	fmt.Fprint(out, `
The exit status is 0, 130 after Ctrl-C, SIGTERM or SIGHUP, or 1 when the export failed.
`)
}
