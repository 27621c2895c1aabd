package shell

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// command is a dot command.
type command struct {
	name, usage, doc string
	least            int  // letters that are enough to call it; 0 for one
	args             int  // how many arguments it takes; -1 for any number
	unsafe           bool // not in safe mode
	raw              bool // takes the rest of the line as it is
	run              func(s *Shell, ctx context.Context, args []string) error
	more             string // further help, line by line
}

// Message is an error in the wording of DuckDB's command line: complete sentences, as they
// are printed.
type Message string

func (m Message) Error() string { return string(m) }

// errUsage indicates wrong arguments of a command.
var errUsage = errors.New("usage")

// commands are in the order of their names. It is set by init, as .help reads it.
var commands []command

func init() {
	commands = slices.Concat(outputCommands, fileCommands, schemaCommands, shellCommands, teamupCommands)
	slices.SortFunc(commands, func(a, b command) int { return strings.Compare(a.name, b.name) })
}

// dotCommand runs a dot command.
func (s *Shell) dotCommand(ctx context.Context, line string) error {
	args := arguments(line[1:])
	if len(args) == 0 {
		return nil
	}
	c, err := findCommand(args[0])
	if err != nil {
		return err
	}
	if c.unsafe && s.safe {
		return fmt.Errorf(".%s cannot be used in -safe mode", c.name)
	}
	given := args[1:]
	if c.raw {
		_, rest, _ := strings.Cut(strings.TrimSpace(line[1:]), args[0])
		given = []string{strings.TrimSpace(rest)}
		if given[0] == "" {
			given = nil
		}
	}
	if c.args >= 0 && len(given) != c.args {
		err = errUsage
	} else {
		err = interruptible(ctx, func(ctx context.Context) error { return c.run(s, ctx, given) })
	}
	if errors.Is(err, errUsage) {
		return Message("Invalid Command Error: Invalid usage of command '." + args[0] + "'\n\nUsage: '." + strings.TrimSpace(c.name+" "+c.usage) + "'")
	}
	return err
}

// findCommand finds a command by its name or by a unique prefix of it.
func findCommand(name string) (*command, error) {
	for i := range commands {
		if commands[i].name == name {
			return &commands[i], nil
		}
	}
	for i, c := range commands {
		if strings.HasPrefix(c.name, name) && len(name) >= c.least {
			return &commands[i], nil
		}
	}
	message := fmt.Sprintf("Unknown Command Error: Unrecognized command '.%s'", name)
	if like := Similar(name, commandNames()); len(like) > 0 {
		message += "\n\nDid you mean: \"." + strings.Join(like, `", ".`) + `"`
	}
	return nil, Message(message + "\nRun '.help' for more information.")
}

// Similar returns the names that are similar to a misspelled one, the most similar first.
func Similar(slip string, names []string) []string {
	type candidate struct {
		name string
		far  int
	}
	var found []candidate
	for _, name := range names {
		if far := distance(slip, name); far <= max(1, len(slip)/2) {
			found = append(found, candidate{name, far})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.far - b.far })
	var like []string
	for _, c := range found[:min(3, len(found))] {
		like = append(like, c.name)
	}
	return like
}

func commandNames() []string {
	var names []string
	for _, c := range commands {
		names = append(names, c.name)
	}
	return names
}

// distance is how many letters must be changed, added, dropped or swapped with the
// next to make b of a.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range b {
		rows[0][j+1] = j + 1
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

// help prints the commands whose names match the pattern: their start, or with *
// and ? as file names match.
func (s *Shell) help(_ context.Context, args []string) error {
	if len(args) > 1 {
		return errUsage
	}
	pattern, full := "*", len(args) == 1
	if full && args[0] != "-a" && args[0] != "-all" && args[0] != "--all" {
		pattern = strings.TrimPrefix(args[0], ".") + "*"
	}
	var lines [][2]string
	for _, c := range commands {
		if !matches(pattern, c.name) {
			continue
		}
		lines = append(lines, [2]string{strings.TrimSpace("." + c.name + " " + c.usage), c.doc})
		if full && c.more != "" {
			for _, line := range strings.Split(c.more, "\n") {
				left, right, _ := strings.Cut(line, "\t")
				lines = append(lines, [2]string{"    " + left, right})
			}
		}
	}
	if len(lines) == 0 {
		s.printf("Nothing matches '%s'\n", args[0])
		return nil
	}
	width := 0
	for _, l := range lines {
		if l[1] != "" {
			width = max(width, len(l[0]))
		}
	}
	for _, l := range lines {
		s.printf("%s\n", strings.TrimRight(fmt.Sprintf("%-*s    %s", width, l[0], l[1]), " "))
	}
	if !full {
		s.printf("\nRun .help --all or .help COMMAND for more.\n")
	}
	return nil
}

// matches reports whether s matches a pattern in which * is any text and ? any character.
func matches(pattern, s string) bool {
	switch {
	case pattern == "":
		return s == ""
	case pattern[0] == '*':
		return matches(pattern[1:], s) || s != "" && matches(pattern, s[1:])
	case s == "":
		return false
	}
	return (pattern[0] == '?' || pattern[0] == s[0]) && matches(pattern[1:], s[1:])
}
