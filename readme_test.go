package teamupsql_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// shown is a command of the README and the output printed below it.
var shown = regexp.MustCompile("(?s)```sh\n(go run \\./cmd/teamupsql [^`]*)```\n\n```text\n([^`]*)```")

func TestTheReadmesCommandsRunAsPrinted(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	program := filepath.Join(t.TempDir(), "teamupsql")
	out, err := exec.Command("go", "build", "-o", program, "./cmd/teamupsql").CombinedOutput()
	require.NoError(t, err, string(out))
	commands := shown.FindAllStringSubmatch(string(readme), -1)
	require.NotEmpty(t, commands)
	for _, c := range commands {
		command := exec.Command("sh", "-c", strings.Replace(c[1], "go run ./cmd/teamupsql", `"$TEAMUPSQL"`, 1))
		command.Env = append(os.Environ(), "TEAMUPSQL="+program, "HOME="+t.TempDir())
		out, err := command.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Equal(t, c[2], string(out), c[1])
	}
}

// TestTheReadmesProgramCompiles builds the Go program of the README in a module of
// its own.
func TestTheReadmesProgramCompiles(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	program := regexp.MustCompile("(?s)```go\n(.*?)```").FindStringSubmatch(string(readme))
	require.NotNil(t, program)
	here, err := os.Getwd()
	require.NoError(t, err)
	dir := t.TempDir()
	sums, err := os.ReadFile("go.sum")
	require.NoError(t, err)
	mod, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	text := strings.Replace(string(mod), "module github.com/teamupsql/teamupsql", "module example.com/readme", 1) +
		"\nrequire github.com/teamupsql/teamupsql v0.0.0\nreplace github.com/teamupsql/teamupsql => " + here + "\n"
	for name, content := range map[string]string{"main.go": program[1], "go.mod": text, "go.sum": string(sums)} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	command := exec.Command("go", "vet", "-mod=mod", ".")
	command.Dir = dir
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
}
