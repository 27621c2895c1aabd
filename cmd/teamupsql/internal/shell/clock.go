package shell

import (
	"fmt"
	"time"

	"github.com/teamupsql/teamupsql/requests"
)

// clock measures the time of a statement, for .timer.
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

// cost is the sum of the requests of statements.
type cost struct {
	requests, retries int
	rows, bytes       int64
	waited            time.Duration
}

// costKey is the key of the cost in the context of the statements that it adds up.
type costKey struct{}

func (c *cost) add(s requests.Summary) {
	c.requests += s.Requests
	c.retries += s.Retries
	c.rows += s.Rows
	c.bytes += s.Bytes
	c.waited += s.Waited
}

// String returns a line to print below the time, "" without requests.
func (c *cost) String() string {
	if c.requests == 0 {
		return ""
	}
	text := fmt.Sprintf("TeamUp: requests %d rows %d bytes %d", c.requests, c.rows, c.bytes)
	if c.retries > 0 {
		text += fmt.Sprintf(" retries %d", c.retries)
	}
	if c.waited > 0 {
		text += fmt.Sprintf(" waited %.3f", c.waited.Seconds())
	}
	return text + "\n"
}
