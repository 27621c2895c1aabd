package pages

import (
	"errors"
	"os"
)

// DefaultLimit is how many bytes of pages are kept in memory. The rest is kept in a file
// that only the user can read.
const DefaultLimit = 64 << 20

// Store keeps the bodies of pages until Close. It is for one goroutine at a time.
type Store struct {
	Limit int64 // bytes in memory; 0 for DefaultLimit
	held  int64 // bytes in memory
	file  *os.File
	end   int64 // of the file
}

// Keep stores a page in memory, or in the file if the memory is used up.
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
		// If the system can remove an open file, nothing of it remains, even if the program
		// is killed.
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
