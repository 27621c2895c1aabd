package scan

import (
	"errors"
	"slices"
	"sync"
)

// Fact is a question to the database, as a query for one text.
type Fact struct {
	Query string
	// MayFail is set for a query that can fail, as one that reads a file can. In a
	// transaction of the user such a failure would end the transaction.
	MayFail bool
	// Replan is set if the answer changes the plan, and not only what it lets a scan
	// request.
	Replan bool
}

// ErrUnknown indicates a Fact that has not been read yet.
var ErrUnknown = errors.New("not read yet")

// Facts are the answers that a statement has. The zero value has none. It is safe for
// concurrent use.
type Facts struct {
	mu      sync.Mutex
	known   map[string]string // by query
	refused map[string]error  // why a query has no answer
	wanted  []Fact
}

// Get returns the answer to f. If it is not known, f is wanted from now on.
func (s *Facts) Get(f Fact) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refused[f.Query]; err != nil {
		return "", err
	}
	text, ok := s.known[f.Query]
	if !ok {
		if !slices.Contains(s.wanted, f) {
			s.wanted = append(s.wanted, f)
		}
		return "", ErrUnknown
	}
	return text, nil
}

// TakeWanted returns what is wanted, and forgets that it is.
func (s *Facts) TakeWanted() []Fact {
	s.mu.Lock()
	defer s.mu.Unlock()
	wanted := s.wanted
	s.wanted = nil
	return wanted
}

// Set notes the answer to f.
func (s *Facts) Set(f Fact, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]string{}
	}
	s.known[f.Query] = text
}

// Refuse notes that f has no answer. Answers of a transaction that has ended because
// of it are forgotten.
func (s *Facts) Refuse(f Fact, err error, ended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused == nil {
		s.refused = map[string]error{}
	}
	s.refused[f.Query] = err
	if ended {
		clear(s.known)
	}
}
