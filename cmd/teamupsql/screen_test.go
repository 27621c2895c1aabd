//go:build unix

package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
)

// emulated is the program on a terminal that is emulated, so that a test sees what a
// user would: the screen, and what has scrolled out of it.
type emulated struct {
	t    *testing.T
	file *os.File
	cmd  *exec.Cmd

	mu       sync.Mutex
	changed  *sync.Cond
	terminal *vt.Emulator
	titles   []string // that the program has set
	end      error
}

// emulate starts the program on a terminal of 80 by 24.
func emulate(t *testing.T, args ...string) *emulated {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = []string{asProgram + "=1", demoDay, "HOME=" + t.TempDir(), "TERM=xterm", "NO_COLOR=1", "PATH=" + os.Getenv("PATH"),
		httpsource.EnvToken + "=tok-on-terminal"}
	file, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24})
	require.NoError(t, err)
	x := &emulated{t: t, file: file, cmd: cmd, terminal: vt.NewEmulator(80, 24)}
	x.changed = sync.NewCond(&x.mu)
	title := func(s string) { x.titles = append(x.titles, s) }
	x.terminal.SetCallbacks(vt.Callbacks{Title: title, IconName: title})
	shown := make(chan struct{})
	go func() { x.show(); close(shown) }()
	responded := make(chan struct{})
	go func() { // responses, such as the cursor's position
		_, _ = io.Copy(file, x.terminal)
		_, _ = io.Copy(io.Discard, x.terminal) // the terminal waits for a reader
		close(responded)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = file.Close()
		<-shown
		_ = x.terminal.InputPipe().(io.Closer).Close() // Close itself must not run beside Read
		<-responded
		_ = x.terminal.Close()
	})
	return x
}

// show passes the program's output to the terminal.
func (x *emulated) show() {
	buffer := make([]byte, 1<<16)
	for {
		n, err := x.file.Read(buffer)
		x.mu.Lock()
		_, _ = x.terminal.Write(buffer[:n])
		x.end = err
		x.changed.Broadcast()
		x.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// keys types.
func (x *emulated) keys(text string) {
	x.t.Helper()
	_, err := io.WriteString(x.file, text)
	require.NoError(x.t, err)
}

// transcript returns all rows up to the cursor's, those scrolled out of the screen first.
// The caller has locked x.mu.
func (x *emulated) transcript() []string {
	var rows []string
	row := func(width int, cell func(column int) string) {
		var b strings.Builder
		for column := range width {
			b.WriteString(cell(column))
		}
		rows = append(rows, strings.TrimRight(b.String(), " "))
	}
	for y := range x.terminal.ScrollbackLen() {
		row(80, func(column int) string {
			if c := x.terminal.ScrollbackCellAt(column, y); c != nil {
				return c.Content
			}
			return ""
		})
	}
	for y := range x.terminal.CursorPosition().Y + 1 {
		row(80, func(column int) string { return x.terminal.CellAt(column, y).Content })
	}
	return rows
}

// until waits until the transcript ends with these rows, the cursor behind the last, and
// returns the transcript.
func (x *emulated) until(rows ...string) []string {
	x.t.Helper()
	deadline := time.AfterFunc(patience, func() {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.end = fmt.Errorf("waited for %v", patience)
		x.changed.Broadcast()
	})
	defer deadline.Stop()
	want := strings.Join(rows, "\n")
	x.mu.Lock()
	defer x.mu.Unlock()
	for {
		shown := x.transcript()
		if strings.HasSuffix("\n"+strings.Join(shown, "\n"), "\n"+want) {
			return shown
		}
		if x.end != nil {
			x.t.Fatalf("the terminal does not end with\n%s\n(%v); it shows\n%s", want, x.end, strings.Join(shown, "\n"))
		}
		x.changed.Wait()
	}
}

// fill fills the screen, so that the prompt is on its last row. It returns what is shown.
func (x *emulated) fill() []string {
	x.t.Helper()
	x.until("memory D")
	x.keys(".mode list\r")
	x.until("memory D .mode list", "memory D")
	x.keys(".headers off\r")
	x.until("memory D .headers off", "memory D")
	x.keys("SELECT 'line ' || range FROM range(40);\r")
	shown := x.until("line 38", "line 39", "memory D")
	require.Equal(x.t, 23, x.row(), "the prompt is on the last row, or there is one free row below it")
	return shown
}

// row is the cursor's row; with the prompt at the bottom there may be one free row below.
func (x *emulated) row() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	y := x.terminal.CursorPosition().Y
	if y == 22 {
		return 23
	}
	return y
}

// extend returns the transcript with rows behind its prompt.
func extend(shown []string, rows ...string) []string {
	return append(append([]string{}, shown[:len(shown)-1]...), rows...)
}

func TestEditingErasesNothing(t *testing.T) {
	x := emulate(t)
	shown := x.fill()
	for _, c := range []string{"S", "E", "L", "E", "C", "T", " 1;"} {
		x.keys(c)
	}
	x.until("memory D SELECT 1;")
	x.keys("\r")
	shown = extend(shown, "memory D SELECT 1;", "1", "memory D")
	assert.Equal(t, shown, x.until("1", "memory D"))

	const indent = "         " // the editor puts lines below each other
	// four lines, of which one is as wide as the screen and a half
	x.keys("SELECT\r")
	x.until("memory D SELECT", "")
	x.keys("  2 AS two, '" + strings.Repeat("x", 100) + "' AS xs\r")
	x.until(indent+"  2 AS two, '"+strings.Repeat("x", 58), strings.Repeat("x", 42)+"' AS xs", "")
	x.keys("FROM range(1)\r")
	x.until(indent+"FROM range(1)", "")
	x.keys(";\r")
	got := x.until("2|"+strings.Repeat("x", 78), strings.Repeat("x", 22), "memory D")
	assert.Equal(t, shown[:len(shown)-1], got[:len(shown)-1], "what stood above the statement stays")
	assert.Len(t, got, len(shown)+7, "the statement's four lines take five rows, the result two: %q", got[len(shown)-1:])
	shown = got

	// recalled, edited and dropped
	x.keys("\x1b[A")
	x.until(indent + ";")
	x.keys(ctrlC)
	got = x.until(indent+";", "memory D")
	assert.Equal(t, shown[:len(shown)-1], got[:len(shown)-1])
	shown = got

	// a menu below the prompt
	x.keys("SELECT days_" + tab)
	x.keys(ctrlC)
	x.keys("SELECT 'end';\r")
	got = x.until("end", "memory D")
	assert.Equal(t, shown[:len(shown)-1], got[:len(shown)-1])
	shown = got

	// a menu that is taller than the screen
	x.keys("SELECT * FROM " + tab + tab + tab + ctrlC + ctrlC)
	x.keys("SELECT 'the end';\r")
	got = x.until("the end", "memory D")
	assert.Equal(t, shown[:len(shown)-1], got[:len(shown)-1])
	require.NoError(t, x.leave())
}

// Random editing on the last rows of the screen: what stands above the statement stays.
// All characters are one column wide: the emulator overwrites a wider one that ends at the
// right edge.
func TestRandomEditingErasesNothing(t *testing.T) {
	keys := []string{"a", "é", " ", "\r", "\x1b[D", "\x1b[C", "\x7f", "\x01", "\x05", "\x0b", "\x17",
		"\x1b[200~one\r\ntwo\x1b[201~", strings.Repeat("x", 71), strings.Repeat("y", 80), "\x1b[H", "\x1b[3~",
		"\x1b[A", "\x1b[B"}
	for seed := range uint64(15) {
		random := rand.New(rand.NewPCG(seed, 0))
		x := emulate(t)
		shown := x.fill()
		prompt, keys := []string{"memory D"}, keys
		if seed%3 == 2 {
			prompt, keys = []string{"upper", "lower"}, keys[:len(keys)-2] // .prompt is not recalled and changed
			x.keys(".prompt \"upper\\nlower \"\r")
			shown = x.until(prompt...)
			shown = shown[:len(shown)-1]
		}
		x.keys("SELECT '")
		var typed strings.Builder
		for range 60 {
			k := keys[random.IntN(len(keys))]
			typed.WriteString(k)
			x.keys(k)
		}
		x.keys(ctrlC + "SELECT 'the end';\r")
		got := x.until(append([]string{"the end"}, prompt...)...)
		above := shown[:len(shown)-1]
		require.Equal(t, above, got[:len(above)], "seed %d: %q", seed, typed.String())
		require.NoError(t, x.leave())
	}
}

func TestOutputWithoutALineBreakIsKept(t *testing.T) {
	x := emulate(t)
	x.fill()
	x.keys(".separator , ;\r")
	x.until("memory D .separator , ;", "memory D")
	x.keys("SELECT 'unfinished';\r")
	x.until("memory D SELECT 'unfinished';", "unfinished;", "memory D")
	require.NoError(t, x.leave())
}

// letters are characters of all planes and of several code points, some of them two
// columns wide.
var letters = []string{"García", "Zoë", "é ü ñ ß £ ÿ À ¡", "Łódź", "Жанна", "李小龍", "اسم", "שם", "नमस्ते", "e\u0301", "👍🏽", "👩\u200d👩\u200d👧", "🇳🇿", "𝒳𠮷"}

// latin is every character from U+00A0 to U+00FF but the soft hyphen, which is invisible.
func latin() string {
	var b strings.Builder
	for r := rune(0xA0); r <= 0xFF; r++ {
		if r != 0xAD {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestEveryLetterCanBeEntered(t *testing.T) {
	for name, enter := range map[string]func(x *emulated, text string){
		"typed": func(x *emulated, text string) {
			for _, r := range text {
				x.keys(string(r))
			}
		},
		"in pieces of a byte": func(x *emulated, text string) {
			for i := range len(text) {
				x.keys(text[i : i+1])
			}
		},
		"pasted":               func(x *emulated, text string) { x.keys("\x1b[200~" + text + "\x1b[201~") },
		"pasted into a vt100":  func(x *emulated, text string) { x.keys(text) },
		"with the rest before": func(x *emulated, text string) { x.keys("')) AS h;\x01" + text + "\x05") },
	} {
		t.Run(name, func(t *testing.T) {
			x := emulate(t)
			x.fill()
			for _, text := range append(letters, latin(), strings.Repeat("é", 300), strings.Repeat("😀x", 500)) {
				if name == "with the rest before" {
					enter(x, "SELECT hex(encode('"+text)
				} else {
					enter(x, "SELECT hex(encode('"+text)
					x.keys("')) AS h;")
				}
				x.keys("\r")
				x.until(append(wrapped(strings.ToUpper(hex.EncodeToString([]byte(text)))), "memory D")...)
			}
			require.NoError(t, x.leave())
		})
	}
}

// wrapped returns the text as rows of the screen.
func wrapped(text string) []string {
	var rows []string
	for len(text) > 80 {
		rows = append(rows, text[:80])
		text = text[80:]
	}
	return append(rows, text)
}

func TestLettersAreEdited(t *testing.T) {
	x := emulate(t)
	x.fill()
	x.keys("SELECT 'Zo 李é';")
	x.until("memory D SELECT 'Zo 李é';")
	x.keys("\x1b[D\x1b[D\x7f\x1b[D\x1b[D") // left, left, backspace: é; left, left: behind Zo
	x.keys("ë龍👍🏽e\u0301")
	x.keys("\r")
	x.until("Zoë龍👍🏽e\u0301 李", "memory D")
	require.NoError(t, x.leave())
}

func TestNoValueSteersTheScreen(t *testing.T) {
	x := emulate(t)
	x.fill()
	x.keys("SELECT 'A' || chr(27) || ']0;owned' || chr(7) || chr(155) || '2J' || chr(8238) || 'B';\r")
	x.until(`A\e]0;owned\a\u009b2J\u202eB`, "memory D")
	x.keys("SELECT error('A' || chr(27) || ']0;owned' || chr(7) || 'B');\r")
	x.keys("SELECT 'done';\r")
	assert.Contains(t, strings.Join(x.until("done", "memory D"), "\n"), `Invalid Input Error: A\e]0;owned\aB`)
	x.keys("\x1b[200~SELECT 'pasted\x1b]0;owned\a\u202e\u202c';\x1b[201~")
	x.until("memory D SELECT 'pasted]0;owned';")
	x.keys("\r")
	x.until(`pasted]0;owned\u202e\u202c`, "memory D")
	require.NoError(t, x.leave())
	x.mu.Lock()
	defer x.mu.Unlock()
	assert.Empty(t, x.titles)
}

// leave ends the program with Ctrl-D.
func (x *emulated) leave() error {
	x.keys("\x04")
	ended := make(chan error, 1)
	go func() { ended <- x.cmd.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(patience):
		return fmt.Errorf("Ctrl-D did not end the program")
	}
}
