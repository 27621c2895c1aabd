package shell

import (
	"fmt"
	"time"
)

// clock measures what a statement takes, for .timer.
type clock struct {
	start     time.Time
	user, sys time.Duration
}

func startClock() clock {
	user, sys := processTimes()
	return clock{time.Now(), user, sys}
}

// String is the time since the start as DuckDB's shell prints it.
func (c clock) String() string {
	user, sys := processTimes()
	return fmt.Sprintf("Run Time (s): real %.3f user %f sys %f",
		time.Since(c.start).Seconds(), (user - c.user).Seconds(), (sys - c.sys).Seconds())
}
