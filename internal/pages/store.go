package pages

import (
	"errors"
	"os"
)

// DefaultLimit is how many bytes of pages are kept in memory. The rest goes to a file
// that nobody else can read.
const DefaultLimit = 64 << 20

// Store keeps the bodies of pages until Close. It is for one goroutine at a time.
type Store struct {
	Limit int64 // bytes in memory; 0 for DefaultLimit
	held  int64 // bytes in memory
	file  *os.File
	end   int64 // of the file
}

// Keep takes a page over: into memory, or into the file where that is full.
func (s *Store) Keep(p *Page) error {
	limit := s.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	if s.held+int64(p.size) <= limit {
		s.held += int64(p.size)
		return nil
	}
	if s.file == nil {
		f, err := os.CreateTemp("", "teamupsql-*")
		if err != nil {
			return err
		}
		s.file = f
		// Where the system lets an open file go without a name, nothing of it is left
		// even if the program is killed.
		_ = os.Remove(f.Name())
	}
	if _, err := s.file.WriteAt(p.bytes, s.end); err != nil {
		return err
	}
	p.at, p.bytes = s.end, nil
	s.end += int64(p.size)
	return nil
}

// Body returns the body of a page that Keep took.
func (s *Store) Body(p *Page) ([]byte, error) {
	if p.bytes != nil || s.file == nil {
		return p.bytes, nil
	}
	body := make([]byte, p.size)
	_, err := s.file.ReadAt(body, p.at)
	return body, err
}

// Close removes the file.
func (s *Store) Close() {
	if s.file != nil {
		_ = errors.Join(s.file.Close(), os.Remove(s.file.Name()))
		s.file = nil
	}
}
