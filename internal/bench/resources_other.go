//go:build !unix

package main

import "time"

// processorTime is not known here; the start of the process stands in.
func processorTime() time.Duration { return time.Since(began) }

var began = time.Now()

// largestEver is not known here.
func largestEver() int64 { return 0 }
