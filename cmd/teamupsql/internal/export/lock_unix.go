//go:build unix

package export

import (
	"errors"
	"os"
	"syscall"
)

// lock takes the file for this process until unlock.
func lock(file string) (unlock func() error, err error) {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = &LockedError{File: file, Err: err}
		}
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}
