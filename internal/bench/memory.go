package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/teamupsql/teamupsql/tablefunc"
)

// peakMemory runs scans of two sizes, each in a process of its own, since a
// process's peak never goes down.
func peakMemory(ctx context.Context, b *bench) (*section, error) {
	s := &section{intro: "The peak resident memory of a process that runs one query, including DuckDB's.\n" +
		"The aggregate is `" + aggregate + "`.\n" +
		"The Parquet file and the record batches of QueryArrow contain all columns. Most of the time is the server's, which generates the responses."}
	s.table("into", "customers", "peak", "time", "peak ÷ that of fewer customers")
	file := filepath.Join(b.dir, "customers.parquet")
	for _, q := range []namedQuery{{"an aggregate", aggregate}, {"a Parquet file", "COPY (" + everything + ") TO '" + file + "'"},
		{arrowBatches, everything}} {
		var clocks [2]series
		few, many := b.size(100_000, 2000), b.size(1_000_000, 5000)
		results, err := interleave(ctx, min(b.runs, 3),
			inChild(b.server.address(few, 0, plain), q, &clocks[0]),
			inChild(b.server.address(many, 0, plain), q, &clocks[1]))
		if err != nil {
			return nil, err
		}
		r := ratio(results[1], results[0])
		s.row(q.name, number(float64(few)), results[0].show(bytesOf), clocks[0][1:].show(seconds), "")
		s.row(q.name, number(float64(many)), results[1].show(bytesOf), clocks[1][1:].show(seconds), r.show(times))
		if q.name != "a Parquet file" {
			s.goal(fmt.Sprintf("peak memory of %d ÷ %d customers, into %s", many, few, q.name), r.median(), 1.1, true)
		}
	}
	return s, nil
}

const aggregate = "SELECT venue.name, is_active, count(*), avg(age), max(created_at), sum(account_credit_balance.decimal) FROM teamup_customers() GROUP BY ALL"

const arrowBatches = "Arrow record batches"

// inChild runs a query in a process of its own and measures its peak.
func inChild(address string, q namedQuery, clock *series) contender {
	return func(ctx context.Context) (float64, error) {
		out, took, err := child(ctx, modeMemory, address, q.name, q.text)
		if err != nil {
			return 0, err
		}
		*clock = append(*clock, took)
		return strconv.ParseFloat(out, 64)
	}
}

// child runs this program again and returns what it printed, and its time.
func child(ctx context.Context, args ...string) (out string, took float64, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", 0, err
	}
	cmd := exec.CommandContext(ctx, self, args...)
	var text, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &errs
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return "", 0, fmt.Errorf("%w: %s", err, errs.String())
	}
	return strings.TrimSpace(text.String()), time.Since(start).Seconds(), nil
}

// memoryChild runs a query and prints the peak of memory in bytes.
func memoryChild(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 3 {
		return errors.New("give an address, a name and a query")
	}
	db, err := open(ctx, args[0])
	if err != nil {
		return err
	}
	defer db.close()
	read := db.drain
	if args[1] == arrowBatches {
		read = db.drainArrow
	}
	if err := read(ctx, args[2]); err != nil {
		return err
	}
	fmt.Fprintln(out, peak())
	return nil
}

// drainArrow reads the result of a query as record batches, and drops them.
func (d *database) drainArrow(ctx context.Context, query string) error {
	r, err := tablefunc.QueryArrow(ctx, d.DB, query)
	if err != nil {
		return err
	}
	defer r.Release()
	for r.Next() {
	}
	return r.Err()
}

// peak is the most resident memory that this process had, in bytes. On Linux the
// rusage of a child begins with its parent's, so /proc is asked first.
func peak() int64 {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			var kB int64
			if _, err := fmt.Sscan(rest, &kB); err == nil {
				return kB << 10
			}
		}
	}
	return largestEver()
}
