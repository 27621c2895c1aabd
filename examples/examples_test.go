// Package examples_test builds the examples and runs each with -demo. What they print
// and write is in testdata; -update writes that anew.
package examples_test

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files in testdata anew")

// programs is the directory of the built examples.
var programs string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(build(m.Run))
}

func build(run func() int) int {
	var err error
	if programs, err = os.MkdirTemp("", "examples"); err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(programs)
	if out, err := exec.Command("go", "build", "-o", programs+string(os.PathSeparator), "./...").CombinedOutput(); err != nil {
		fmt.Printf("%v\n%s", err, out)
		return 1
	}
	return run()
}

// command is an example that is about to run in the directory.
func command(dir, name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(programs, name), args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "TZ=UTC") // DuckDB shows times in the machine's zone
	return c
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o600))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// shown is a command of README.md.
var shown = regexp.MustCompile(`(?m)^go run \./examples/(\w+) (.*)$`)

// What the README shows runs, and prints and writes what is expected.
func TestExamples(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	testdata, err := filepath.Abs(filepath.Join("..", "testdata"))
	require.NoError(t, err)
	wrote := map[string]string{"churn": "churn.csv"} // a text that belongs to the output
	ran := []string{"httpjson"}                      // see TestHTTP
	for _, c := range shown.FindAllStringSubmatch(string(readme), -1) {
		name, args := c[1], strings.Fields(c[2])
		if name == "httpjson" {
			continue
		}
		ran = append(ran, name)
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.Symlink(testdata, filepath.Join(dir, "testdata")))
			out, err := command(dir, name, args...).CombinedOutput()
			require.NoError(t, err, string(out))
			text := string(out)
			if file := wrote[name]; file != "" {
				written, err := os.ReadFile(filepath.Join(dir, file))
				require.NoError(t, err)
				text += string(written)
			}
			golden(t, name, text)
		})
	}
	built, err := os.ReadDir(programs)
	require.NoError(t, err)
	for _, program := range built {
		assert.Contains(t, ran, program.Name(), "README.md shows every example")
	}
}

func TestExamplesFailInWords(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"churn without a list": {[]string{"churn", "-demo"}, "-vip FILE"},
		"churn, no such list":  {[]string{"churn", "-demo", "-vip", "none.csv"}, "none.csv"},
		"birthdays, no token":  {[]string{"birthdays"}, "TEAMUP_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			run := command(t.TempDir(), c.args[0], c.args[1:]...)
			for i, v := range run.Env {
				if strings.HasPrefix(v, "TEAMUP_TOKEN=") {
					run.Env[i] = "TEAMUP_TOKEN="
				}
			}
			out, err := run.CombinedOutput()
			assert.Error(t, err)
			assert.Contains(t, string(out), c.says)
		})
	}
}

// The Arrow file holds the customers that the example counts.
func TestArrowFile(t *testing.T) {
	dir := t.TempDir()
	out, err := command(dir, "arrow", "-demo", "-o", "customers.arrow").CombinedOutput()
	require.NoError(t, err, string(out))
	f, err := os.Open(filepath.Join(dir, "customers.arrow"))
	require.NoError(t, err)
	defer f.Close()
	r, err := ipc.NewFileReader(f)
	require.NoError(t, err)
	defer func() { assert.NoError(t, r.Close()) }()
	var rows, counted int64
	for i := range r.NumRecords() {
		batch, err := r.RecordBatch(i)
		require.NoError(t, err)
		rows += batch.NumRows()
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		var from, to, n int64
		_, err := fmt.Sscanf(line, "%d-%d %d customers", &from, &to, &n)
		require.NoError(t, err, line)
		counted += n
	}
	assert.Equal(t, counted, rows)
}

// A night writes a directory of its own, the second time of a day nothing, and only
// the last days stay.
func TestNightlyFiles(t *testing.T) {
	dir := t.TempDir()
	for _, day := range []string{"2026-03-12", "2026-03-13", "2026-03-14", "mine"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "s", day), 0o700))
	}
	for range 2 {
		out, err := command(dir, "nightly", "-demo", "-once", "-to", "s", "-keep", "2").CombinedOutput()
		require.NoError(t, err, string(out))
	}
	var list []string
	require.NoError(t, filepath.WalkDir(filepath.Join(dir, "s"), func(path string, _ fs.DirEntry, err error) error {
		below, _ := filepath.Rel(dir, path)
		list = append(list, filepath.ToSlash(below)+"\n")
		return err
	}))
	golden(t, "nightly_files", strings.Join(list, ""))
}

func TestHTTP(t *testing.T) {
	server := command(t.TempDir(), "httpjson", "-demo", "-addr", "127.0.0.1:0")
	stdout, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() { _ = server.Process.Kill() })
	address, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	var text strings.Builder
	for _, path := range []string{
		"/customers?limit=2",
		"/customers?venue=Old+Town&active=true&after=134000",
		"/customers?active=perhaps",
		"/members",
	} {
		r, err := http.Get(strings.TrimSpace(address) + path)
		require.NoError(t, err)
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.NoError(t, r.Body.Close())
		fmt.Fprintf(&text, "GET %s\n%s\n%s\n", path, r.Status, body)
	}
	golden(t, "httpjson", text.String())
	require.NoError(t, server.Process.Signal(syscall.SIGTERM))
	assert.NoError(t, server.Wait())
}
