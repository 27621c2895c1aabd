package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// series are the values of one measure, a run each.
type series []float64

func (s series) median() float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(s))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// show writes the median, and least and most in brackets.
func (s series) show(unit func(float64) string) string {
	if len(s) == 1 {
		return unit(s[0])
	}
	return fmt.Sprintf("%s (%s–%s)", unit(s.median()), unit(slices.Min(s)), unit(slices.Max(s)))
}

// ratio divides run by run, since the runs of a pair had the same neighbours.
func ratio(a, b series) series {
	r := make(series, len(a))
	for i := range a {
		r[i] = a[i] / b[i]
	}
	return r
}

// Units of values: seconds, bytes and plain numbers.
func seconds(v float64) string {
	switch {
	case v >= 10:
		return fmt.Sprintf("%.1f s", v)
	case v >= 1:
		return fmt.Sprintf("%.2f s", v)
	case v >= 0.1:
		return fmt.Sprintf("%.0f ms", v*1e3)
	case v >= 0.001:
		return fmt.Sprintf("%.1f ms", v*1e3)
	}
	return fmt.Sprintf("%.1f µs", v*1e6)
}

func bytesOf(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.1f MB", v/1e6)
	case v >= 1e3:
		return fmt.Sprintf("%.1f kB", v/1e3)
	}
	return fmt.Sprintf("%.0f B", v)
}

func times(v float64) string { return fmt.Sprintf("%.2f", v) }

func times3(v float64) string { return fmt.Sprintf("%.3f", v) }

func number(v float64) string {
	if v == math.Trunc(v) {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// contender is one way of doing what is measured; it returns what it is measured
// by.
type contender func(context.Context) (float64, error)

// timed measures by the clock.
func timed(f func(context.Context) error) contender {
	return func(ctx context.Context) (float64, error) {
		start := time.Now()
		err := f(ctx)
		return time.Since(start).Seconds(), err
	}
}

// interleave runs the contenders in turns, so that a machine that is busy for a
// while slows all of them, after a first turn that does not count. Each turn begins
// with another one, and every other turn goes the other way round, so that each
// follows each.
func interleave(ctx context.Context, runs int, contenders ...contender) ([]series, error) {
	results := make([]series, len(contenders))
	for run := range runs + 1 {
		for k := range contenders {
			i := (run/2 + k) % len(contenders)
			if run%2 == 0 {
				i = len(contenders) - 1 - i
			}
			v, err := contenders[i](ctx)
			if err != nil {
				return nil, err
			}
			if run > 0 {
				results[i] = append(results[i], v)
			}
		}
	}
	return results, nil
}
