package export

import "fmt"

// LockedError says that another run is writing to the directory. The lock is the
// operating system's and ends with the process that holds it: there are no stale
// ones, and the file need not be removed.
type LockedError struct {
	File string
	Err  error
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("another export is writing there (it holds %s); try again when it has ended", e.File)
}

// Unwrap is what the system said.
func (e *LockedError) Unwrap() error { return e.Err }
