package teamuptest

import (
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/teamupsql/teamupsql/report"
)

// Fault is a failure of a response. [Faults] returns a catalogue of them; [Answer], [Body],
// [Cell] and others create more.
type Fault struct {
	Name string
	Doc  string // one line, without a full stop
	// Column is the column that a request must contain for the fault to apply; "" for any.
	Column string

	page func(*page)                    // changes the page before it is written
	send func(x *exchange, body []byte) // sends in place of the server; body is the page
}

// Call is a request whose response will have rows.
type Call struct {
	N                    int // how many such requests came, this one included
	Query                report.Query
	Offset, Limit, Total int // the first row, the most rows of the response, and all rows that match
	Request              *http.Request
}

// When reports whether a fault applies to a request. It is called once for each request, by
// several goroutines.
type When func(Call) bool

// Always strikes every request.
func Always(Call) bool { return true }

// FirstPage strikes requests for the first rows.
func FirstPage(c Call) bool { return c.Offset == 0 }

// LastPage strikes requests that reach the last row.
func LastPage(c Call) bool { return c.Offset+c.Limit >= c.Total }

// MiddlePage strikes requests that reach neither the first row nor the last.
func MiddlePage(c Call) bool { return !FirstPage(c) && !LastPage(c) }

// Repair strikes requests that go on from an id, as a scan does that lost its place.
func Repair(c Call) bool { return c.Query.Has(c.Query.Report.Roles.KeyAbove) }

// Nth strikes the n-th request, counted from 1.
func Nth(n int) When { return func(c Call) bool { return c.N == n } }

// Once strikes only the first of the requests that when chooses.
func Once(when When) When { return Times(1, when) }

// Times strikes only the first n of the requests that when chooses.
func Times(n int, when When) When {
	var struck atomic.Int64
	return func(c Call) bool { return when(c) && struck.Add(1) <= int64(n) }
}

type rule struct {
	fault Fault
	when  When
}

type faultRules struct {
	mu    sync.Mutex
	rules []rule
}

// due is the fault of the first rule that strikes, the zero Fault if none does.
func (f *faultRules) due(c Call) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rules {
		if r.when(c) {
			return r.fault
		}
	}
	return Fault{}
}

// Inject adds a fault for the requests that when chooses. Of several faults that
// would strike a request, the one that was injected first does.
func (s *Server) Inject(f Fault, when When) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.rules = append(s.faults.rules[:len(s.faults.rules):len(s.faults.rules)], rule{f, when})
}

// ClearFaults removes all faults.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.rules = nil
}
