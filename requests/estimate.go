package requests

import (
	"fmt"
	"slices"
)

// Bound is how an estimate is meant.
type Bound string

// The bounds.
const (
	Exactly Bound = ""
	About   Bound = "about"   // by the number of rows that the last scan found
	AtMost  Bound = "at most" // fewer, if predicates or a LIMIT spare some
	Unknown Bound = "unknown" // no scan has found the number of rows yet
)

// Estimate is how many requests a scan will take if the report does not change and nothing
// fails.
type Estimate struct {
	Requests  int64 // 0 if Bound is Unknown
	Bound     Bound
	PerMinute int // how many may be sent, see httpsource.Client.RatePerMinute; 0 for no limit
}

// String returns the estimate in words, with the least time that its requests take because
// of the client's limit.
func (e Estimate) String() string {
	if e.Bound == Unknown {
		return "requests: unknown"
	}
	text := plural(e.Requests, "request")
	if e.Bound != Exactly {
		text = string(e.Bound) + " " + text
	}
	if e.PerMinute > 0 && e.Requests > int64(e.PerMinute) {
		minutes := (e.Requests + int64(e.PerMinute) - 1) / int64(e.PerMinute)
		text += fmt.Sprintf(", %s at %d a minute", plural(minutes, "minute"), e.PerMinute)
	}
	return text
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// add returns how many requests both take.
func (e Estimate) add(o Estimate) Estimate {
	weaker := []Bound{Exactly, About, AtMost, Unknown}
	e.Bound = weaker[max(slices.Index(weaker, e.Bound), slices.Index(weaker, o.Bound))]
	e.PerMinute = max(e.PerMinute, o.PerMinute)
	if e.Requests += o.Requests; e.Bound == Unknown {
		e.Requests = 0
	}
	return e
}
