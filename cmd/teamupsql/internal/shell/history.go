package shell

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// history contains the entries of this and earlier runs, the oldest first. In the file,
// each entry is a line, quoted as in Go if it contains line breaks. The line editor reads
// it.
type history struct {
	path    string // "" for memory only
	entries []string
	forgets func(entry string) bool
}

// mostHistory bounds the entries that are kept.
const mostHistory = 2000

// openHistory reads the file. A history that can't be read starts empty.
func openHistory(path string, forgets func(string) bool) *history {
	h := &history{path: path, forgets: forgets}
	f, err := os.Open(path)
	if err != nil {
		return h
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	n := 0
	for ; lines.Scan(); n++ {
		entry := lines.Text()
		if unquoted, err := strconv.Unquote(entry); err == nil {
			entry = unquoted
		}
		h.entries = append(h.entries, entry)
	}
	if n > 2*mostHistory {
		h.entries = h.entries[n-mostHistory:]
		h.rewrite()
	}
	return h
}

// rewrite replaces the content of the file by the entries.
func (h *history) rewrite() {
	var b strings.Builder
	for _, e := range h.entries {
		b.WriteString(historyLine(e))
	}
	fresh := h.path + ".new"
	if os.WriteFile(fresh, []byte(b.String()), 0o600) == nil {
		_ = os.Rename(fresh, h.path) // the old one stays if that fails
	}
}

func historyLine(entry string) string {
	if strings.ContainsAny(entry, "\n\r") || strings.HasPrefix(entry, `"`) || strings.HasPrefix(entry, "`") {
		entry = strconv.Quote(entry)
	}
	return entry + "\n"
}

// Write adds an entry; blank ones, repetitions and secrets are left out.
func (h *history) Write(entry string) (int, error) {
	entry = strings.TrimRight(entry, "\n ")
	if entry == "" || len(h.entries) > 0 && h.entries[len(h.entries)-1] == entry || h.forgets(entry) {
		return len(h.entries), nil
	}
	h.entries = append(h.entries, entry)
	if h.path == "" {
		return len(h.entries), nil
	}
	return len(h.entries), h.append(entry)
}

func (h *history) append(entry string) error {
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(h.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(historyLine(entry))
	return errors.Join(err, f.Close())
}

// GetLine is the entry with this number.
func (h *history) GetLine(i int) (string, error) {
	if i < 0 || i >= len(h.entries) {
		return "", fmt.Errorf("there is no history entry %d", i)
	}
	return h.entries[i], nil
}

// Len is the number of entries.
func (h *history) Len() int { return len(h.entries) }

// Dump is all entries.
func (h *history) Dump() any { return h.entries }

// secretive are statements and commands that hold secrets by nature.
var secretive = regexp.MustCompile(`(?i)\bsecret\b`)

// forgets says which entries are not to be remembered.
func (s *Shell) forgets(entry string) bool {
	if command, rest, _ := strings.Cut(strings.TrimSpace(entry), " "); command == ".login" {
		return rest != "" && rest != "-save" && rest != "-forget"
	}
	return secretive.MatchString(entry) || s.teamup.conceal(entry) != entry
}
