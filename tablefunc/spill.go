package tablefunc

import (
	"errors"
	"os"
)

// shareMemory is how much of the pages that scans share is kept in memory; the
// rest goes to a file that nobody else can read, which is gone with the statement.
const shareMemory = 64 << 20

// spill keeps the bodies of pages. It is used under the share's lock.
type spill struct {
	limit int64 // 0 for shareMemory
	held  int64 // bytes in memory
	file  *os.File
	end   int64 // of the file
}

// keep takes a page over: into memory, or into the file where that is full.
func (s *spill) keep(p *rawPage) error {
	limit := s.limit
	if limit == 0 {
		limit = shareMemory
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

// body is the page's body.
func (s *spill) body(p *rawPage) ([]byte, error) {
	if p.bytes != nil || s.file == nil {
		return p.bytes, nil
	}
	body := make([]byte, p.size)
	_, err := s.file.ReadAt(body, p.at)
	return body, err
}

// close removes the file.
func (s *spill) close() {
	if s.file != nil {
		_ = errors.Join(s.file.Close(), os.Remove(s.file.Name()))
		s.file = nil
	}
}
