package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

const exportDoc = "../../docs/export.md"

// documented is a command of the document and the output printed below it.
var documented = regexp.MustCompile("(?s)(```sh\n(teamupsql [^`]*)```\n\n```text\n)([^`]*)(```)")

// The document's commands run one after the other, and print what it says.
func TestTheDocumentedExports(t *testing.T) {
	doc, err := filepath.Abs(exportDoc)
	require.NoError(t, err)
	text, err := os.ReadFile(doc)
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	program := asCommand(t)
	var outputs []string
	for _, c := range documented.FindAllStringSubmatch(string(text), -1) {
		command := exec.Command("sh", "-c", c[2])
		command.Env = append(os.Environ(), "PATH="+program+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+t.TempDir(), asProgram+"=1", demoDay)
		out, err := command.CombinedOutput()
		require.NoError(t, err, "%s\n%s", c[2], out)
		outputs = append(outputs, string(out))
	}
	require.NotEmpty(t, outputs)
	help, _, _ := call(t, "", "export", "-help")
	_, options, _ := strings.Cut(help, "OPTIONS:\n")
	options, _, _ = strings.Cut(options, "\nThe exit status")

	want := documented.ReplaceAllStringFunc(string(text), func(block string) string {
		parts := documented.FindStringSubmatch(block)
		out := outputs[0]
		outputs = outputs[1:]
		return parts[1] + out + parts[4]
	})
	want = regexp.MustCompile("(?s)(## Options\n\n```text\n).*?(```)").ReplaceAllString(want, "${1}"+strings.ReplaceAll(options, "$", "$$")+"${2}")
	if *update {
		require.NoError(t, os.WriteFile(doc, []byte(want), 0o600))
		return
	}
	assert.Equal(t, want, string(text))
}

// asCommand is a directory with a command teamupsql, which is this test's program.
func asCommand(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.Symlink(self, filepath.Join(dir, "teamupsql")))
	return dir
}

// What the document says of COPY's own ways of writing again.
func TestCopyByItselfIsNotAtomic(t *testing.T) {
	t.Chdir(t.TempDir())
	const to = " TO 'd' (FORMAT parquet, PARTITION_BY (y)"
	_, errs, status := call(t, "", "-c", "COPY (SELECT 1 AS id, 2026 AS y)"+to+")")
	require.Zero(t, status, errs)
	_, errs, status = call(t, "", "-c", "COPY (SELECT 1 AS id, 2026 AS y)"+to+")")
	assert.NotZero(t, status)
	assert.Contains(t, errs, "not empty")
	_, _, status = call(t, "", "-c", "COPY (SELECT error('x') AS id, 2026 AS y)"+to+", OVERWRITE)")
	assert.NotZero(t, status)
	files, err := filepath.Glob("d/*/*.parquet")
	require.NoError(t, err)
	assert.Empty(t, files)
}

// Table formats come with extensions, none of which is in the program.
func TestNoTableFormatIsBundled(t *testing.T) {
	out, errs, status := call(t, "", "-list", "-noheader", "-c",
		"SELECT extension_name, installed FROM duckdb_extensions() WHERE extension_name IN ('ducklake', 'iceberg', 'delta', 'parquet') AND install_mode <> 'REPOSITORY' ORDER BY 1")
	require.Zero(t, status, errs)
	assert.Equal(t, "delta|false\nducklake|false\niceberg|false\nparquet|true\n", out)
}

func TestExportOptions(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	for name, c := range map[string]struct {
		args []string
		errs string
	}{
		"no directory":      {nil, "-to DIR"},
		"empty directory":   {[]string{"-to", " "}, "it is empty"},
		"a name":            {[]string{"-to", dir, "other"}, `not "other"`},
		"both":              {[]string{"-to", dir, "-full", "-incremental"}, "not both"},
		"business twice":    {[]string{"-to", dir, "-provider-id", "7", "-provider-ids", "7,8"}, "not both"},
		"ids":               {[]string{"-to", dir, "-extra-customer-fields", "12,x"}, "separated by commas"},
		"unknown":           {[]string{"-too", dir}, "Did you mean: \"-to\""},
		"compression":       {[]string{"-to", dir, "-compression", "zip"}, "one of snappy"},
		"keep":              {[]string{"-to", dir, "-keep", "-1"}, "0 or more"},
		"columns":           {[]string{"-to", dir, "-columns", "id,,email"}, "separated by commas"},
		"partition":         {[]string{"-to", dir, "-partition-by", "year(created_at)"}, "a name in lower case"},
		"none and another":  {[]string{"-to", dir, "-demo", "-partition-by", "none", "-partition-by", "x=1"}, "none"},
		"an option of -c's": {[]string{"-to", dir, "-csv"}, "teamupsql export -help"},
		"no token":          {[]string{"-to", dir}, "TEAMUP_TOKEN"},
		"no such column":    {[]string{"-demo", "-to", dir, "-columns", "emial"}, `"email"`},
	} {
		t.Run(name, func(t *testing.T) {
			out, errs, status := call(t, "", append([]string{"export"}, c.args...)...)
			assert.Empty(t, out)
			assert.Contains(t, errs, c.errs)
			assert.Equal(t, 1, status)
		})
	}
	_, errs, status := call(t, "", "-demo", "export", "-to", dir)
	assert.Contains(t, errs, "begins with its name: teamupsql export -to DIR")
	assert.Equal(t, 1, status)
	assert.NoFileExists(t, filepath.Join(dir, "current"))
}

func TestExportFromAServer(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(250), teamuptest.WithTokens("tok-123"), teamuptest.WithProviders(5, 6))
	t.Cleanup(server.Close)
	home := t.TempDir()
	saved := filepath.Join(home, ".config", "teamupsql", "token") // as .login -save keeps it
	require.NoError(t, os.MkdirAll(filepath.Dir(saved), 0o700))
	require.NoError(t, os.WriteFile(saved, []byte("tok-123\n"), 0o600))
	dir := filepath.Join(home, "out")
	args := []string{"export", "-base-url", server.URL(), "-to", dir, "-columns", "email, gender", "-where", "is_active",
		"-partition-by", "gender", "-partition-by", "odd=id % 2", "-include-deleted", "-compression", "SNAPPY"}
	out, errs, status := callAt(t, home, "", append(args, "-provider-id", "6")...)
	require.Zero(t, status, errs)
	assert.Regexp(t, `^full: \d+ customers in \d+ files, \d requests; now in .*v000001\n$`, out)
	csv, _, _ := call(t, "", "-csv", "-noheader", "-c", "SELECT count(*) > 50, count(*) = count(DISTINCT id), bool_and(odd = id % 2), bool_and(by_gender = coalesce(nullif(gender, ''), 'unknown'))"+
		" FROM read_parquet('"+dir+"/current/**/*.parquet', hive_partitioning = true)")
	assert.Equal(t, "true,true,true,true\n", csv)

	_, errs, status = callAt(t, home, "", append(args, "-provider-id", "5", "-incremental")...)
	assert.Contains(t, errs, "provider 6")
	assert.Equal(t, 1, status)
	assert.NotContains(t, errs, "tok-123")
}

// exportDead exports in a process of its own, which gets the signal in the middle.
func exportDead(t *testing.T, dir string, sig os.Signal) (status int, errs string) {
	t.Helper()
	asked := make(chan struct{})
	var once sync.Once
	server := teamuptest.NewServer(teamuptest.WithCustomers(1000), teamuptest.WithFault(teamuptest.Answer(
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			once.Do(func() { close(asked) })
			<-r.Context().Done()
		})), func(c teamuptest.Call) bool { return c.Offset > 500 }))
	defer server.Close()
	command := exec.Command(filepath.Join(asCommand(t), "teamupsql"), "export", "-base-url", server.URL(), "-to", dir)
	command.Env = append(os.Environ(), asProgram+"=1", demoDay, httpsource.EnvToken+"=tok", "HOME="+t.TempDir())
	stderr, err := command.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	<-asked
	require.NoError(t, command.Process.Signal(sig))
	said, err := io.ReadAll(bufio.NewReader(stderr))
	require.NoError(t, err)
	require.Error(t, command.Wait())
	return command.ProcessState.ExitCode(), string(said)
}

// A process that ends in the middle of an export leaves what was there, and the next
// export does not mind what is left of it.
func TestAnExportThatIsKilled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	_, errs, status := call(t, "", "export", "-demo", "-to", dir)
	require.Zero(t, status, errs)
	for sig, want := range map[syscall.Signal]int{syscall.SIGKILL: -1, syscall.SIGTERM: 130, syscall.SIGINT: 130} {
		status, errs := exportDead(t, dir, sig)
		assert.Equal(t, want, status, "%v: %s", sig, errs)
		to, err := os.Readlink(filepath.Join(dir, "current"))
		require.NoError(t, err)
		assert.Equal(t, "snapshots/v000001", to)
		if sig == syscall.SIGKILL {
			assert.DirExists(t, filepath.Join(dir, "snapshots", "v000002"))
		}
		out, errs, status := call(t, "", "export", "-demo", "-to", dir, "-incremental")
		assert.Zero(t, status, errs)
		assert.Contains(t, out, "no customers after")
		assert.NoDirExists(t, filepath.Join(dir, "snapshots", "v000002"))
	}
}
