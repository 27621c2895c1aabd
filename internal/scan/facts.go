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
	// Replan reports whether the result changes the plan, and not only the requests of a
	// scan.
	Replan bool
}

// ErrUnknown indicates a Fact that has not been read yet.
var ErrUnknown = errors.New("not read yet")

// Facts are the query results that a statement has. The zero value has none. It is safe for
// concurrent use.
type Facts struct {
	mu      sync.Mutex
	known   map[string]string // by query
	refused map[string]error  // why a query has no result
	wanted  []Fact
}

// Get returns the result of f. If it is not known, the error is ErrUnknown and TakeWanted
// will return f.
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

// TakeWanted returns the facts that Get did not find since the last call.
func (s *Facts) TakeWanted() []Fact {
	s.mu.Lock()
	defer s.mu.Unlock()
	wanted := s.wanted
	s.wanted = nil
	return wanted
}

// Set stores the result of f.
func (s *Facts) Set(f Fact, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]string{}
	}
	s.known[f.Query] = text
}

// Refuse stores the reason why f has no result. If that ended the transaction, the results
// so far are dropped.
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
