//go:build unix

package shell

import (
	"syscall"
	"time"
)

// processTimes returns the processor time of the process.
func processTimes() (user, sys time.Duration) {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0, 0
	}
	return time.Duration(usage.Utime.Nano()), time.Duration(usage.Stime.Nano())
}
