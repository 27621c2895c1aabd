package main

import (
	"fmt"
	"strings"
)

// document is docs/performance.md.
type document struct {
	machine  []fact
	runs     int
	quick    bool
	all      bool // every measure was run
	sections []*section
}

// section is what one measure found.
type section struct {
	measure measured
	intro   string
	tables  []*table
	goals   []goal
}

type table struct {
	head []string
	rows [][]string
}

// goal is a figure that is wanted.
type goal struct {
	what       string
	got, limit float64
	atMost     bool // the limit is the most that is wanted, else the least
}

func (g goal) met() bool { return g.atMost == (g.got <= g.limit) || g.got == g.limit }

func (s *section) table(head ...string) { s.tables = append(s.tables, &table{head: head}) }

// row adds to the latest table.
func (s *section) row(cells ...string) {
	t := s.tables[len(s.tables)-1]
	t.rows = append(t.rows, cells)
}

func (s *section) goal(what string, got, limit float64, atMost bool) {
	s.goals = append(s.goals, goal{what, got, limit, atMost})
}

const generatedBy = "<!-- Written by `go run ./internal/bench`; change that instead. -->\n\n"

func (d *document) markdown() string {
	var w strings.Builder
	w.WriteString(generatedBy + "# Performance\n\n" +
		"Each figure is compared with a baseline that runs in turns with it.\n" +
		fmt.Sprintf("The tables show the median of %d runs (fewer for long ones), with the minimum and maximum in parentheses. A first\n", d.runs) +
		"run is not counted. Each ratio is the median of the per-run ratios. Ratios transfer to other machines better than\n" +
		"absolute times do. Another process on the same machine serves the report, from responses that it prepared before.\n\n")
	if d.quick {
		w.WriteString("**This is a run with small sizes, to check that the program works. The figures mean nothing.**\n\n")
	}
	if !d.all {
		w.WriteString("**Not all measures were run.**\n\n")
	}
	facts := &table{head: []string{"", ""}}
	for _, f := range d.machine {
		facts.rows = append(facts.rows, []string{f.name, f.value})
	}
	facts.write(&w)
	d.writeGoals(&w)
	for _, s := range d.sections {
		s.write(&w)
	}
	w.WriteString("## What did not help\n\n" + didNotHelp)
	return w.String()
}

// writeGoals lists what is wanted, and explains what is not met.
func (d *document) writeGoals(w *strings.Builder) {
	t := &table{head: []string{"", "target", "measured", ""}}
	var missed []*section
	for _, s := range d.sections {
		all := true
		for _, g := range s.goals {
			wanted, met := "at least ", "met"
			if g.atMost {
				wanted = "at most "
			}
			if !g.met() {
				met, all = "**not met**", false
			}
			t.rows = append(t.rows, []string{g.what, wanted + fmt.Sprint(g.limit), fmt.Sprintf("%.3f", g.got), met})
		}
		if !all {
			missed = append(missed, s)
		}
	}
	if len(t.rows) == 0 {
		return
	}
	w.WriteString("## Targets\n\n")
	t.write(w)
	for _, s := range missed {
		note := notes[s.measure.number]
		if note == "" {
			note = "Not explained yet.\n"
		}
		fmt.Fprintf(w, "%s: %s\n", s.measure.title, note)
	}
}

func (s *section) write(w *strings.Builder) {
	fmt.Fprintf(w, "## %s\n\n%s\n\n", s.measure.title, s.intro)
	for _, t := range s.tables {
		t.write(w)
	}
}

// write aligns the first column left and all others right.
func (t *table) write(w *strings.Builder) {
	line := func(cells []string) { w.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line(t.head)
	rule := []string{"---"}
	for range t.head[1:] {
		rule = append(rule, "---:")
	}
	line(rule)
	for _, r := range t.rows {
		line(r)
	}
	w.WriteString("\n")
}
