package export

import "fmt"

// LockedError indicates that another run is writing to the directory. The lock belongs to
// the operating system and ends with the process, so the lock file need not be removed.
type LockedError struct {
	File string
	Err  error
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("another export is writing there (it has locked %s); try again when it has ended", e.File)
}

// Unwrap returns the error of the operating system.
func (e *LockedError) Unwrap() error { return e.Err }
