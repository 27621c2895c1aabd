package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/cmd/internal/account"
	"github.com/teamupsql/teamupsql/cmd/teamupsql/internal/shell"
)

var update = flag.Bool("update", false, "write the outputs in docs/shell.md anew")

const (
	shellDoc = "../../docs/shell.md"
	first    = "demo:memory D "
	between  = "│             " // marks a statement's further lines
	last     = "└             " // and its last one
)

// session is the part of the document that is replayed.
var session = regexp.MustCompile("(?s)(```text\n\\$ teamupsql -demo\n)(.*?)(```)")

// unsteady are values that differ between runs.
var unsteady = regexp.MustCompile(`(?m)^( *(?:ms|bytes) = ).*`)

func TestTheDocumentedSession(t *testing.T) {
	doc, err := filepath.Abs(shellDoc)
	require.NoError(t, err)
	text, err := os.ReadFile(doc)
	require.NoError(t, err)
	recorded := session.FindStringSubmatch(string(text))
	require.NotNil(t, recorded)
	t.Chdir(t.TempDir()) // the session writes a file
	var out bytes.Buffer
	s := demoShell(t, 80, &out, &out)
	for _, entry := range entries(recorded[2]) {
		lines := strings.Split(entry, "\n")
		for i, line := range lines {
			mark := between
			switch i {
			case 0:
				mark = first
			case len(lines) - 1:
				mark = last
			}
			out.WriteString(mark + line + "\n")
		}
		_ = s.ReadAll(context.Background(), strings.NewReader(entry), shell.Standard)
	}
	replayed := unsteady.ReplaceAllString(out.String(), "${1}…")
	if *update {
		fresh := session.ReplaceAllLiteralString(string(text), recorded[1]+replayed+recorded[3])
		require.NoError(t, os.WriteFile(doc, []byte(fresh), 0o600))
		return
	}
	assert.Equal(t, recorded[2], replayed)
}

// demoShell is a shell of the demo's customers on the day of the documents.
func demoShell(t *testing.T, width int, out, errs io.Writer) *shell.Shell {
	t.Helper()
	s, err := shell.New(context.Background(), shell.Config{
		In: strings.NewReader(""), Out: out, Err: errs, Demo: account.DemoCustomers,
		Env: func(name string) string {
			return map[string]string{"NO_COLOR": "1", account.DemoDayVariable: "2026-03-15"}[name]
		},
		Terminal: shell.Terminal{Out: true, Size: func() (int, int) { return width, 24 }},
	})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

// entries are what the user entered in a recorded session: what follows a prompt,
// and the lines after it until the statement ends.
func entries(recorded string) []string {
	var list []string
	open := false
	for _, line := range strings.Split(recorded, "\n") {
		if entry, ok := strings.CutPrefix(line, first); ok {
			list = append(list, entry)
		} else if open {
			list[len(list)-1] += "\n" + strings.TrimPrefix(strings.TrimPrefix(line, between), last)
		} else {
			continue
		}
		entry := list[len(list)-1]
		open = !strings.HasPrefix(entry, ".") && !strings.HasSuffix(entry, ";")
	}
	return list
}

// Options and commands in the document are those that -help and .help print.
func TestTheDocumentNamesAllOptionsAndCommands(t *testing.T) {
	text, err := os.ReadFile(shellDoc)
	require.NoError(t, err)
	help, _, _ := call(t, "", "-help")
	_, options, _ := strings.Cut(help, "OPTIONS:\n")
	options, _, _ = strings.Cut(options, "\nThe exit status")

	var table strings.Builder
	commands, _, _ := call(t, "", "-c", ".help")
	for _, line := range strings.Split(commands, "\n") {
		if !strings.HasPrefix(line, ".") {
			break
		}
		parts := regexp.MustCompile(`  +`).Split(line, 2)
		table.WriteString("| `" + strings.ReplaceAll(parts[0], "|", `\|`) + "` | " + parts[1] + " |\n")
	}
	want := regexp.MustCompile("(?s)(## Options\n\n```text\n).*?(```)").ReplaceAllString(string(text), "${1}"+strings.ReplaceAll(options, "$", "$$")+"${2}")
	want = regexp.MustCompile(`(?s)(\| command \| \|\n\| --- \| --- \|\n).*?(\n\n)`).ReplaceAllString(want, "${1}"+strings.TrimSuffix(table.String(), "\n")+"${2}")
	if *update {
		require.NoError(t, os.WriteFile(shellDoc, []byte(want), 0o600))
		return
	}
	assert.Equal(t, want, string(text))
}
