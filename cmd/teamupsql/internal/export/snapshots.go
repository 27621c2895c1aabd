package export

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

const (
	snapshotsDir = "snapshots"
	currentLink  = "current"
	nextLink     = ".current-next" // becomes current
	spillDir     = ".spill"        // DuckDB's temporary files
	lockFile     = ".lock"

	dirMode  = 0o755 // minus umask
	fileMode = 0o644
)

var snapshotNames = regexp.MustCompile(`^v(\d{6,})$`)

// set is the snapshots of a directory. The caller must hold the lock.
type set struct {
	dir     string
	all     []int // ascending
	current int   // 0 for none
}

func snapshotName(n int) string { return fmt.Sprintf("v%06d", n) }

func (s *set) path(n int) string { return filepath.Join(s.dir, snapshotsDir, snapshotName(n)) }

func (s *set) spill() string { return filepath.Join(s.dir, spillDir) }

// openSet finds the snapshots, and removes incomplete ones of earlier runs.
func openSet(dir string) (*set, error) {
	s := &set{dir: dir}
	entries, err := os.ReadDir(filepath.Join(dir, snapshotsDir))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if n, ok := snapshotNumber(e.Name()); ok && e.IsDir() {
			s.all = append(s.all, n)
		}
	}
	slices.Sort(s.all)
	if s.current, err = s.readLink(); err != nil {
		return nil, err
	}
	return s, s.clean()
}

func snapshotNumber(name string) (int, bool) {
	m := snapshotNames.FindStringSubmatch(name)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	return n, err == nil && n > 0 && snapshotName(n) == name
}

// readLink is the number of the snapshot that is current.
func (s *set) readLink() (int, error) {
	link := filepath.Join(s.dir, currentLink)
	to, err := os.Readlink(link)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err == nil {
		parent, name := filepath.Split(filepath.FromSlash(to))
		if n, ok := snapshotNumber(name); ok && filepath.Clean(parent) == snapshotsDir && slices.Contains(s.all, n) {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%s is not the link to a snapshot that an export makes; move it away, or choose another directory", link)
}

// clean removes snapshots that never became current. If there is no link, complete
// snapshots stay until another is current, because the link may have been lost.
func (s *set) clean() error {
	var errs []error
	s.all = slices.DeleteFunc(s.all, func(n int) bool {
		if n <= s.current || s.current == 0 && isFile(filepath.Join(s.path(n), manifestFile)) {
			return false
		}
		errs = append(errs, os.RemoveAll(s.path(n)))
		return true
	})
	return errors.Join(append(errs, os.RemoveAll(s.spill()), removeLink(filepath.Join(s.dir, nextLink)))...)
}

func isFile(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular()
}

func removeLink(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// begin creates the directory of the next snapshot and the link to it, so that a file
// system without links fails before the first request. discard removes both unless the
// snapshot was published.
func (s *set) begin() (n int, discard func(), err error) {
	n = 1
	if len(s.all) > 0 {
		n = s.all[len(s.all)-1] + 1
	}
	discard = func() {
		if s.current != n { // if this fails, the next run does it
			_ = os.RemoveAll(s.path(n))
			s.all = slices.DeleteFunc(s.all, func(other int) bool { return other == n })
			_ = s.clean()
		}
	}
	if err = os.Mkdir(s.path(n), dirMode); err == nil {
		s.all = append(s.all, n)
		if err = os.Symlink(filepath.Join(snapshotsDir, snapshotName(n)), filepath.Join(s.dir, nextLink)); err != nil {
			err = fmt.Errorf("readers find the current snapshot by a symbolic link, which cannot be made here; export to a local directory and copy its snapshots: %w", err)
		}
	}
	if err != nil {
		discard()
	}
	return n, discard, err
}

// takeOver links the data files of the current snapshot into another one, none if
// they are empty.
func (s *set) takeOver(into int, empty bool) (files int, err error) {
	if empty {
		return 0, nil
	}
	from, to := s.path(s.current), s.path(into)
	err = filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case e.IsDir():
			return makeDirs(filepath.Join(to, below))
		case !strings.HasSuffix(path, ".parquet"):
			return nil
		}
		files++
		return linkOrCopy(path, filepath.Join(to, below))
	})
	return files, err
}

func makeDirs(dir string) error { return os.MkdirAll(dir, dirMode) }

// linkOrCopy copies the file if the file system has no hard links.
func linkOrCopy(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// publish makes the snapshot the current one, and removes those before the kept.
func (s *set) publish(n, keep int) error {
	if err := syncTree(s.path(n)); err != nil {
		return err
	}
	if err := s.swapCurrent(); err != nil {
		return err
	}
	s.current = n
	// Readers do not notice errors from here on, and the next run repeats these steps.
	_ = syncDir(s.dir)
	for _, old := range s.all[:max(0, len(s.all)-1-keep)] {
		_ = os.RemoveAll(s.path(old))
	}
	_ = os.RemoveAll(s.spill())
	return nil
}

// swapCurrent renames the next link over the current one. Windows cannot replace a link to a
// directory, so swapCurrent removes the current link there first; until the rename, no current link
// exists.
func (s *set) swapCurrent() error {
	next, current := filepath.Join(s.dir, nextLink), filepath.Join(s.dir, currentLink)
	err := os.Rename(next, current)
	if err != nil && runtime.GOOS == "windows" {
		if err = removeLink(current); err == nil {
			err = os.Rename(next, current)
		}
	}
	return err
}

// syncTree writes a directory and its content to disk before the link refers to it, in case
// of a power failure.
func syncTree(dir string) error {
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir():
			return syncDir(path)
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		return errors.Join(f.Sync(), f.Close())
	})
	return errors.Join(err, syncDir(filepath.Dir(dir)))
}

// syncDir writes the names in a directory to disk, if the system can.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
