//go:build unix

package shell

import (
	"bytes"
	"io"
	"os"
	"unicode/utf8"
	_ "unsafe" // for go:linkname
)

// editorInput is the input of the line editor. The editor assumes that each read returns
// complete characters, and drops a character that is divided between two reads. Its API
// cannot set the input.
//
//go:linkname editorInput github.com/reeflective/readline/internal/core.Stdin
var editorInput io.ReadCloser

func init() { editorInput = &characterReader{file: os.Stdin} }

// characterReader reads complete characters from a terminal. The bytes after the last
// complete character are returned by the next call of Read.
type characterReader struct {
	file    *os.File
	divided []byte
}

// Fd is for the editor, which waits until the terminal can be read.
func (r *characterReader) Fd() uintptr { return r.file.Fd() }

func (r *characterReader) Close() error { return r.file.Close() }

func (r *characterReader) Read(p []byte) (int, error) {
	if len(p) < 2*utf8.UTFMax {
		return 0, io.ErrShortBuffer
	}
	n := copy(p, r.divided)
	r.divided = nil
	for {
		m, err := r.file.Read(p[n:])
		n += m
		whole := wholeCharacters(p[:n])
		if whole > 0 || err != nil {
			r.divided = bytes.Clone(p[whole:n])
			return enterKeys(p[:whole]), err
		}
	}
}

// wholeCharacters returns how many bytes of p precede a character at its end of which
// bytes are missing.
func wholeCharacters(p []byte) int {
	for i := len(p) - 1; i >= 0 && i >= len(p)-utf8.UTFMax; i-- {
		if utf8.RuneStart(p[i]) {
			if utf8.FullRune(p[i:]) {
				break
			}
			return i
		}
	}
	return len(p)
}

// enterKeys makes each CR LF the key Enter: the editor would insert the pair as one
// character. It returns the new length of p.
func enterKeys(p []byte) int { return copy(p, bytes.ReplaceAll(p, []byte("\r\n"), []byte("\r"))) }
