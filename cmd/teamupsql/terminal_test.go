//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
)

// screen is the program on a pseudo-terminal.
type screen struct {
	t    *testing.T
	file *os.File
	cmd  *exec.Cmd
	home string

	mu   sync.Mutex
	more *sync.Cond
	seen bytes.Buffer // what was shown since the last match
	end  error
}

// patience is how long a terminal waits for what it expects; it is only ever used
// up by a failure.
const patience = 20 * time.Second

// open starts the program on a terminal of 100 by 30.
func open(t *testing.T, home string, args ...string) *screen {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = []string{asProgram + "=1", demoDay, "HOME=" + home, "TERM=xterm", "NO_COLOR=1", "PATH=" + os.Getenv("PATH"),
		httpsource.EnvToken + "=tok-on-terminal"}
	file, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 100, Rows: 30})
	require.NoError(t, err)
	term := &screen{t: t, file: file, cmd: cmd, home: home}
	term.more = sync.NewCond(&term.mu)
	go term.read()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = file.Close()
	})
	return term
}

func (x *screen) read() {
	buffer := make([]byte, 1<<16)
	for {
		n, err := x.file.Read(buffer)
		x.mu.Lock()
		x.seen.Write(buffer[:n])
		if err != nil {
			x.end = err
		}
		x.more.Broadcast()
		x.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// escapes are the sequences that move the cursor and the like.
var escapes = regexp.MustCompile("\x1b(\\[[0-9;?]*[ -/]*[@-~]|[()][A-Z0-9]|[=>78])|\r")

// expect waits until the pattern is shown, and returns what was shown up to its end.
func (x *screen) expect(pattern string) string {
	x.t.Helper()
	re := regexp.MustCompile(pattern)
	deadline := time.AfterFunc(patience, func() {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.end = fmt.Errorf("waited for %v", patience)
		x.more.Broadcast()
	})
	defer deadline.Stop()
	x.mu.Lock()
	defer x.mu.Unlock()
	for {
		text := escapes.ReplaceAllString(x.seen.String(), "")
		if at := re.FindStringIndex(text); at != nil {
			x.seen.Reset()
			x.seen.WriteString(text[at[1]:])
			return text[:at[1]]
		}
		if x.end != nil {
			x.t.Fatalf("%q was not shown (%v); shown was %q", pattern, x.end, text)
		}
		x.more.Wait()
	}
}

// keys types.
func (x *screen) keys(text string) {
	x.t.Helper()
	_, err := io.WriteString(x.file, text)
	require.NoError(x.t, err)
}

// enter types a line and Enter, and waits until the editor has taken it.
func (x *screen) enter(line string) {
	x.t.Helper()
	x.keys(line + enter)
	x.expect(regexp.QuoteMeta(line) + ` *\n`)
}

// leave ends the program with Ctrl-D.
func (x *screen) leave() {
	x.t.Helper()
	x.keys("\x04")
	ended := make(chan error, 1)
	go func() { ended <- x.cmd.Wait() }()
	select {
	case err := <-ended:
		require.NoError(x.t, err)
	case <-time.After(patience):
		x.mu.Lock()
		defer x.mu.Unlock()
		x.t.Fatalf("Ctrl-D did not end the program; shown was %q", x.seen.String())
	}
}

const (
	enter = "\r"
	tab   = "\t"
	ctrlC = "\x03"
	ctrlR = "\x12"
	up    = "\x1b[A"
)

// prompt is the prompt at the end of what is shown.
const prompt = `memory D $`

func TestTerminalTyping(t *testing.T) {
	x := open(t, t.TempDir())
	x.expect(`teamupsql .*\n(.*\n)?.*` + prompt)
	x.enter("SELECT 40 + 2 AS answer;")
	x.expect(`│ +42 │`)
	x.expect(prompt)
	x.enter("SELECT 'two")
	x.enter("lines' AS t;")
	x.expect(`two\\nlines`)
	x.expect(prompt)
	x.enter(".mode csv")
	x.expect(prompt)
	x.enter("SELECT 1 AS a;")
	x.expect(`a\n1\n`)
	x.expect(prompt)
	x.enter("SELEC;")
	x.expect(`Parser Error: syntax error`)
	x.expect(prompt)
	x.leave()
}

func TestTerminalLineIsDropped(t *testing.T) {
	x := open(t, t.TempDir())
	x.expect(prompt)
	x.keys("SELECT 'not this'" + ctrlC)
	x.expect(prompt)
	x.enter("SELECT 'but this' AS t;")
	x.expect(`│ but this │`)
	x.expect(prompt)
	x.leave()
}

func TestTerminalCompletion(t *testing.T) {
	x := open(t, t.TempDir())
	x.expect(prompt)
	x.keys(".mo" + tab + " lis" + tab + enter)
	x.expect(`\.mode list *\n`)
	x.expect(prompt)
	x.keys("SELECT days_un" + tab)
	x.expect(`days_until_birthday`)
	x.keys(ctrlC)
	x.expect(prompt)
	x.enter(".mode")
	x.expect(`current output mode: list`)
	x.expect(prompt)
	x.keys("FROM teamup_customers(is_" + tab)
	x.expect(`is_slipping_away := +-- BOOLEAN: Whether customers are slipping away`)
	x.keys(ctrlC)
	x.expect(prompt)
	x.leave()
}

func TestTerminalHistoryOverTwoRuns(t *testing.T) {
	home := t.TempDir()
	x := open(t, home)
	x.expect(prompt)
	x.enter("SELECT 'remember")
	x.enter("me' AS t;")
	x.expect(`remember\\nme`)
	x.expect(prompt)
	x.enter("SELECT 'tok-on-terminal' AS secret_one;")
	x.expect(`tok-on-terminal │`)
	x.expect(prompt)
	x.leave()

	text, err := os.ReadFile(filepath.Join(home, ".local", "state", "teamupsql", "history"))
	require.NoError(t, err)
	assert.Equal(t, `"SELECT 'remember\nme' AS t;"`+"\n", string(text))

	y := open(t, home)
	y.expect(prompt)
	y.keys(up)
	y.expect(`me' AS t;`)
	y.keys(enter)
	y.expect(`│ remember\\nme │`)
	y.expect(prompt)
	y.keys(ctrlR + "remem")
	y.expect(`inc-search`)
	y.keys(enter)
	y.expect(`│ remember\\nme │`)
	y.expect(prompt)
	y.leave()
}

func TestTerminalCancelsAScan(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithLatency(time.Hour))
	t.Cleanup(server.Close)
	x := open(t, t.TempDir(), "-base-url", server.URL())
	x.expect(prompt)
	x.keys("SELECT count(*) FROM teamup_customers();" + enter)
	require.Eventually(t, func() bool { return server.InFlight() > 0 }, patience, time.Millisecond)
	begun := time.Now()
	x.keys(ctrlC)
	x.expect(`Interrupted`)
	x.expect(prompt)
	assert.Less(t, time.Since(begun), 5*time.Second)
	x.enter("SELECT 'going on' AS t;")
	x.expect(`│ going on │`)
	x.expect(prompt)
	x.leave()
}

func TestTerminalProgress(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(1000), teamuptest.WithLatency(300*time.Millisecond))
	t.Cleanup(server.Close)
	x := open(t, t.TempDir(), "-base-url", server.URL(), "-concurrency", "1")
	x.expect(prompt)
	x.keys("SELECT count(*) AS n FROM teamup_customers(include_deleted := true);" + enter)
	x.expect(`\d+ (of \d+ )?pages +\d+ rows +\d+ rows/s|\d+/\d+ pages`)
	x.expect(`│ +1000 │`)
	x.expect(prompt)
	x.leave()
}

func TestTerminalPaste(t *testing.T) {
	x := open(t, t.TempDir())
	x.expect(prompt)
	x.enter("CREATE TABLE t(a INTEGER);")
	x.expect(prompt)
	var paste strings.Builder
	for i := range 500 {
		fmt.Fprintf(&paste, "INSERT INTO t VALUES (%d);\n", i)
	}
	x.keys("\x1b[200~" + paste.String() + "\x1b[201~")
	x.expect(`VALUES \(499\);`)
	x.keys(enter)
	x.expect(prompt)
	x.keys("SELECT count(*) AS n, sum(a) AS s FROM t;" + enter)
	x.expect(`│ +500 │ +124750 │`)
	x.expect(prompt)
	x.leave()
}

func TestTerminalResize(t *testing.T) {
	x := open(t, t.TempDir())
	x.expect(prompt)
	const wide = "SELECT repeat('x', 120) AS wide, repeat('y', 60) AS next;"
	x.enter(wide)
	shown := x.expect(prompt)
	assert.Equal(t, 100, widest(shown))
	require.NoError(t, pty.Setsize(x.file, &pty.Winsize{Cols: 150, Rows: 40}))
	x.enter(wide)
	shown = x.expect(prompt)
	assert.Equal(t, 150, widest(shown))
	x.leave()
}

// widest is the width of the widest rule of a table.
func widest(shown string) int {
	most := 0
	for _, line := range strings.Split(shown, "\n") {
		if strings.HasPrefix(line, "┌") {
			most = max(most, len([]rune(line)))
		}
	}
	return most
}

func TestTerminalLogin(t *testing.T) {
	server := teamuptest.NewServer(teamuptest.WithCustomers(5), teamuptest.WithTokens("typed-in-secret"))
	t.Cleanup(server.Close)
	home := t.TempDir()
	x := open(t, home, "-base-url", server.URL())
	x.expect(prompt)
	x.enter(".login -save")
	x.expect(`TeamUp token: `)
	x.keys("typed-in-secret" + enter)
	shown := x.expect(prompt)
	assert.NotContains(t, shown, "typed-in-secret")
	x.keys("SELECT count(*) AS n FROM teamup_customers(include_deleted := true);" + enter)
	x.expect(`│ +5 │`)
	x.expect(prompt)
	x.leave()
	secret, err := os.ReadFile(filepath.Join(home, ".config", "teamupsql", "token"))
	require.NoError(t, err)
	assert.Equal(t, "typed-in-secret\n", string(secret))
}

// A reader that has seen enough ends the program without a word.
func TestBrokenPipe(t *testing.T) {
	cmd := exec.Command("sh", "-c", `"$0" -csv -c "FROM range(10000000)" | head -n 1`, os.Args[0])
	cmd.Env = []string{asProgram + "=1", demoDay, "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	require.NoError(t, err)
	assert.Equal(t, "range\n", string(out))
	assert.Empty(t, errs.String())
}
