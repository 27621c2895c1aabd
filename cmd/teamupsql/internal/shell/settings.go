package shell

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/render"
)

// bail determines when an error ends the input.
type bail uint8

const (
	bailAuto bail = iota // in files, not on standard input
	bailOn
	bailOff
)

// settings are what dot commands and options can change.
type settings struct {
	mode        render.Mode
	headers     bool
	null        string
	column, row string // separators
	table       string // of insert mode
	maxRows     int
	maxWidth    int // 0: the terminal's
	bail        bail
	echo        bool
	changes     bool
	timer       bool
	prompt      string // "" for the one that names the database
	more        string // marks the last of several lines
	pager       pagerMode
	pagerCmd    string
}

func defaults() settings {
	return settings{
		mode: render.DuckBox, headers: true, null: "NULL", column: "|", row: "\n", table: "table",
		maxRows: 40, more: "└ ",
	}
}

// setMode chooses an output mode as `.mode` does: with the mode's separators.
func (s *settings) setMode(name string) error {
	m, err := render.FindMode(name)
	if err != nil {
		return err
	}
	s.mode = m
	column, row := m.Separators()
	if column != "" {
		s.column = column
	}
	if row != "" {
		s.row = row
	}
	return nil
}

// boolean reads on, off, yes, no or a number.
func boolean(arg string) (bool, error) {
	switch strings.ToLower(arg) {
	case "on", "yes":
		return true, nil
	case "off", "no":
		return false, nil
	}
	if n, err := strconv.Atoi(arg); err == nil {
		return n != 0, nil
	}
	return false, fmt.Errorf("%q is not on or off", arg)
}

// unescape replaces backslash escapes in an argument.
func unescape(arg string) string {
	short := map[byte]byte{'a': '\a', 'b': '\b', 't': '\t', 'n': '\n', 'v': '\v', 'f': '\f', 'r': '\r'}
	var b strings.Builder
	for i := 0; i < len(arg); i++ {
		if arg[i] != '\\' || i+1 == len(arg) {
			b.WriteByte(arg[i])
			continue
		}
		i++
		if c, ok := short[arg[i]]; ok {
			b.WriteByte(c)
			continue
		}
		if arg[i] < '0' || arg[i] > '7' {
			b.WriteByte(arg[i])
			continue
		}
		end := i + 1
		for end < len(arg) && end < i+3 && arg[end] >= '0' && arg[end] <= '7' {
			end++
		}
		n, _ := strconv.ParseUint(arg[i:end], 8, 16)
		b.WriteByte(byte(n))
		i = end - 1
	}
	return b.String()
}

// arguments splits the line of a dot command into words. Quotes group words; within single
// quotes, a backslash is an ordinary character.
func arguments(line string) []string {
	var args []string
	for i := 0; i < len(line); {
		for i < len(line) && isSpace(line[i]) {
			i++
		}
		if i == len(line) {
			break
		}
		start := i
		if quote := line[i]; quote == '\'' || quote == '"' {
			i++
			for start = i; i < len(line) && line[i] != quote; i++ {
				if quote == '"' && line[i] == '\\' && i+1 < len(line) {
					i++
				}
			}
			arg := line[start:min(i, len(line))]
			if quote == '"' {
				arg = unescape(arg)
			}
			args = append(args, arg)
			i++
			continue
		}
		for i < len(line) && !isSpace(line[i]) {
			i++
		}
		args = append(args, unescape(line[start:i]))
	}
	return args
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
