//go:build linux

package main

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// host loads the library and gives it no functions of DuckDB. Go initializes the library on
// another thread, in much less than a second.
const host = `
#include <dlfcn.h>
#include <unistd.h>
int main(int count, char **arguments) {
	if (!dlopen(arguments[1], RTLD_NOW)) {
		return 2;
	}
	sleep(1);
	return 0;
}
`

// TestInitializationCallsNoDuckDB: a program passes DuckDB's functions after the library is
// loaded, so the initialization of Go's variables may run before it has them.
func TestInitializationCallsNoDuckDB(t *testing.T) {
	path, err := built()
	require.NoError(t, err)
	source, program := filepath.Join(t.TempDir(), "host.c"), filepath.Join(t.TempDir(), "host")
	require.NoError(t, os.WriteFile(source, []byte(host), 0o600))
	output, err := exec.Command(cmp.Or(os.Getenv("CC"), "cc"), "-o", program, source, "-ldl").CombinedOutput()
	require.NoError(t, err, string(output))
	output, err = exec.Command(program, path).CombinedOutput()
	require.NoError(t, err, string(output))
}
