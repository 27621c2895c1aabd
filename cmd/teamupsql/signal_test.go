//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writing is a statement that writes a file for hours.
func writing(file string) string {
	return "COPY (FROM range(1_000_000_000_000)) TO '" + file + "' (FORMAT csv)"
}

// requireWritten waits until there is something in the directory.
func requireWritten(t *testing.T, dir string) {
	t.Helper()
	require.Eventually(t, func() bool {
		files, _ := filepath.Glob(filepath.Join(dir, "*"))
		for _, f := range files {
			if info, err := os.Stat(f); err == nil && info.Size() > 0 {
				return true
			}
		}
		return false
	}, patience, time.Millisecond)
}

// requireEmpty fails if something is left in the directory.
func requireEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestSignalsLeaveNoFile(t *testing.T) {
	// A process inherits that a signal is ignored, as of nohup, but not that it is handled.
	handled := make(chan os.Signal, 1)
	signal.Notify(handled, syscall.SIGHUP, syscall.SIGINT)
	t.Cleanup(func() { signal.Stop(handled) })
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		for name, args := range map[string]func(sql string) []string{
			"-c":     func(sql string) []string { return []string{"-c", sql, "-c", "SELECT 'not reached'"} },
			"script": func(sql string) []string { return []string{":memory:", sql + "; SELECT 'not reached'"} },
		} {
			t.Run(sig.String()+" "+name, func(t *testing.T) {
				dir := t.TempDir()
				cmd := exec.Command(os.Args[0], args(writing(filepath.Join(dir, "out.csv")))...)
				cmd.Env = []string{asProgram + "=1", demoDay, "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
				var out, errs bytes.Buffer
				cmd.Stdout, cmd.Stderr = &out, &errs
				require.NoError(t, cmd.Start())
				t.Cleanup(func() { _ = cmd.Process.Kill() })
				requireWritten(t, dir)
				require.NoError(t, cmd.Process.Signal(sig))
				var exit *exec.ExitError
				require.ErrorAs(t, cmd.Wait(), &exit)
				assert.Equal(t, 130, exit.ExitCode())
				assert.Equal(t, "Interrupted\n", errs.String())
				assert.Empty(t, out.String())
				requireEmpty(t, dir)
			})
		}
	}
}

// On a terminal, Ctrl-C ends the statement, the other signals the program.
func TestSignalsOnATerminal(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(sig.String(), func(t *testing.T) {
			dir := t.TempDir()
			x := open(t, t.TempDir())
			x.expect(prompt)
			x.keys(writing(filepath.Join(dir, "out.csv")) + ";" + enter)
			requireWritten(t, dir)
			x.keys(ctrlC)
			x.expect("Interrupted")
			x.expect(prompt)
			requireEmpty(t, dir)
			x.keys(writing(filepath.Join(dir, "out.csv")) + ";" + enter)
			requireWritten(t, dir)
			require.NoError(t, x.cmd.Process.Signal(sig))
			x.expect("Interrupted")
			var exit *exec.ExitError
			require.ErrorAs(t, x.cmd.Wait(), &exit)
			assert.Equal(t, 130, exit.ExitCode())
			requireEmpty(t, dir)
		})
	}
}
