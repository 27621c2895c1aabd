package repotest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// shown is a command of the README and the output printed below it.
var shown = regexp.MustCompile("(?s)```sh\n(go run \\./cmd/teamupsql [^`]*)```\n\n```text\n([^`]*)```")

func TestTheReadmesCommandsRunAsPrinted(t *testing.T) {
	atRoot(t)
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	program := filepath.Join(t.TempDir(), "teamupsql")
	out, err := exec.Command("go", "build", "-o", program, "./cmd/teamupsql").CombinedOutput()
	require.NoError(t, err, string(out))
	commands := shown.FindAllStringSubmatch(string(readme), -1)
	require.NotEmpty(t, commands)
	for _, c := range commands {
		command := exec.Command("sh", "-c", strings.Replace(c[1], "go run ./cmd/teamupsql", `"$TEAMUPSQL"`, 1))
		command.Env = append(os.Environ(), "TEAMUPSQL="+program, "HOME="+t.TempDir(), "TEAMUPSQL_DEMO_DAY=2026-03-15")
		out, err := command.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Equal(t, c[2], string(out), c[1])
	}
}

// TestTheReadmesProgramsRun runs the Go programs of the README in a module of their
// own, which has this one's go.mod and a replace, as their user would.
func TestTheReadmesProgramsRun(t *testing.T) {
	atRoot(t)
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	programs := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	want := []string{`^[1-9]\d* active customers\n$`, `^[1-9]\d* rows of decimal\(18, 4\)\n$`}
	require.Len(t, programs, len(want))
	server := teamuptest.NewServer()
	defer server.Close()
	dir := outsideModule(t)
	for i, p := range programs {
		name := fmt.Sprintf("program%d", i)
		require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name, "main.go"), []byte(p[1]), 0o600))
		command := exec.Command("go", "run", "-mod=mod", "./"+name)
		command.Dir = dir
		command.Env = append(os.Environ(), "TEAMUP_BASE_URL="+server.URL(), "TEAMUP_TOKEN=secret")
		out, err := command.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Regexp(t, want[i], string(out))
	}
}

// outsideModule is the folder of a module that requires this one.
func outsideModule(t *testing.T) string {
	t.Helper()
	here, err := os.Getwd()
	require.NoError(t, err)
	mod, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	sums, err := os.ReadFile("go.sum")
	require.NoError(t, err)
	text := strings.Replace(string(mod), "module github.com/teamupsql/teamupsql", "module example.com/outside", 1) +
		"\nrequire github.com/teamupsql/teamupsql v0.0.0\nreplace github.com/teamupsql/teamupsql => " + here + "\n"
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o600))
	return dir
}
