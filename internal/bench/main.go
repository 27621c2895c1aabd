// Command bench measures how fast teamupsql is, each figure against a baseline that
// runs in turns with it, and writes docs/performance.md:
//
//	go run ./internal/bench
//
// The report is served by a process of its own on the loopback interface. A run
// takes some fifteen minutes on two processors; nothing else should keep the
// machine busy meanwhile.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// The first argument of a process that this program starts from itself.
const (
	modeServe  = "serve"  // the report server
	modeMemory = "memory" // a query whose peak of memory is wanted
	modePlain  = "plain"  // DuckDB's driver alone, opened for one statement
)

// run is the program, or one of the processes that it starts from itself.
func run(ctx context.Context, args []string, in io.Reader, out, progress io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case modeServe:
			return serve(in, out)
		case modeMemory:
			return memoryChild(ctx, args[1:], out)
		case modePlain:
			return plainChild(ctx, out)
		}
	}
	return measure(ctx, args, out, progress)
}

// measure runs the measures that the arguments ask for and writes the document.
func measure(ctx context.Context, args []string, out, progress io.Writer) error {
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(progress)
	only := fs.String("only", "", "numbers of the measures to run, such as 1,3; default all")
	runs := fs.Int("runs", 5, "how often each measure and its baseline run")
	quick := fs.Bool("quick", false, "small sizes, to see that the program works; the figures mean nothing")
	file := fs.String("out", "docs/performance.md", "where the document goes; - for standard output")
	profile := fs.String("cpuprofile", "", "write a profile of the measures, for go tool pprof, to this file")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if *runs < 1 || fs.NArg() > 0 {
		return errors.New("give -runs 1 or more, and no other arguments")
	}
	chosen, err := choose(*only)
	if err != nil {
		return err
	}
	b, err := newBench(*runs, *quick, progress)
	if err != nil {
		return err
	}
	defer b.close()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	d := &document{machine: machineFacts(), runs: *runs, quick: *quick, all: len(chosen) == len(measures)}
	for _, m := range chosen {
		start := time.Now()
		s, err := m.run(ctx, b)
		if err != nil {
			return fmt.Errorf("measure %d: %w", m.number, err)
		}
		s.measure = m
		d.sections = append(d.sections, s)
		fmt.Fprintf(progress, "%d. %s: %v\n", m.number, m.title, time.Since(start).Round(time.Second))
	}
	if *file == "-" {
		_, err = io.WriteString(out, d.markdown())
		return err
	}
	return os.WriteFile(*file, []byte(d.markdown()), 0o644)
}

// A measure is one section of the document.
type measured struct {
	number int
	title  string
	run    func(context.Context, *bench) (*section, error)
}

var measures = []measured{
	{1, "A full scan and the network", networkBound},
	{2, "A full scan without latency", processorBound},
	{3, "From JSON to a table, against read_json", againstReadJSON},
	{4, "Against what people do today", againstToday},
	{5, "Selective queries", selective},
	{6, "Peak memory", peakMemory},
	{7, "Planning, and statements that don't touch the report", statements},
	{8, "Allocations, and the start", allocationsAndStart},
}

func choose(only string) ([]measured, error) {
	if only == "" {
		return measures, nil
	}
	var chosen []measured
	for _, word := range strings.Split(only, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		at := slices.IndexFunc(measures, func(m measured) bool { return m.number == n })
		if err != nil || at < 0 {
			return nil, fmt.Errorf("-only %s: give numbers from 1 to %d", only, len(measures))
		}
		chosen = append(chosen, measures[at])
	}
	return chosen, nil
}
